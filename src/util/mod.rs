//! Helpers that know nothing of jobs: time, text, secrets.

pub(crate) mod cancel;
pub(crate) mod clock;
pub(crate) mod duration;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod percent;
pub(crate) mod redact;
pub(crate) mod rng;
pub(crate) mod sanitize;
pub(crate) mod secret;
