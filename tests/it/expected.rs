//! What a body says, written down by hand, to be held against what the library makes of it.

use cloudjob::{Job, Timestamp};

/// The name of a body, and what a job read from it must say. An empty text stands for none.
pub(crate) struct Expected {
    pub(crate) body: &'static str,
    pub(crate) id: &'static str,
    pub(crate) status: &'static str,
    pub(crate) job_type: &'static str,
    /// Begin and end as sent.
    pub(crate) times: [&'static str; 2],
    pub(crate) duration_ms: Option<u128>,
    /// `name=id+id name=id`, sorted by name.
    pub(crate) ids: &'static str,
    /// `id:STATUS` of each direct sub-job.
    pub(crate) sub_jobs: &'static str,
    pub(crate) total: Option<u64>,
    pub(crate) error_code: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) const NOTHING: Expected = Expected {
    body: "",
    id: "",
    status: "",
    job_type: "",
    times: ["", ""],
    duration_ms: None,
    ids: "",
    sub_jobs: "",
    total: None,
    error_code: "",
    reason: "",
};

impl Expected {
    pub(crate) fn check(&self, body: &[u8]) -> Job {
        let name = self.body;
        let job = Job::from_slice(body).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(job.id_text().unwrap_or_default(), self.id, "{name}: id");
        assert_eq!(job.status_text(), self.status, "{name}: status");
        assert_eq!(job.job_type().unwrap_or_default(), self.job_type, "{name}: type");
        let times = [job.begin_time(), job.end_time()].map(|time| time.map_or("", Timestamp::as_str));
        assert_eq!(times, self.times, "{name}: times");
        assert_eq!(job.duration().map(|span| span.as_millis()), self.duration_ms, "{name}: duration");
        let ids = job.all_ids();
        for (id, values) in &ids {
            assert_eq!(&job.ids(id), values, "{name}: {id}");
        }
        let ids: Vec<_> = ids.iter().map(|(id, values)| format!("{id}={}", values.join("+"))).collect();
        assert_eq!(ids.join(" "), self.ids, "{name}: ids");
        let sub_jobs = job.sub_jobs().iter();
        let sub_jobs: Vec<_> =
            sub_jobs.map(|sub| format!("{}:{}", sub.id_text().unwrap_or_default(), sub.status())).collect();
        assert_eq!(sub_jobs.join(" "), self.sub_jobs, "{name}: sub-jobs");
        assert_eq!(job.sub_jobs_total(), self.total, "{name}: total of sub-jobs");
        assert_eq!(job.error_code().unwrap_or_default(), self.error_code, "{name}: error code");
        assert_eq!(job.reason().unwrap_or_default(), self.reason, "{name}: reason");
        assert!(job.message().is_none() && job.code().is_none(), "{name}: message and code");
        job
    }
}
