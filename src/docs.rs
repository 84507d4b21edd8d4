//! Longer pages: where each field is, how a wait decides, recipes, and what changes for people who come from elsewhere.
//!
//! * [`fields`]: each field of the service's documents, and the method that gives it.
//! * [`decisions`]: every rule of a wait, with its numbers.
//! * [`recipes`]: a deployment tool, `build.rs`, shell scripts, many jobs, cleaning up, Ctrl-C, async code, tests.
//! * [`coming_from`]: side by side with other ways to wait.
//!
//! This module is made of text; there is nothing in it to be called.

#[allow(unused_imports)] // The pages link to what they speak of.
use crate::error::*;
#[allow(unused_imports)]
use crate::poll::*;
#[allow(unused_imports)]
use crate::*;

#[doc = include_str!("../docs/fields.md")]
pub mod fields {}

#[doc = include_str!("../docs/decisions.md")]
pub mod decisions {}

/// Built without the feature `simulator`, this page is left out: its examples run against it.
#[cfg(not(feature = "simulator"))]
pub mod recipes {}

#[cfg(feature = "simulator")]
#[doc = include_str!("../docs/recipes.md")]
pub mod recipes {}

/// Built without the feature `simulator`, this page is left out: its examples run against it.
#[cfg(not(feature = "simulator"))]
pub mod coming_from {}

#[cfg(feature = "simulator")]
#[doc = include_str!("../docs/coming-from.md")]
pub mod coming_from {}
