//! Which certificates a server is checked against.

use std::path::PathBuf;

use crate::error::poll::TransportError;

/// The certificates that vouch for a server.
#[derive(Clone, Debug, Default)]
pub(crate) enum RootStore {
    /// Mozilla's, as built in.
    #[default]
    Bundled,
    /// Those of the operating system.
    #[cfg(feature = "platform-verifier")]
    Platform,
    /// Those of a PEM file, and no others.
    CaFile(PathBuf),
}

#[cfg(feature = "rustls")]
impl RootStore {
    /// The setting of ureq that stands for these roots.
    pub(super) fn to_tls(&self) -> Result<ureq::tls::TlsConfig, TransportError> {
        use ureq::tls::{RootCerts, TlsConfig};

        let certificates = match self {
            Self::Bundled => RootCerts::WebPki,
            #[cfg(feature = "platform-verifier")]
            Self::Platform => RootCerts::PlatformVerifier,
            Self::CaFile(path) => file::read(path)?.into(),
        };
        Ok(TlsConfig::builder().root_certs(certificates).build())
    }
}

#[cfg(not(feature = "rustls"))]
impl RootStore {
    /// A CA file that would never be looked at is a mistake.
    pub(super) fn check(&self) -> Result<(), TransportError> {
        match self {
            Self::Bundled => Ok(()),
            Self::CaFile(path) => Err(TransportError::new(
                crate::error::poll::TransportErrorKind::InvalidUrl,
                format!(
                    "the CA file {} is of no use in a build without TLS: enable the feature rustls",
                    path.display()
                ),
            )),
        }
    }
}

#[cfg(feature = "rustls")]
mod file {
    use std::fs::File;
    use std::io::Read;
    use std::path::Path;

    use ureq::tls::{Certificate, PemItem, parse_pem};

    use crate::error::poll::{TransportError, TransportErrorKind};

    pub(super) fn read(path: &Path) -> Result<Vec<Certificate<'static>>, TransportError> {
        parse(path).map_err(|why| {
            let path = path.display();
            TransportError::new(TransportErrorKind::Certificate, format!("the CA file {path} {why}"))
        })
    }

    fn parse(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
        let mut pem = Vec::new();
        File::open(path)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut pem))
            .map_err(|error| format!("cannot be read: {error}"))?;
        if pem.len() as u64 > LARGEST {
            return Err("is larger than 16 MiB".into());
        }
        let mut certificates = Vec::new();
        for item in parse_pem(&pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) if is_certificate(certificate.der()) => {
                    certificates.push(certificate);
                }
                Ok(PemItem::Certificate(_)) => {
                    let place = certificates.len() + 1;
                    return Err(format!("is broken: its certificate number {place} is none"));
                }
                Ok(_) => {}
                Err(_) => return Err("is broken: it is not PEM all the way through".into()),
            }
        }
        if certificates.is_empty() {
            return Err("holds no certificate: give one or more in PEM, `-----BEGIN CERTIFICATE-----`".into());
        }
        Ok(certificates)
    }

    /// The shape of a certificate in DER: a sequence that fills the bytes to the last, and starts with a sequence.
    /// rustls skips what it cannot read, so that garbage would be noticed no sooner than at the first connection.
    fn is_certificate(der: &[u8]) -> bool {
        let Some((&[0x30, first], rest)) = der.split_first_chunk::<2>() else {
            return false;
        };
        let (length, content) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let Some((length, content)) = rest.split_at_checked(usize::from(first & 0x7f)) else {
                return false;
            };
            if length.len() > 4 {
                return false;
            }
            (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), content)
        };
        content.len() == length && content.first() == Some(&0x30)
    }

    const LARGEST: u64 = 16 * 1024 * 1024;
}
