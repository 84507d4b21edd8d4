//! The rows. To add a service: a row here (unless it speaks a dialect that is there), a row in
//! `endpoint/service.rs`, a body in `tests/it/bodies/services`, and a line in `tests/it/service_bodies.rs`.

use std::time::Duration;

use super::{Dialect, Meaning};

/// The order in which they are tried to tell whose job a body is.
pub(super) const ALL: &[&Dialect] = &[
    &COMMON, &DB, &DDM, &GEMINIDB, &ELB, &CCE, &CBR, &DMS, &CPH, &WORKSPACE, &DWS, &SWR, &SFS_TURBO, &GES,
    &DCS,
];

/// What most dialects have in common.
const BASE: Dialect = Dialect {
    services: &[],
    is_common: false,
    root: "",
    id: &["/job_id"],
    job_type: &["/job_type"],
    status: "/status",
    words: &[],
    status_is_number: false,
    begin: &["/begin_time"],
    end: &["/end_time"],
    is_utc: false,
    error_code: &["/error_code"],
    fail_reason: &["/fail_reason"],
    message: &[],
    progress: &[],
    sub_jobs: "",
    ids: &[],
    hidden: &[],
    blank_is_unknown: false,
    unknown_codes: &[],
    grace: SHORT_GRACE,
};

/// `GET /v1/{project_id}/jobs/{job_id}`. Read by the fast decoder; this row is for its words and to recognise it.
pub(crate) const COMMON: Dialect = Dialect {
    services: &["ecs", "sdrs", "evs", "ims", "bms", "eip", "vbs", "deh"],
    is_common: true,
    words: &[
        ("RUNNING", Meaning::Running),
        ("SUCCESS", Meaning::Success),
        ("INIT", Meaning::Init),
        ("FAIL", Meaning::Fail),
        ("PENDING_PAYMENT", Meaning::PendingPayment),
        ("WAITING_EXECUTE", Meaning::WaitingExecute),
        ("LISTENING", Meaning::Listening),
    ],
    sub_jobs: "/entities/sub_jobs",
    ..BASE
};

/// "Obtaining Task Information" of RDS, and its like of the other databases.
pub(crate) const DB: Dialect = Dialect {
    services: &["rds", "taurusdb", "gaussdb", "dds"],
    root: "/job",
    id: &["/id"],
    job_type: &["/name"],
    words: DB_WORDS,
    begin: &["/created"],
    end: &["/ended"],
    error_code: &[],
    progress: &["/process", "/progress"],
    ids: &[("/instance/id", "instance_id")],
    unknown_codes: &["DBS.200543", "RDS.5041"],
    grace: LONG_GRACE,
    ..BASE
};

pub(crate) const DDM: Dialect = Dialect {
    services: &["ddm"],
    begin: &["/created_time"],
    end: &["/end_time"],
    blank_is_unknown: true,
    ..DB
};

pub(crate) const GEMINIDB: Dialect =
    Dialect { services: &["geminidb"], root: "/jobs/0", begin: &["/start_time"], end: &["/end_time"], ..DB };

/// "Querying a Job" of CCE: a Kubernetes object, with jobs in jobs. It has no end, only the time of the last change.
pub(crate) const CCE: Dialect = Dialect {
    services: &["cce"],
    id: &["/metadata/uid"],
    job_type: &["/spec/type"],
    status: "/status/phase",
    words: &[
        ("Initializing", Meaning::Init),
        ("Running", Meaning::Running),
        ("Success", Meaning::Success),
        ("Failed", Meaning::Fail),
    ],
    begin: &["/metadata/creationTimestamp"],
    end: &["/metadata/updateTimestamp"],
    error_code: &[],
    fail_reason: &["/status/reason"],
    message: &["/status/message"],
    sub_jobs: "/spec/subJobs",
    ids: &[
        ("/spec/clusterUID", "cluster_id"),
        ("/spec/resourceID", "resource_id"),
        ("/spec/extendParam/serverID", "server_id"),
    ],
    hidden: &["kind", "apiVersion", "metadata", "status"],
    ..BASE
};

/// "Querying a Single Task" of CBR. A task that was skipped did nothing, which is not what was asked for.
pub(crate) const CBR: Dialect = Dialect {
    services: &["cbr"],
    root: "/operation_log",
    id: &["/id"],
    job_type: &["/operation_type"],
    words: &[
        ("waiting", Meaning::Init),
        ("running", Meaning::Running),
        ("success", Meaning::Success),
        ("failed", Meaning::Fail),
        ("timeout", Meaning::Fail),
        ("skipped", Meaning::Fail),
    ],
    begin: &["/started_at", "/created_at"],
    end: &["/ended_at"],
    error_code: &["/error_info/code"],
    fail_reason: &["/error_info/message"],
    progress: &["/extra_info/common/progress"],
    ids: &[
        ("/extra_info/resource/id", "resource_id"),
        ("/extra_info/backup/backup_id", "backup_id"),
        ("/extra_info/restore/backup_id", "backup_id"),
        ("/extra_info/restore/target_resource_id", "target_resource_id"),
    ],
    hidden: &["created_at", "updated_at", "error_info", "extra_info", "operation_type"],
    unknown_codes: &["BackupService.6500"],
    ..BASE
};

/// "Querying Task Details" of DCS.
pub(crate) const DCS: Dialect = Dialect {
    services: &["dcs"],
    words: &[
        ("INIT", Meaning::Init),
        ("RUNNING", Meaning::Running),
        ("SUCCESS", Meaning::Success),
        ("FAIL", Meaning::Fail),
    ],
    unknown_codes: &["DCS.4133"],
    ..BASE
};

/// "Querying Job Status Details" of SFS Turbo.
pub(crate) const SFS_TURBO: Dialect = Dialect {
    services: &["sfs-turbo"],
    words: &[
        ("waiting", Meaning::Init),
        ("running", Meaning::Running),
        ("success", Meaning::Success),
        ("failed", Meaning::Fail),
    ],
    is_utc: true,
    sub_jobs: "/sub_jobs",
    ..BASE
};

/// "Querying Job Progress" of DWS. Its times say no offset, and no document does.
pub(crate) const DWS: Dialect = Dialect {
    services: &["dws"],
    job_type: &["/job_name"],
    words: &[
        ("INIT", Meaning::Init),
        ("WAITING", Meaning::Init),
        ("DELAY_SCHEDULED", Meaning::Init),
        ("RUNNING", Meaning::Running),
        ("SUCCESS", Meaning::Success),
        ("FAIL", Meaning::Fail),
        ("STOP", Meaning::Fail),
    ],
    error_code: &["/failed_code"],
    fail_reason: &["/failed_detail"],
    progress: &["/progress"],
    ..BASE
};

/// "Querying a Job" of ELB v3.
pub(crate) const ELB: Dialect = Dialect {
    services: &["elb"],
    root: "/job",
    words: &[
        ("INIT", Meaning::Init),
        ("RUNNING", Meaning::Running),
        ("ROLLBACKING", Meaning::Running),
        ("SUCCESS", Meaning::Success),
        ("COMPLETE", Meaning::Success),
        ("FAIL", Meaning::Fail),
        ("ROLLBACK_FAIL", Meaning::Fail),
        ("CANCEL", Meaning::Fail),
    ],
    fail_reason: &["/error_msg"],
    sub_jobs: "/sub_jobs",
    ..BASE
};

/// Jobs of SWR Enterprise Edition. Members from the SDK, words from the Terraform provider.
pub(crate) const SWR: Dialect = Dialect {
    services: &["swr"],
    id: &["/id"],
    job_type: &["/type"],
    words: &[("Running", Meaning::Running), ("Success", Meaning::Success), ("Failed", Meaning::Fail)],
    begin: &["/created_at"],
    end: &["/updated_at"],
    error_code: &[],
    fail_reason: &["/reason"],
    ..BASE
};

/// "Querying Job Status" of GES, in both of its versions.
pub(crate) const GES: Dialect = Dialect {
    services: &["ges"],
    id: &["/job_id", "/jobId"],
    job_type: &["/job_type", "/jobType"],
    words: &[
        ("pending", Meaning::Init),
        ("running", Meaning::Running),
        ("success", Meaning::Success),
        ("failed", Meaning::Fail),
    ],
    begin: &["/begin_time", "/beginTime"],
    end: &["/end_time", "/endTime"],
    is_utc: true,
    fail_reason: &["/fail_reason", "/failReason"],
    hidden: &["job_progress", "jobProgress", "job_detail", "jobDetail"],
    ..BASE
};

/// "Querying a Background Task" of DMS for Kafka, RabbitMQ and RocketMQ. It gives no reason.
pub(crate) const DMS: Dialect = Dialect {
    services: &["dms"],
    root: "/tasks/0",
    id: &["/id"],
    job_type: &["/name"],
    words: &[
        ("CREATED", Meaning::Init),
        ("EXECUTING", Meaning::Running),
        ("SUCCESS", Meaning::Success),
        ("FAILED", Meaning::Fail),
        ("DELETED", Meaning::Fail),
        ("CANCELLED", Meaning::Fail),
    ],
    begin: &["/created_at"],
    end: &["/updated_at"],
    error_code: &[],
    fail_reason: &[],
    hidden: &["user_id", "user_name"],
    ..BASE
};

/// Workspace, its applications and its images. In a sub-job `job_id` is the parent's. Words from the Terraform provider.
pub(crate) const WORKSPACE: Dialect = Dialect {
    services: &["workspace", "workspace-app"],
    id: &["/id"],
    words: &[
        ("WAITING", Meaning::Init),
        ("INIT", Meaning::Init),
        ("RUNNING", Meaning::Running),
        ("ROLLBACK", Meaning::Running),
        ("ABORTING", Meaning::Running),
        ("SUCCESS", Meaning::Success),
        ("COMPLETE", Meaning::Ended),
        ("FAIL", Meaning::Fail),
        ("FAILED", Meaning::Fail),
        ("ABNORMAL", Meaning::Fail),
    ],
    error_code: &["/job_error_code", "/error_code", "/job_execute_info/error_code"],
    fail_reason: &["/fail_reason", "/error_message", "/job_execute_info/error_message"],
    progress: &["/process"],
    sub_jobs: "/sub_jobs",
    ..BASE
};

/// "Querying the Execution Status of Cloud Phone Tasks" of CPH: 1 is running.
pub(crate) const CPH: Dialect = Dialect {
    services: &["cph"],
    words: &[("1", Meaning::Running), ("2", Meaning::Success), ("-1", Meaning::Fail)],
    status_is_number: true,
    fail_reason: &["/error_msg", "/execute_msg"],
    ..BASE
};

const DB_WORDS: &[(&str, Meaning)] = &[
    ("Pending", Meaning::Init),
    ("Running", Meaning::Running),
    ("Completed", Meaning::Success),
    ("Failed", Meaning::Fail),
];

const SHORT_GRACE: Duration = Duration::from_secs(10);

/// "It takes several seconds to query the job", say the documents of the databases.
const LONG_GRACE: Duration = Duration::from_secs(30);
