//! Real sockets on loopback, peers that behave and peers that do not.

mod broken;
mod exchange;
mod log;
mod dns;
mod server;
#[cfg(feature = "rustls")]
mod tls;
mod tunnel;
