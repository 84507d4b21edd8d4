//! A bare socket that waits: the floor for size, memory and build.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use cloudjob_peers::{JOB_ID, args, median, peak_memory};

fn main() {
    let (url, task, numbers) = args();
    let address = url.trim_start_matches("http://").to_owned();
    let token = "t".repeat(numbers.first().copied().unwrap_or(100));
    let stream = TcpStream::connect(&address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let request =
        format!("GET /v1/demo/jobs/{JOB_ID} HTTP/1.1\r\nhost: {address}\r\nx-auth-token: {token}\r\n\r\n");
    let mut polled = || {
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap();
                }
                None if line.trim().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        body
    };
    if task == "poll" {
        return println!("{}", median(|| drop(polled())));
    }
    while !polled().windows(9).any(|part| part == b"\"SUCCESS\"") {
        sleep(Duration::from_millis(100));
    }
    println!("{}", peak_memory());
}
