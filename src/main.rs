//! The command `cloudjob`.
fn main() {}
