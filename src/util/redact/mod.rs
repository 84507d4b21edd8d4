//! Secrets masked in text that is about to be shown or handed on.
//!
//! Two searches, both after all decoding: by the names that stand beside secrets ([`mask_secrets`]), and for the secrets
//! that were sent, wherever they stand ([`KnownSecrets`]).

mod decode;
mod known;
mod names;

pub(super) use self::known::Form;
pub(crate) use self::known::{KnownSecrets, fits};

/// The text with what may be a secret replaced: `***` for values, and nothing at all from an echoed canonical request on.
///
/// A gateway that rejects a signature repeats the request it saw, signed headers included. Rather too much is masked
/// than too little: the text is for people, and the code and the request id stand beside it.
///
/// The text is searched as it is and decoded (JSON escapes, HTML entities, percent-encoding, in any order and repeated);
/// it is returned decoded only if that uncovers a secret. Not found are: a secret without a name beside it that is
/// shorter than 100 characters and does not begin like a token, a name that this list does not have, and any encoding
/// that is not listed here.
pub(crate) fn mask_secrets(text: &str) -> String {
    let masked = names::mask(text);
    let Some(decoded) = decode::decoded(text) else { return masked };
    let masked_decoded = names::mask(&decoded);
    if masked_decoded == decoded { masked } else { masked_decoded }
}

const MASK: &str = "***";
