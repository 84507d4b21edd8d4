//! Real sockets on loopback, peers that behave and peers that do not.

mod broken;
mod exchange;
mod log;
mod dns;
mod server;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls;
mod tunnel;
