//! One module per subcommand.

pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod man;
pub(crate) mod post;
pub(crate) mod show;
pub(crate) mod simulate;
pub(crate) mod until;
pub(crate) mod wait;
pub(crate) mod whoami;
