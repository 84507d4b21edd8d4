//! The job APIs of the services: their formats, paths, errors and responses to requests that start a job.
//!
//! Written from the services' documents, independently of the decoders in `src/job`, so that each can find the other's
//! mistakes.

mod common;
mod container;
mod database;
mod flat;
mod nested;
pub(super) mod paths;
mod submit_response;
mod unknown_job;
mod view;

use serde_json::Value;

pub(super) use self::common::JobEnd;
pub(super) use self::common::PARENT_CAUSE;
pub(super) use self::submit_response::submit_response;
pub(super) use self::unknown_job::unknown_job;
pub(super) use self::view::{JobView, ViewStatus};
use crate::endpoint::service::Service;

/// The service whose job a [`JobScript`](super::JobScript) simulates: it decides path, format and errors.
///
/// A [`Service`] converts into the dialect that it has.
///
/// ```
/// use cloudjob::Service;
/// use cloudjob::simulator::{Dialect, JobScript};
///
/// assert_eq!(Dialect::from(Service::Bms), Dialect::Ecs);
/// let script = JobScript::new("CreateMysqlSingleHAInstance").dialect(Service::Rds);
/// # let _ = script;
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Dialect {
    /// Elastic Cloud Server, Bare Metal Server, Elastic IP and Dedicated Host: `entities.sub_jobs` with `sub_jobs_total`;
    /// `error_code` and `fail_reason` are absent until the end.
    #[default]
    Ecs,
    /// Storage Disaster Recovery Service: `server_group_id`, `protected_instance_id`, `replication_pair_id` and so on
    /// by the job's type; `entities.sub_jobs` without a total.
    Sdrs,
    /// Elastic Volume Service: `volume_id`, `name`, `size`, `volume_type`; `entities.sub_jobs` without a total.
    Evs,
    /// Image Management Service: `entities.sub_jobs_result`, and the ids again in `entities.sub_jobs_list`.
    Ims,
    /// Volume Backup Service: flat entities, all of them strings; the list `sub_jobs` is beside `entities`.
    Vbs,
    /// Cloud Backup and Recovery: `operation_log`.
    Cbr,
    /// Cloud Container Engine: `status.phase`, `spec.subJobs`.
    Cce,
    /// Cloud Phone: integers as status.
    Cph,
    /// Distributed Cache Service: times in milliseconds.
    Dcs,
    /// Distributed Database Middleware: `job`, by a path with the id.
    Ddm,
    /// Document Database Service: `job`, with `ended` filled while it runs.
    Dds,
    /// Distributed Message Service: `tasks[0]`; the path needs the id of the instance.
    Dms,
    /// Data Warehouse Service: `job_name`, `failed_code`, `failed_detail`.
    Dws,
    /// Elastic Load Balance, version 3: `job`, with sub-jobs.
    Elb,
    /// GaussDB (openGauss): `job`, with `progress`.
    Gaussdb,
    /// GeminiDB (NoSQL): `jobs[0]`.
    Geminidb,
    /// Graph Engine Service: the path needs the id of the graph.
    Ges,
    /// Relational Database Service: `job`, with `process` and `entities`.
    Rds,
    /// SFS Turbo: words in lower case, sub-jobs without entities.
    SfsTurbo,
    /// Software Repository for Containers, enterprise edition: `id`, `type`, `reason`.
    Swr,
    /// TaurusDB (GaussDB for MySQL): as RDS, with an empty `ended` while it runs.
    Taurusdb,
    /// Workspace desktops: `sub_jobs` whose `job_id` is that of the parent.
    Workspace,
    /// Workspace applications: sub-jobs with `job_resource_info`.
    WorkspaceApp,
}

/// Every dialect with the names of its services. The first name is the one of the command's `--service`.
const NAMES: [(Dialect, &[&str]); 23] = [
    (Dialect::Ecs, &["ecs", "bms", "deh", "eip", "elb-classic", "vpc"]),
    (Dialect::Sdrs, &["sdrs"]),
    (Dialect::Evs, &["evs"]),
    (Dialect::Ims, &["ims", "ims-progress"]),
    (Dialect::Vbs, &["vbs"]),
    (Dialect::Cbr, &["cbr"]),
    (Dialect::Cce, &["cce"]),
    (Dialect::Cph, &["cph"]),
    (Dialect::Dcs, &["dcs"]),
    (Dialect::Ddm, &["ddm"]),
    (Dialect::Dds, &["dds"]),
    (Dialect::Dms, &["dms"]),
    (Dialect::Dws, &["dws"]),
    (Dialect::Elb, &["elb"]),
    (Dialect::Gaussdb, &["gaussdb"]),
    (Dialect::Geminidb, &["geminidb"]),
    (Dialect::Ges, &["ges"]),
    (Dialect::Rds, &["rds"]),
    (Dialect::SfsTurbo, &["sfs-turbo"]),
    (Dialect::Swr, &["swr"]),
    (Dialect::Taurusdb, &["taurusdb"]),
    (Dialect::Workspace, &["workspace"]),
    (Dialect::WorkspaceApp, &["workspace-app"]),
];

impl From<Service> for Dialect {
    fn from(service: Service) -> Self {
        // A test checks that each service has a name here.
        Self::from_name(service.as_str()).unwrap_or_default()
    }
}

impl Dialect {
    /// The dialect of a service by its short name: `ecs`, `rds`, `sfs-turbo`.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(dialect, _)| *dialect)
    }

    /// All names that [`from_name`](Self::from_name) accepts.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().flat_map(|(_, names)| names.iter().copied())
    }

    /// Whether it is one of the services with the common job API.
    pub(super) const fn is_common(self) -> bool {
        matches!(self, Self::Ecs | Self::Sdrs | Self::Evs | Self::Ims | Self::Vbs)
    }

    /// Whether its jobs have sub-jobs. A job without them reports the cause of a failure itself.
    pub(super) const fn has_sub_jobs(self) -> bool {
        self.is_common()
            || matches!(self, Self::Cce | Self::Elb | Self::SfsTurbo | Self::Workspace | Self::WorkspaceApp)
    }

    /// Whether its job ids are UUIDs with dashes rather than 32 hexadecimal digits.
    pub(super) const fn has_uuid_ids(self) -> bool {
        matches!(
            self,
            Self::Cbr
                | Self::Cce
                | Self::Ddm
                | Self::Dds
                | Self::Elb
                | Self::Gaussdb
                | Self::Geminidb
                | Self::Rds
                | Self::SfsTurbo
                | Self::Taurusdb
        )
    }

    /// The `job_type` of a job that was started without one.
    pub(super) const fn default_job_type(self) -> &'static str {
        match self {
            Self::Ecs => "createServer",
            Self::Sdrs => "createProtectionGroupNoCG",
            Self::Evs => "createVolume",
            Self::Ims => "imsCreateImageByInstance",
            Self::Vbs => "bksCreateBackup",
            Self::Cbr => "restore",
            Self::Cce => "CreateNode",
            Self::Cph => "restartPhone",
            Self::Dcs => "masterStandbySwapJob",
            Self::Ddm => "CreateNodeGroup",
            Self::Dds => "Create_MongoDB",
            Self::Dms => "bindInstancePublicIp",
            Self::Dws => "ecfClusterElbCreateJob",
            Self::Elb => "cloneLoadbalancer",
            Self::Gaussdb => "CreateGaussDBV5Instance",
            Self::Geminidb | Self::Swr => "CreateInstance",
            Self::Ges => "GraphManagement",
            Self::Rds => "CreateMysqlSingleHAInstance",
            Self::SfsTurbo => "extend_share",
            Self::Taurusdb => "CreateMysqlInstance",
            Self::Workspace => "createDesktops",
            Self::WorkspaceApp => "CREATE_SERVER",
        }
    }

    /// The type of the sub-job at this index of a job of this type.
    pub(super) fn sub_job_type(self, job_type: &str, index: usize) -> &str {
        match (self, job_type) {
            (Self::Cce, "CreateNode") if index.is_multiple_of(2) => "CreateNodeVM",
            (Self::Cce, "CreateNode") => "InstallNode",
            (Self::Elb, "cloneLoadbalancer") => "cloneListener",
            (Self::Workspace, "createDesktops") => "createDesktop",
            _ => self.common_sub_job_type(job_type),
        }
    }

    /// The code and the reason of a failure. Services without error codes only report the reason.
    pub(super) const fn cause(self) -> (&'static str, &'static str) {
        match self {
            Self::Ecs | Self::Sdrs | Self::Evs | Self::Ims | Self::Vbs => self.common_cause(),
            Self::Cbr => ("BackupService.9999", "the server is in a wrong state"),
            Self::Cce => ("", "the node could not be installed"),
            Self::Cph => ("CPS.0005", "the phone did not restart"),
            Self::Dcs => ("", "the standby node is not in sync"),
            Self::Ddm | Self::Dms => ("", ""),
            Self::Dds | Self::Gaussdb | Self::Geminidb => {
                ("", "the instance could not be created: no resources left")
            }
            Self::Dws => ("DWS.0025", "no free elastic IP"),
            Self::Elb => ("ELB.8904", "the flavor is not offered here"),
            Self::Ges => ("", "the graph could not be loaded"),
            Self::Rds => ("", "no capacity for this flavor in the zone"),
            Self::SfsTurbo => ("SFS.TURBO.0009", "the quota of capacity is exceeded"),
            Self::Swr => ("", "the network of the registry could not be created"),
            Self::Taurusdb => ("", "subnet has no free address"),
            Self::Workspace | Self::WorkspaceApp => ("WKS.00010208", "the domain could not be joined"),
        }
    }

    /// The body of a job of a service without the common job API.
    pub(super) fn body(self, job: &JobView<'_>) -> Value {
        match self {
            Self::Rds | Self::Taurusdb | Self::Gaussdb | Self::Dds | Self::Geminidb | Self::Ddm => {
                database::body(self, job)
            }
            Self::Cce => container::cce(job),
            Self::Swr => container::swr(job),
            Self::Cbr => nested::cbr(job),
            Self::Dms => nested::dms(job),
            Self::Elb => nested::elb(job),
            Self::Workspace => nested::workspace(job),
            Self::WorkspaceApp => nested::workspace_app(job),
            Self::Dcs => flat::dcs(job),
            Self::Dws => flat::dws(job),
            Self::Ges => flat::ges(job),
            Self::SfsTurbo => flat::sfs_turbo(job),
            Self::Cph => flat::cph(job),
            // They have the common job API: see `SimulatedJob::body`.
            Self::Ecs | Self::Sdrs | Self::Evs | Self::Ims | Self::Vbs => Value::Null,
        }
    }

    /// One sub-job as polled by its own id, for services without the common job API; none if the service has no such
    /// request.
    pub(super) fn sub_job_body(self, job: &JobView<'_>) -> Option<Value> {
        (self == Self::Cce).then(|| container::cce(job))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_belongs_to_one_dialect() {
        for (dialect, names) in NAMES {
            for name in names {
                assert_eq!(Dialect::from_name(name), Some(dialect));
            }
        }
        let mut names: Vec<&str> = Dialect::names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Dialect::names().count());
        assert_eq!(Dialect::from_name("obs"), None);
        for service in Service::ALL {
            assert!(Dialect::from_name(service.as_str()).is_some(), "{service}");
        }
    }
}
