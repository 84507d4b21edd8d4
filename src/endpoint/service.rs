//! The services whose jobs can be polled: where they are, and which dialect they speak.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::url::EndpointError;
use crate::job::Job;
use crate::job::dialect::{
    CBR, CCE, COMMON, CPH, DB, DCS, DDM, DMS, DWS, Dialect, ELB, GEMINIDB, GES, SFS_TURBO, SWR, WORKSPACE,
};
use crate::job::error::DecodeError;
use crate::util::sanitize::escaped;

/// A service that has jobs. It decides the host, the path, and how the body of a response is read.
///
/// Eight services share one API, the common one: [`Ecs`](Self::Ecs), [`Bms`](Self::Bms), [`Deh`](Self::Deh),
/// [`Eip`](Self::Eip), [`Evs`](Self::Evs), [`Ims`](Self::Ims), [`Sdrs`](Self::Sdrs) and [`Vbs`](Self::Vbs). All others
/// have their own, which [`Job`] hides.
///
/// ```
/// use cloudjob::Service;
///
/// assert_eq!("sfs-turbo".parse::<Service>()?, Service::SfsTurbo);
/// assert_eq!(Service::default().as_str(), "ecs");
/// # Ok::<(), cloudjob::error::EndpointError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Service {
    /// Bare Metal Server.
    Bms,
    /// Cloud Backup and Recovery: its tasks (`operation-logs`). On Open Telekom Cloud the response that starts a restore
    /// has no id; the list of tasks has it.
    Cbr,
    /// Cloud Container Engine.
    Cce,
    /// Cloud Phone Host.
    Cph,
    /// Distributed Cache Service.
    Dcs,
    /// Distributed Database Middleware.
    Ddm,
    /// Document Database Service.
    Dds,
    /// Dedicated Host.
    Deh,
    /// Distributed Message Service for Kafka, RabbitMQ and RocketMQ. Its endpoint needs the id of the instance:
    /// [`Endpoint::scope`](crate::Endpoint::scope).
    Dms,
    /// Data Warehouse Service.
    Dws,
    /// Elastic Cloud Server; the default.
    #[default]
    Ecs,
    /// Elastic IP. Its APIs are served by the host and the catalog entry of `vpc`.
    Eip,
    /// Elastic Load Balance, version 3 (dedicated load balancers).
    Elb,
    /// Elastic Load Balance, the classic one: the common job at `/v1.0/{project_id}/jobs/{job_id}`.
    ElbClassic,
    /// Elastic Volume Service.
    Evs,
    /// GaussDB (openGauss).
    Gaussdb,
    /// GeminiDB, also called GaussDB NoSQL.
    Geminidb,
    /// Graph Engine Service. Its endpoint needs the id of the graph: [`Endpoint::scope`](crate::Endpoint::scope).
    Ges,
    /// Image Management Service.
    Ims,
    /// Image Management Service, its API for the progress of a job: `/v1/cloudimages/job/{job_id}`, which adds
    /// [`Job::progress_percent`].
    ImsProgress,
    /// Relational Database Service. Not all of its jobs can be polled: only those that create an instance or a replica,
    /// switch it over, change its volume, or bind an EIP.
    Rds,
    /// Storage Disaster Recovery Service.
    Sdrs,
    /// Scalable File Service Turbo.
    SfsTurbo,
    /// SoftWare Repository for Container, Enterprise Edition. What its statuses are is known from other clients only.
    Swr,
    /// TaurusDB, formerly GaussDB for MySQL.
    Taurusdb,
    /// Volume Backup Service.
    Vbs,
    /// Workspace: desktops.
    Workspace,
    /// Workspace Application Streaming.
    WorkspaceApp,
}

impl Service {
    /// Every service, in the order of their names.
    pub const ALL: [Self; COUNT] = {
        let mut all = [Self::Bms; COUNT];
        let mut at = 0;
        while at < all.len() {
            all[at] = ROWS[at].service;
            at += 1;
        }
        all
    };

    /// The short name in lower case: `ecs`.
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// How long after it was handed out an id may be unknown to the service.
    pub(crate) const fn grace(self) -> Duration {
        self.row().dialect.grace()
    }

    /// Codes with which the service says that it does not know a job, beside those of all services.
    pub(crate) const fn unknown_codes(self) -> &'static [&'static str] {
        self.row().dialect.unknown_codes()
    }

    /// The first part of its host, which can be another one on Open Telekom Cloud.
    pub(crate) const fn host_label(self, is_otc: bool) -> &'static str {
        let [huawei, otc] = self.row().host;
        if is_otc { otc } else { huawei }
    }

    /// Its names in a service catalog, the best first.
    pub(crate) const fn catalog_types(self) -> &'static [&'static str] {
        self.row().catalog
    }

    /// Its jobs are at the root of the host, whatever path the catalog has.
    pub(crate) const fn is_at_origin(self) -> bool {
        self.row().is_at_origin
    }

    /// What the second id in its path is the id of, such as an instance. `None` if there is no such id.
    pub(crate) const fn scope(self) -> Option<&'static str> {
        self.row().scope
    }

    /// The path of a job: `{project}`, `{scope}` and `{job}` stand for the ids.
    pub(super) const fn path(self) -> &'static str {
        self.row().path
    }

    /// Reads a response with a job of this service. `None` if it says that the service does not know the job.
    ///
    /// # Errors
    /// The body is not a job of this service.
    pub(crate) fn read(self, body: &[u8]) -> Result<Option<Job>, DecodeError> {
        self.row().dialect.read(body)
    }

    const fn row(self) -> &'static Row {
        // A test holds that the rows are in the order of the variants.
        &ROWS[self as usize]
    }
}

impl Job {
    /// Reads the body of a response of this service. [`from_slice`](Self::from_slice) is the same for the common job API.
    ///
    /// ```
    /// use cloudjob::{Job, Service, Status};
    ///
    /// let job = Job::from_response(Service::Rds, br#"{"job": {"id": "7d2f", "name": "CreateMysqlSingleHAInstance",
    ///     "status": "Completed", "created": "2024-03-05T09:12:31+0000", "ended": "2024-03-05T09:19:02+0000",
    ///     "instance": {"id": "5f0c01", "name": "orders-db"}}}"#)?;
    /// assert_eq!((job.status(), job.status_text()), (&Status::Success, "Completed"));
    /// assert_eq!(job.ids("instance_id"), ["5f0c01"]);
    /// # Ok::<(), cloudjob::error::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// If it is not JSON, not an object, nested deeper than 128 levels, has no status, or says that the service does not
    /// know the job. A job of another service is named as one.
    pub fn from_response(service: Service, body: &[u8]) -> Result<Self, DecodeError> {
        service
            .read(body)?
            .ok_or_else(|| DecodeError::new("the response says that the service does not know the job", body))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Service {
    type Err = EndpointError;

    /// Reads the short name, in any case.
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::ALL.into_iter().find(|service| service.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            EndpointError::new(format!(
                "`{}` is not a service with jobs: choose one of {names}",
                escaped(text, 40)
            ))
        })
    }
}

impl AsRef<str> for Service {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl TryFrom<&str> for Service {
    type Error = EndpointError;

    fn try_from(text: &str) -> Result<Self, EndpointError> {
        text.parse()
    }
}

/// What is known of a service.
struct Row {
    service: Service,
    name: &'static str,
    /// The first label of the host, on Huawei Cloud and on Open Telekom Cloud.
    host: [&'static str; 2],
    catalog: &'static [&'static str],
    is_at_origin: bool,
    path: &'static str,
    scope: Option<&'static str>,
    dialect: &'static Dialect,
}

impl Row {
    /// A service whose host label and catalog type are its name.
    const fn new(
        service: Service,
        name: &'static str,
        path: &'static str,
        dialect: &'static Dialect,
    ) -> Self {
        Self {
            service,
            name,
            host: [name, name],
            catalog: &[],
            is_at_origin: false,
            path,
            scope: None,
            dialect,
        }
    }

    const fn hosts(mut self, huawei: &'static str, otc: &'static str) -> Self {
        self.host = [huawei, otc];
        self
    }

    const fn catalog(mut self, types: &'static [&'static str]) -> Self {
        self.catalog = types;
        self
    }

    const fn at_origin(mut self) -> Self {
        self.is_at_origin = true;
        self
    }

    const fn scoped(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }
}

/// How many services there are.
const COUNT: usize = Service::WorkspaceApp as usize + 1;

/// In the order of the variants, which is that of the names.
static ROWS: [Row; COUNT] = [
    // Where a region serves it at `ecs.` instead (OTC's eu-de may), the catalog says so.
    Row::new(Service::Bms, "bms", COMMON_PATH, &COMMON).catalog(&["bms"]),
    Row::new(Service::Cbr, "cbr", "/v3/{project}/operation-logs/{job}", &CBR).catalog(&["cbr"]),
    Row::new(Service::Cce, "cce", "/api/v3/projects/{project}/jobs/{job}", &CCE)
        .catalog(&["ccev2.0", "cce"])
        .at_origin(),
    Row::new(Service::Cph, "cph", "/v1/{project}/cloud-phone/jobs/{job}", &CPH).catalog(&["cph"]),
    Row::new(Service::Dcs, "dcs", "/v2/{project}/jobs/{job}", &DCS).catalog(&["dcs", "dcsv2"]),
    Row::new(Service::Ddm, "ddm", "/v3/{project}/jobs/{job}", &DDM).catalog(&["ddm"]),
    Row::new(Service::Dds, "dds", DB_PATH, &DB).catalog(&["ddsv3", "dds"]),
    Row::new(Service::Deh, "deh", COMMON_PATH, &COMMON).catalog(&["deh"]),
    Row::new(Service::Dms, "dms", "/v2/{project}/instances/{scope}/tasks/{job}", &DMS)
        .catalog(&["dmsv2", "dms"])
        .scoped("instance"),
    Row::new(Service::Dws, "dws", "/v1.0/{project}/job/{job}", &DWS).catalog(&["dws"]),
    Row::new(Service::Ecs, "ecs", COMMON_PATH, &COMMON).catalog(&["ecs"]),
    // The provider's own SDKs ask it at `vpc.`.
    Row::new(Service::Eip, "eip", COMMON_PATH, &COMMON).hosts("vpc", "vpc").catalog(&["vpc"]),
    Row::new(Service::Elb, "elb", "/v3/{project}/elb/jobs/{job}", &ELB).catalog(&["elbv3", "elb"]),
    Row::new(Service::ElbClassic, "elb-classic", "/v1.0/{project}/jobs/{job}", &COMMON)
        .hosts("elb", "elb")
        .catalog(&["elbv1", "elb"]),
    // The catalog names other versions of EVS and IMS, beside which their jobs are.
    Row::new(Service::Evs, "evs", COMMON_PATH, &COMMON)
        .catalog(&["evs", "volumev2", "volumev3", "volume"])
        .at_origin(),
    Row::new(Service::Gaussdb, "gaussdb", DB_PATH, &DB)
        .hosts("gaussdb-opengauss", "gaussdb")
        .catalog(&["gaussdb-opengauss", "gaussdb"]),
    Row::new(Service::Geminidb, "geminidb", DB_PATH, &GEMINIDB)
        .hosts("gaussdb-nosql", "gaussdb-nosql")
        .catalog(&["gaussdb-nosql", "geminidb"]),
    Row::new(Service::Ges, "ges", "/v2/{project}/graphs/{scope}/jobs/{job}/status", &GES)
        .catalog(&["ges"])
        .scoped("graph"),
    Row::new(Service::Ims, "ims", COMMON_PATH, &COMMON).catalog(&["image", "ims"]).at_origin(),
    Row::new(Service::ImsProgress, "ims-progress", "/v1/cloudimages/job/{job}", &COMMON)
        .hosts("ims", "ims")
        .catalog(&["image", "ims"])
        .at_origin(),
    Row::new(Service::Rds, "rds", DB_PATH, &DB).catalog(&["rdsv3", "rds"]),
    Row::new(Service::Sdrs, "sdrs", COMMON_PATH, &COMMON).catalog(&["sdrs"]),
    Row::new(Service::SfsTurbo, "sfs-turbo", "/v1/{project}/sfs-turbo/jobs/{job}", &SFS_TURBO)
        .catalog(&["sfsturbo", "sfs-turbo"]),
    Row::new(Service::Swr, "swr", "/v2/{project}/jobs/{job}", &SWR)
        .hosts("swr-api", "swr-api")
        .catalog(&["swr"]),
    Row::new(Service::Taurusdb, "taurusdb", DB_PATH, &DB)
        .hosts("gaussdb", "gaussdb-mysql")
        .catalog(&["gaussdb-mysql", "gaussdb"]),
    Row::new(Service::Vbs, "vbs", COMMON_PATH, &COMMON).catalog(&["vbs"]),
    Row::new(Service::Workspace, "workspace", "/v2/{project}/workspace-jobs/{job}", &WORKSPACE)
        .catalog(&["workspace"]),
    Row::new(Service::WorkspaceApp, "workspace-app", "/v2/{project}/job/{job}", &WORKSPACE)
        .hosts("appstream", "appstream")
        .catalog(&["appstream"]),
];

/// "Querying Task Execution Status" of ECS and its like. It stays `v1` whatever version the other calls have.
const COMMON_PATH: &str = "/v1/{project}/jobs/{job}";

const DB_PATH: &str = "/v3/{project}/jobs?id={job}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_the_order_of_the_variants_and_of_the_names() {
        for (place, row) in ROWS.iter().enumerate() {
            assert_eq!(row.service as usize, place, "{}", row.name);
            assert!(row.path.contains("{job}") && row.path.starts_with('/'), "{}", row.path);
            assert_eq!(row.path.contains("{scope}"), row.scope.is_some(), "{}", row.path);
            assert!(!row.catalog.is_empty());
        }
        assert!(Service::ALL.map(Service::as_str).is_sorted());
    }

    #[test]
    fn every_service_is_read_back_from_its_name() {
        for service in Service::ALL {
            assert_eq!(service.to_string().parse(), Ok(service));
            assert_eq!(service.to_string().to_uppercase().parse(), Ok(service));
            assert_eq!(Service::try_from(service.as_ref()), Ok(service));
        }
        assert_eq!(format!("{:>5}|", Service::Ecs), "  ecs|");
    }

    #[test]
    fn the_error_for_an_unknown_service_lists_the_names() {
        let error = "s3\n".parse::<Service>().unwrap_err().to_string();
        assert!(
            error.starts_with(r"`s3\n` is not a service with jobs: choose one of bms, cbr, cce, cph, dcs, "),
            "{error}"
        );
        assert!(error.ends_with(", vbs, workspace, workspace-app"), "{error}");
    }

    #[test]
    fn databases_have_a_longer_grace_period() {
        let long = ["ddm", "dds", "gaussdb", "geminidb", "rds", "taurusdb"];
        for service in Service::ALL {
            let expected = if long.contains(&service.as_str()) { 30 } else { 10 };
            assert_eq!(service.grace(), Duration::from_secs(expected), "{service}");
        }
    }
}
