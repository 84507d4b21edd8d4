//! The formats of the common job API: entities, the place of sub-jobs, and causes of failures of each service.

use serde_json::{Map, Value, json};

use super::Dialect;

impl Dialect {
    /// The type of the sub-jobs of a job of this type.
    pub(in crate::simulator) fn common_sub_job_type(self, job_type: &str) -> &str {
        match (self, job_type) {
            (_, "createServer") => "createSingleServer",
            (_, "serversAction") => "serverActions",
            (_, "deleteVMs") => "deleteVM",
            (_, "batchCreateVolume") => "createVolume",
            (_, "bulkDeleteVolume") => "deleteSingleVolume",
            (_, "baremetalBatchCreate") => "baremetalSingleCreate",
            (_, "stopProtectionGroupNoCG") => "stopProtectionGroupRepNoCG",
            (Self::Ims, _) => "imsCopyVolumeToImageJob",
            (_, other) => other,
        }
    }

    /// Whether the error members are absent, rather than null, until the job ends.
    pub(in crate::simulator) const fn omits_errors_while_running(self) -> bool {
        matches!(self, Self::Ecs)
    }

    /// The entities of a job or sub-job that has no sub-jobs of its own.
    pub(in crate::simulator) fn entities(
        self,
        job_type: &str,
        resource: &str,
        ending: JobEnd,
    ) -> Map<String, Value> {
        let value = match self {
            // A quota is checked before the server is created.
            Self::Ecs if matches!(ending, JobEnd::Failed) => json!({}),
            Self::Ecs if job_type.contains("Nic") => json!({ "nic_id": resource }),
            Self::Ecs => json!({ "server_id": resource }),
            Self::Sdrs if job_type.contains("ProtectedInstance") => {
                json!({
                    "protected_instance_id": resource,
                    "native_server_id": with_last_digit(resource, '1'),
                })
            }
            Self::Sdrs if job_type.contains("ReplicationPair") => json!({
                "replication_pair_id": resource,
                "volume_ids": format!("{},{}", with_last_digit(resource, '1'), with_last_digit(resource, '2')),
            }),
            Self::Sdrs if job_type.contains("Nic") => json!({ "nic_id": resource }),
            Self::Sdrs if job_type.contains("Drill") => json!({ "disaster_recovery_drill_id": resource }),
            Self::Sdrs => json!({ "server_group_id": resource }),
            // A failed volume still exists, so its id is reported.
            Self::Evs => {
                json!({ "volume_id": resource, "name": "simulated", "size": 10, "volume_type": "SSD" })
            }
            Self::Ims => match ending {
                JobEnd::Pending => json!({}),
                JobEnd::Succeeded => json!({ "image_id": resource, "image_name": "simulated" }),
                JobEnd::Failed => {
                    let (code, reason) = self.common_cause();
                    json!({ "addition_error_code": code, "addition_error_msg": reason, "error": reason })
                }
            },
            _ => json!({
                "bks_create_volume_name": "simulated",
                "backup_id": if matches!(ending, JobEnd::Failed) { "" } else { resource },
                "volume_id": with_last_digit(resource, '1'),
                "snapshot_id": with_last_digit(resource, '2'),
            }),
        };
        match value {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// The code and the reason of a failure.
    pub(in crate::simulator) const fn common_cause(self) -> (&'static str, &'static str) {
        match self {
            Self::Ecs => {
                ("Ecs.0204", "CreateServerWithRootVolumeAndDataVolumeTask-fail: the request was forbidden")
            }
            // Codes of another service are usual here: SDRS uses EVS volumes.
            Self::Sdrs => ("EVS.2024", "CreateReplicationPairTask-fail:volume is error!"),
            Self::Evs => ("EVS.2024", "EbsCreateVolumeTask-fail:volume is error!"),
            Self::Ims => ("IMG.0001", "CreateImageTask-fail: the disk image could not be read"),
            _ => ("VolumeBackup.0064", "CreateBackup Task-fail: cinder returned the backup status error"),
        }
    }

    /// The OpenStack error that ECS reports as JSON in a string.
    pub(in crate::simulator) fn errorcode_message(self) -> Option<String> {
        let inner = json!({ "forbidden": { "code": 403, "message": QUOTA } });
        matches!(self, Self::Ecs).then(|| inner.to_string())
    }
}

/// Whether and how a job or sub-job has ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::simulator) enum JobEnd {
    Pending,
    Succeeded,
    Failed,
}

/// The cause that the job itself reports when sub-jobs failed.
pub(in crate::simulator) const PARENT_CAUSE: (&str, &str) = ("Common.0021", "Subjob fails.");

const QUOTA: &str = "Quota exceeded for instances: Requested 1, but already used 200 of 200 instances";

/// Another id, derived from this one.
pub(super) fn with_last_digit(resource: &str, digit: char) -> String {
    let mut other = resource.to_owned();
    other.pop();
    other.push(digit);
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entities_depend_on_the_service_and_the_job_type() {
        let table = [
            (Dialect::Ecs, "createServer", "server_id"),
            (Dialect::Ecs, "addNic", "nic_id"),
            (Dialect::Sdrs, "createProtectionGroupNoCG", "server_group_id"),
            (Dialect::Sdrs, "createProtectedInstanceNoCG", "protected_instance_id"),
            (Dialect::Sdrs, "createReplicationPairNoCG", "replication_pair_id"),
            (Dialect::Sdrs, "addNicNew", "nic_id"),
            (Dialect::Sdrs, "createDisasterRecoveryDrill", "disaster_recovery_drill_id"),
            (Dialect::Evs, "createVolume", "volume_id"),
            (Dialect::Ims, "imsImportImageJob", "image_id"),
            (Dialect::Vbs, "bksCreateBackup", "backup_id"),
        ];
        for (dialect, job_type, member) in table {
            let entities = dialect.entities(job_type, "bae51750", JobEnd::Succeeded);
            assert_eq!(entities.get(member), Some(&json!("bae51750")), "{job_type}");
        }
    }

    #[test]
    fn failed_jobs_report_what_still_exists() {
        let failed = |dialect: Dialect| dialect.entities("create", "bae51750", JobEnd::Failed);
        assert!(failed(Dialect::Ecs).is_empty());
        assert_eq!(failed(Dialect::Vbs).get("backup_id"), Some(&json!("")));
        assert_eq!(failed(Dialect::Evs).get("volume_id"), Some(&json!("bae51750")));
        assert!(failed(Dialect::Ims).contains_key("addition_error_msg"));
    }
}
