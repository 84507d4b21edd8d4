//! Prints the servers that the job of its build created.

include!(concat!(env!("OUT_DIR"), "/servers.rs"));

fn main() {
    for server in SERVERS {
        println!("{server}");
    }
}
