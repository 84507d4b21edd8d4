//! How credentials become headers: logins, the catalog that a login brings, and signatures. No socket, no clock.

pub(crate) mod catalog;
pub(crate) mod clouds;
pub(crate) mod clouds_file;
pub(crate) mod environment;
pub(crate) mod keystone;
pub(crate) mod profile;
pub(crate) mod set;
pub(crate) mod settings;
pub(crate) mod settings_error;
#[cfg(feature = "signing")]
pub(crate) mod signing;
pub(crate) mod words;

/// Percent-encodes whatever is not `A-Z a-z 0-9 - _ . ~`, byte by byte.
pub(crate) fn percent_encode(bytes: &[u8], into: &mut String) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            for digit in [byte >> 4, byte & 15] {
                into.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
}
