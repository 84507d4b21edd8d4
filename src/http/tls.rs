//! Which library does TLS, and which certificates a server is checked against.

use std::path::PathBuf;

use crate::error::poll::TransportError;

/// The certificates that vouch for a server.
#[derive(Clone, Debug, Default)]
pub(crate) enum RootStore {
    /// Mozilla's, as built in, with rustls; those of the operating system with native-tls.
    #[default]
    Default,
    /// Those of the operating system.
    #[cfg(feature = "platform-verifier")]
    Platform,
    /// Those of a PEM file, and no others.
    CaFile(PathBuf),
}

/// The library that does TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TlsLibrary {
    None,
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    Rustls,
    #[cfg(feature = "native-tls")]
    Native,
}

impl Default for TlsLibrary {
    #[allow(unreachable_code, reason = "the first one that there is")]
    fn default() -> Self {
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
        return Self::Rustls;
        #[cfg(feature = "native-tls")]
        return Self::Native;
        Self::None
    }
}

impl TlsLibrary {
    /// Whether HTTPS can be used now. Otherwise a clause says why not.
    pub(super) fn check(self) -> Result<(), &'static str> {
        match self {
            Self::None => Err("this is a build without TLS: enable the feature rustls or native-tls"),
            // ureq would panic.
            #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
            Self::Rustls if rustls::crypto::CryptoProvider::get_default().is_none() => Err(
                "no crypto provider is installed for rustls: call install_default() of one first, or enable the feature rustls",
            ),
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
            Self::Rustls => Ok(()),
            #[cfg(feature = "native-tls")]
            Self::Native => Ok(()),
        }
    }

    /// The setting of ureq that stands for this library and these roots.
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
    pub(super) fn to_ureq(self, roots: &RootStore) -> Result<ureq::tls::TlsConfig, TransportError> {
        use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

        let (provider, default) = match self {
            #[cfg(feature = "native-tls")]
            Self::Native => (TlsProvider::NativeTls, RootCerts::PlatformVerifier),
            _ => (TlsProvider::Rustls, RootCerts::WebPki),
        };
        let certificates = match roots {
            RootStore::Default => default,
            #[cfg(feature = "platform-verifier")]
            RootStore::Platform => RootCerts::PlatformVerifier,
            RootStore::CaFile(path) => file::read(path)?.into(),
        };
        Ok(TlsConfig::builder().provider(provider).root_certs(certificates).build())
    }
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
impl RootStore {
    /// A CA file that is never used is a mistake.
    pub(super) fn check(&self) -> Result<(), TransportError> {
        match self {
            Self::Default => Ok(()),
            Self::CaFile(path) => Err(TransportError::new(
                crate::error::poll::TransportErrorKind::InvalidUrl,
                format!(
                    "the CA file {} has no effect in a build without TLS: enable the feature rustls or native-tls",
                    path.display()
                ),
            )),
        }
    }
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
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
            .and_then(|file| file.take(MAX_LENGTH + 1).read_to_end(&mut pem))
            .map_err(|error| format!("cannot be read: {error}"))?;
        if pem.len() as u64 > MAX_LENGTH {
            return Err("is larger than 16 MiB".into());
        }
        if pem.starts_with(&[0xff, 0xfe]) || pem.starts_with(&[0xfe, 0xff]) {
            return Err("is UTF-16: save it as plain text".into());
        }
        let pem = pem.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&pem);
        let mut certificates = Vec::new();
        for item in parse_pem(pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) if is_certificate(certificate.der()) => {
                    certificates.push(certificate);
                }
                Ok(PemItem::Certificate(_)) => {
                    let place = certificates.len() + 1;
                    return Err(format!("is malformed: its certificate number {place} is not a certificate"));
                }
                Ok(_) => {}
                Err(_) => return Err("is malformed: it is not PEM to its end".into()),
            }
        }
        if certificates.is_empty() {
            return Err(
                "contains no certificate: give one or more in PEM, `-----BEGIN CERTIFICATE-----`".into()
            );
        }
        Ok(certificates)
    }

    /// The shape of a certificate in DER: a sequence that takes all of the bytes, and begins with a sequence.
    /// rustls skips what it cannot parse, so that garbage would not be noticed before the first connection.
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

    const MAX_LENGTH: u64 = 16 * 1024 * 1024;
}
