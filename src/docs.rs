//! Longer pages, the same as in the folder `docs/` of the repository.
//!
//! * [`recipes`]: a deployment tool, many jobs, cleaning up, Ctrl-C, your own loop, async code, `build.rs`, shell, CI, tests.
//! * [`decisions`]: every rule of a wait, with its numbers.
//! * [`fields`]: each field of the services' documents, and the method that returns it.
//! * [`services`]: the services whose jobs can be polled.
//! * [`settings`]: the environment variables and files that are read.
//! * [`coming_from`]: side by side with other ways to wait.
//! * [`examples`]: the programs in the folder `examples/`.

// The pages link to each other by reference. The definitions here come first, so they win over those at the end of a
// page, which lead to files.

#[doc = "[decisions]: crate::docs::decisions\n[settings]: crate::docs::settings\n\n"]
#[cfg_attr(feature = "simulator", doc = include_str!("../docs/recipes.md"))]
#[cfg_attr(
    not(feature = "simulator"),
    doc = "This page needs the feature `simulator`, because its examples use it."
)]
pub mod recipes {}

#[doc = "[recipes]: crate::docs::recipes#your-own-loop\n\n"]
#[doc = include_str!("../docs/decisions.md")]
pub mod decisions {}

#[doc = "[decisions]: crate::docs::decisions\n[services]: crate::docs::services\n\n"]
#[doc = include_str!("../docs/fields.md")]
pub mod fields {}

#[doc = "[fields]: crate::docs::fields#job-types-of-sdrs\n\n"]
#[doc = include_str!("../docs/services.md")]
pub mod services {}

#[doc = include_str!("../docs/settings.md")]
pub mod settings {}

#[doc = "[settings]: crate::docs::settings\n\n"]
#[doc = include_str!("../docs/coming-from.md")]
pub mod coming_from {}

/// The programs in the folder `examples/`, which the tests run against the simulator.
///
/// # One wait
///
/// ```no_run
#[doc = include_str!("../examples/wait.rs")]
/// ```
///
/// # Many waits
///
/// ```no_run
#[doc = include_str!("../examples/wait_many.rs")]
/// ```
///
/// # Clean up after a partial failure
///
/// ```no_run
#[doc = include_str!("../examples/clean_up.rs")]
/// ```
///
/// # Your own loop
///
/// ```no_run
#[doc = include_str!("../examples/own_loop.rs")]
/// ```
///
/// # From async code
///
/// ```no_run
#[doc = include_str!("../examples/async_guard.rs")]
/// ```
pub mod examples {}
