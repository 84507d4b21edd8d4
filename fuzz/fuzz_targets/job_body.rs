//! Any bytes as the body of a job: whatever can be asked of it, all of it bounded.
#![no_main]

use cloudjob::{Job, JobId, fuzzing};
use libfuzzer_sys::fuzz_target;

fn ask(job: &Job, depth: usize) -> usize {
    assert!(depth < 200, "nested too deeply");
    let _ = (job.id_text(), job.status().is_terminal(), job.status_text(), job.job_type(), job.duration());
    let _ = (job.error_code(), job.fail_reason(), job.message(), job.code(), job.reason());
    let _ = (job.begin_time().map(|time| time.instant()), job.end_time().map(|time| time.instant()));
    assert!(job.sub_jobs_done() <= job.sub_jobs().len());
    for name in ["server_id", "volume_ids", "errorcode_message", "nic_id", "x"] {
        let ids = job.ids(name);
        for (index, id) in ids.iter().enumerate() {
            assert!(!id.is_empty() && !ids[..index].contains(id), "{ids:?}");
        }
    }
    1 + job.sub_jobs().iter().map(|sub| ask(sub, depth + 1)).sum::<usize>()
}

fuzz_target!(|body: &[u8]| {
    let job = match Job::from_slice(body) {
        Ok(job) => job,
        Err(error) => {
            let text = error.to_string();
            assert!(text.chars().count() < 400 && !text.chars().any(char::is_control), "{text:?}");
            return;
        }
    };
    let jobs = ask(&job, 0);
    assert!(jobs <= 1 + body.len(), "{jobs} jobs out of {} bytes", body.len());
    assert!(job.failed_sub_jobs().count() + job.succeeded_sub_jobs().count() <= jobs);
    let text = format!("{job} {}", job.status());
    assert!(!text.chars().any(char::is_control), "{text:?}");
    let _ = format!("{job:?}");
    let text = fuzzing::failure(job, &JobId::new("ff80").unwrap()).to_string();
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
});
