//! The ids of created resources for `--output ids`.

use std::collections::HashSet;

use crate::job::Job;
use crate::job::failure::Failure;
use crate::util::sanitize::label;

/// The ids that have been printed.
#[derive(Debug, Default)]
pub(crate) struct CreatedIds(HashSet<String>);

impl CreatedIds {
    /// The ids of the resources that a job created, one per line, without those that were printed before; `None` if there
    /// are none.
    pub(crate) fn new_ids(&mut self, job: &Job) -> Option<String> {
        // What was deleted is no longer there.
        if job.job_type().is_some_and(|job_type| job_type.to_ascii_lowercase().contains("delete")) {
            return None;
        }
        let named = Failure::of(job).resource_ids().into_iter().filter(|(name, _)| name != "order_id");
        let ids = named.flat_map(|(_, ids)| ids).map(|id| label(&id));
        let new: Vec<_> = ids.filter(|id| self.0.insert(id.clone())).collect();
        (!new.is_empty()).then(|| new.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_is_printed_once() {
        let job = |ids: &str| {
            let body = format!(r#"{{"status":"SUCCESS","entities":{{"sub_jobs":[{ids}]}}}}"#);
            Job::from_slice(body.as_bytes()).unwrap()
        };
        let entity = |id: &str| format!(r#"{{"status":"SUCCESS","entities":{{"server_id":"{id}"}}}}"#);
        let mut ids = CreatedIds::default();
        assert_eq!(ids.new_ids(&job(&[entity("a"), entity("b")].join(","))).as_deref(), Some("a\nb"));
        assert_eq!(ids.new_ids(&job(&[entity("b"), entity("c")].join(","))).as_deref(), Some("c"));
        assert_eq!(ids.new_ids(&job("")), None);
    }
}
