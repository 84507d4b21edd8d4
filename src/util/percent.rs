//! Percent-encoding of parts of a URL (RFC 3986).

/// Appends the text with every byte encoded that is not unreserved (`A-Z a-z 0-9 - _ . ~`).
pub(crate) fn encode(bytes: &[u8], into: &mut String) {
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

/// Decodes `%2b` to its byte. A percent sign that begins no such sequence stays.
#[cfg(feature = "signing")]
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |index: usize| bytes.get(index).and_then(|b| char::from(*b).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            // Two hexadecimal digits are below 256.
            decoded.push((high * 16 + low) as u8);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    decoded
}

#[cfg(all(test, feature = "signing"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_percent_sign_without_two_digits_stays() {
        for (text, decoded) in
            [("a%20b", "a b"), ("%2b%2B", "++"), ("100%", "100%"), ("%2", "%2"), ("%zz", "%zz")]
        {
            assert_eq!(decode(text), decoded.as_bytes(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn decoding_reverses_encoding(text in ".*") {
            let mut encoded = String::new();
            encode(text.as_bytes(), &mut encoded);
            prop_assert_eq!(decode(&encoded), text.as_bytes());
        }
    }
}
