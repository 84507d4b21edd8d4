//! The ids a job and its sub-jobs name.

use std::collections::HashSet;

use super::Job;
use super::entities::singular;

impl Job {
    /// The ids with this name in the entities of the job and of all its sub-jobs, at any depth, each once, in the
    /// order in which they appear.
    ///
    /// An `X_ids` (an array, or a text with commas) counts as `X_id`, so that `volume_id` and `volume_ids` give the
    /// same. Empty ids are left out.
    ///
    /// ```
    /// use cloudjob::Job;
    ///
    /// let job = Job::from_slice(br#"{"status":"SUCCESS", "entities":{"volume_id":"a", "volume_ids":"a,b"}}"#)?;
    /// assert_eq!(job.ids("volume_id"), ["a", "b"]);
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    pub fn ids(&self, name: &str) -> Vec<String> {
        let mut found = Ids::default();
        self.each_text(&mut |known, id| {
            if known == singular(name) {
                found.add(id);
            }
        });
        found.list
    }

    /// Every id in the entities of the job and of all its sub-jobs: the names in `_id`, sorted, each with its ids as
    /// [`ids`](Self::ids) gives them. `job_id` is left out.
    pub fn all_ids(&self) -> Vec<(String, Vec<String>)> {
        let mut found: Vec<(String, Ids)> = Vec::new();
        self.each_text(&mut |name, id| {
            if name.ends_with("_id") && name != "job_id" {
                let known = found.binary_search_by(|(known, _)| known.as_str().cmp(name));
                let place = known.unwrap_or_else(|place| {
                    found.insert(place, (name.to_owned(), Ids::default()));
                    place
                });
                found[place].1.add(id);
            }
        });
        found.into_iter().map(|(name, ids)| (name, ids.list)).collect()
    }

    fn each_text(&self, found: &mut dyn FnMut(&str, &str)) {
        for (name, id) in self.extra.iter().flat_map(|extra| &extra.ids) {
            found(name, id);
        }
        self.entities.each_text(found);
        for job in &self.sub_jobs {
            job.each_text(found);
        }
    }
}

/// Ids in the order in which they were found, each once.
#[derive(Default)]
struct Ids {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl Ids {
    fn add(&mut self, id: &str) {
        if !self.seen.contains(id) {
            self.seen.insert(id.to_owned());
            self.list.push(id.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::job::tests::job;

    #[test]
    fn ids_come_from_everywhere_once_and_in_order() {
        let job = job(json!({
            "status": "SUCCESS",
            "entities": {
                "elb": {"id": "e", "vpc_id": "v", "admin_state_up": false, "tenant_id": ""},
                "results": [{"image_id": "i2", "status": "success"}, {"image_id": "i1"}, {"image_id": null}],
                "image_id": "i1",
                "order_id": 77,
                "volume_ids": "b, a,,b",
                "sub_jobs": [
                    {"job_id": "j", "entities": {"volume_id": "a", "volume_ids": ["c", " "], "job_id": "x"}},
                    {"status": "RUNNING", "entities": {"sub_jobs": [{"entities": [{"server_id": "deep"}]}]}},
                ],
            },
        }));
        assert_eq!(job.ids("volume_id"), ["b", "a", "c"]);
        assert_eq!(job.ids("volume_ids"), ["b", "a", "c"]);
        assert_eq!(job.ids("vpc_id"), ["v"]);
        assert_eq!(job.ids("order_id"), ["77"]);
        assert_eq!(job.ids("id"), ["e"]);
        assert!(job.ids("nic_id").is_empty() && job.ids("").is_empty() && job.ids("tenant_id").is_empty());
        let all: Vec<_> =
            job.all_ids().into_iter().map(|(name, ids)| format!("{name}={}", ids.join("+"))).collect();
        let mut images = job.ids("image_id");
        images.sort();
        assert_eq!(images, ["i1", "i2"]);
        assert_eq!(
            all,
            [
                &format!("image_id={}", job.ids("image_id").join("+")),
                "order_id=77",
                "server_id=deep",
                "volume_id=b+a+c",
                "vpc_id=v"
            ]
        );
    }

    #[test]
    fn a_text_with_a_comma_is_one_id_unless_the_name_says_more() {
        let job = job(json!({"status": "SUCCESS", "entities": {"a_id": "1,2", "b_ids": "1,2"}}));
        assert_eq!(
            (job.ids("a_id"), job.ids("b_id")),
            (vec!["1,2".to_owned()], vec!["1".into(), "2".into()])
        );
    }
}
