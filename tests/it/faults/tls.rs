//! Peers with TLS, and with certificates that are good or bad on purpose.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::peer::{Line, Peer};

/// An authority, and its certificate in a file.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(crate) file: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("authority of the faults {number}"));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = std::env::temp_dir().join(format!("cloudjob-faults-{}-{number}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// A certificate for this name.
    pub(crate) fn config(&self, host: &str, alter: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new([host.to_string()]).unwrap();
        alter(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// A peer whose connections are TLS.
pub(crate) fn start(
    config: Arc<ServerConfig>,
    talk: impl Fn(&mut Secured<'_>) + Send + Sync + 'static,
) -> Peer {
    Peer::start(move |line, _| secure(&config, line, &talk))
}

/// TLS over an existing connection.
pub(crate) fn secure(config: &Arc<ServerConfig>, line: &mut Line, talk: impl FnOnce(&mut Secured<'_>)) {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    talk(&mut StreamOwned::new(connection, &mut line.stream));
}

pub(crate) type Secured<'a> = StreamOwned<ServerConnection, &'a mut std::net::TcpStream>;
