//! The one request of the demo that starts a job, as a user's own program would send it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Sends a JSON body with a token, and gives the body of the answer, whatever its status.
pub(crate) fn post(address: SocketAddr, path: &str, token: &str, body: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nX-Auth-Token: {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer)?;
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let head = head.ok_or_else(|| io::Error::other("the answer is not HTTP"))?;
    Ok(answer.split_off(head + 4))
}

const LIMIT: Duration = Duration::from_secs(5);

const LONGEST: u64 = 1 << 20;
