//! Who asks, and how that is found out and proved.

pub(crate) mod clouds;
pub(crate) mod clouds_file;
pub(crate) mod environment;
pub(crate) mod profile;
pub(crate) mod set;
pub(crate) mod settings;
pub(crate) mod settings_error;
pub(crate) mod words;
