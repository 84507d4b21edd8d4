//! Resources with a scripted state, for waits on the state of a resource.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::dialect::paths::without_prefix;

/// The resources, by path and query.
#[derive(Debug, Default)]
pub(super) struct Resources {
    by_path: HashMap<String, Resource>,
}

#[derive(Debug)]
struct Resource {
    put: Duration,
    states: Vec<(Duration, Value)>,
}

/// What a resource is at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ResourceState {
    /// It exists.
    Present(Value),
    /// It existed before.
    Gone,
}

impl Resources {
    pub(super) fn put(&mut self, path: &str, states: Vec<(Duration, Value)>, now: Duration) {
        self.by_path.insert(path.to_owned(), Resource { put: now, states });
    }

    /// The state of the resource at this path; none if there never was one.
    pub(super) fn state(&self, target: &str, now: Duration) -> Option<ResourceState> {
        let resource = self.find(target)?;
        let state = resource.current(now).and_then(|index| resource.states.get(index));
        Some(state.map_or(ResourceState::Gone, |(_, value)| ResourceState::Present(value.clone())))
    }

    /// Whether its state is going to change.
    pub(super) fn is_pending(&self, target: &str, now: Duration) -> bool {
        let current = self.find(target).and_then(|resource| {
            let (duration, _) = resource.states.get(resource.current(now)?)?;
            Some(*duration < Duration::MAX)
        });
        current.unwrap_or_default()
    }

    fn find(&self, target: &str) -> Option<&Resource> {
        self.by_path.get(target).or_else(|| self.by_path.get(without_prefix(target)))
    }
}

impl Resource {
    /// The index of the current state; none after the last.
    fn current(&self, now: Duration) -> Option<usize> {
        let age = now.saturating_sub(self.put);
        let mut end = Duration::ZERO;
        self.states.iter().position(|(duration, _)| {
            end = end.saturating_add(*duration);
            age < end || *duration == Duration::MAX
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_passes_through_its_states_and_is_gone() {
        let second = Duration::from_secs(1);
        let mut resources = Resources::default();
        resources.put("/v1/p/x", vec![(second, json!("BUILD")), (second, json!("ACTIVE"))], second * 10);
        let present = |word| Some(ResourceState::Present(json!(word)));
        let table = [
            (10_000, present("BUILD"), true),
            (10_999, present("BUILD"), true),
            (11_000, present("ACTIVE"), true),
            (12_000, Some(ResourceState::Gone), false),
        ];
        for (now, expected, pending) in table {
            let now = Duration::from_millis(now);
            assert_eq!(resources.state("/v1/p/x", now), expected, "{now:?}");
            assert_eq!(resources.state("/ecs/v1/p/x", now), expected, "{now:?}");
            assert_eq!(resources.is_pending("/v1/p/x", now), pending, "{now:?}");
        }
        assert_eq!(resources.state("/v1/p/y", second), None);
    }

    #[test]
    fn a_state_without_end_stays() {
        let mut resources = Resources::default();
        resources.put("/x", vec![(Duration::MAX, json!(1))], Duration::ZERO);
        assert_eq!(resources.state("/x", Duration::MAX), Some(ResourceState::Present(json!(1))));
        assert!(!resources.is_pending("/x", Duration::ZERO));
    }
}
