//! A TCP connection on which each connect, read and write ends by the deadline of the request.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

use super::connect::connect;
use super::deadline::{self, Phase};
use super::dns::{DnsCache, ResolveError};
use super::proxy::ProxyServer;
use super::secret_headers::SecretHeaders;

/// Opens the connection: to the proxy if there is one, otherwise to the host of the URL.
#[derive(Debug)]
pub(super) struct SocketConnector {
    pub(super) names: DnsCache,
    pub(super) proxy: Option<Arc<ProxyServer>>,
}

impl<In: Transport> Connector<In> for SocketConnector {
    type Out = Either<In, Socket>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        tunnel: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        if let Some(tunnel) = tunnel {
            deadline::enter(Phase::Handshake);
            return Ok(Some(Either::A(tunnel)));
        }
        let host = details.uri.host().unwrap_or_default();
        let standard = if details.needs_tls() { 443 } else { 80 };
        let port = details.uri.port_u16().unwrap_or(standard);

        deadline::enter(Phase::Resolve);
        let addresses = self.names.addresses(host, port).map_err(|error| match error {
            ResolveError::TimedOut => timed_out(),
            ResolveError::NoThread(why) => ureq::Error::Io(io::Error::new(io::ErrorKind::OutOfMemory, why)),
            ResolveError::Failed(why) => ureq::Error::Io(io::Error::new(io::ErrorKind::NotFound, why)),
        })?;
        deadline::enter(Phase::Connect);
        let stream = connect(&addresses).inspect_err(|_| self.names.forget(host, port))?;
        if addresses.len() > 1 {
            self.names.prefer(host, port, stream.peer_addr()?);
        }
        stream.set_nodelay(true)?;
        deadline::enter(if is_to_proxy(&self.proxy, details) { Phase::Tunnel } else { Phase::Handshake });

        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(Socket {
            stream,
            buffers,
            read_within: None,
            write_within: None,
            write_error: None,
        })))
    }
}

/// The last link of the chain: the connection to the host is open, and gets its outermost layer.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) proxy: Option<Arc<ProxyServer>>,
}

impl<In: Transport> Connector<In> for Opened {
    type Out = Either<In, SecretHeaders<In>>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        transport: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        if is_to_proxy(&self.proxy, details) {
            deadline::enter(Phase::Tunnel);
            return Ok(transport.map(Either::A));
        }
        deadline::enter(Phase::Send);
        Ok(transport.map(|transport| Either::B(SecretHeaders::new(transport))))
    }
}

/// The chain runs a second time for the connection to the proxy itself.
fn is_to_proxy(proxy: &Option<Arc<ProxyServer>>, details: &ConnectionDetails<'_>) -> bool {
    proxy.as_ref().is_some_and(|proxy| proxy.is_destination(details))
}

/// The connection itself.
pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
    read_within: Option<Duration>,
    write_within: Option<Duration>,
    write_error: Option<io::Error>,
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let mut rest = &self.buffers.output()[..amount];
        while !rest.is_empty() {
            within(&mut self.write_within, |limit| self.stream.set_write_timeout(limit))?;
            match self.stream.write(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if is_pause(&error) => {}
                // The peer may have responded before it closed: an alert, or a rejection of a part of the request.
                Err(error) if is_closed(&error) => {
                    self.write_error = Some(error);
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        deadline::enter_wait();
        loop {
            within(&mut self.read_within, |limit| self.stream.set_read_timeout(limit))?;
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(0) => return self.write_error.take().map_or(Ok(false), |error| Err(error.into())),
                Ok(amount) => {
                    deadline::count_received(amount)?;
                    self.buffers.input_appended(amount);
                    return Ok(true);
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        // ureq asks when it returns a connection to its pool and again when it takes it out: the second time is enough.
        if !deadline::is_unsent() {
            return true;
        }
        // Nothing may be readable: an end, an error and unsolicited bytes all make the connection unusable.
        let is_idle = self.stream.set_nonblocking(true).is_ok()
            && self.stream.peek(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        is_idle && self.stream.set_nonblocking(false).is_ok()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the buffers: they hold what was sent.
        f.debug_tuple("Socket").field(&self.stream.peer_addr().ok()).finish()
    }
}

/// Bounds the next read or write by the request's deadline.
///
/// The kernel's timer for this is coarse: at 250 Hz it fires up to 32 ms late for a timeout of up to 2 s, up to 2 s late
/// for one of 30 s, but at most 4 ms late below 256 ms. So at most a second is set at a time, and the last part is short.
/// On a kept connection the timeout that the previous request has set can usually stay, which saves a system call.
fn within(
    current: &mut Option<Duration>,
    set: impl FnOnce(Option<Duration>) -> io::Result<()>,
) -> Result<(), ureq::Error> {
    let left = deadline::left().ok_or_else(timed_out)?;
    let limit = match left.saturating_sub(LAST_PART) {
        most if most >= MAX_AT_A_TIME => MAX_AT_A_TIME,
        most if most >= Duration::from_millis(50) => most,
        _ => left,
    };
    if *current == Some(limit) {
        return Ok(());
    }
    match set(Some(limit)) {
        Ok(()) => *current = Some(limit),
        // macOS rejects this on a connection that the peer has closed; the read or write then reports it.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// The call ended early, by its own timeout or by a signal. Whether time is left is checked before the next one.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
    )
}

fn timed_out() -> ureq::Error {
    ureq::Error::Timeout(ureq::Timeout::Global)
}

const MAX_AT_A_TIME: Duration = Duration::from_secs(1);
const LAST_PART: Duration = Duration::from_millis(200);
