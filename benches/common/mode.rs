//! How a bench was called.

/// What to measure, and how long to take for it.
pub(crate) struct Mode {
    pub(crate) quick: bool,
    filters: Vec<String>,
}

impl Mode {
    /// Reads the arguments: `--quick` (or `CLOUDJOB_BENCH=quick` in the environment) is for a first impression, free
    /// words choose groups, and whatever else begins with a dash is cargo's own.
    ///
    /// `None` where there is nothing to measure: cargo runs the benches as tests too, without `--bench`.
    pub(crate) fn from_args() -> Option<Self> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        if !args.iter().any(|arg| arg == "--bench") {
            println!("nothing is measured here: run `cargo bench`");
            return None;
        }
        let quick = is_quick();
        let filters = args.into_iter().filter(|arg| !arg.starts_with('-')).collect();
        Some(Self { quick, filters })
    }

    /// Whether all groups were asked for.
    pub(crate) fn is_whole(&self) -> bool {
        self.filters.is_empty()
    }

    /// Whether this group was asked for.
    pub(crate) fn wants(&self, group: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| group.contains(filter.as_str()))
    }

    /// The first in quick mode, else the second.
    pub(crate) const fn pick(&self, quick: usize, full: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

/// Whether only a first impression is wanted.
pub(crate) fn is_quick() -> bool {
    std::env::args().any(|arg| arg == "--quick")
        || std::env::var("CLOUDJOB_BENCH").is_ok_and(|mode| mode == "quick")
}
