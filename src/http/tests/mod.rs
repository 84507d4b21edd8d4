//! Real sockets on loopback, with good and bad peers.

mod broken;
mod exchange;
mod log;
mod dns;
mod server;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls;
mod tunnel;
