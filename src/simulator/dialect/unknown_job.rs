//! The response of each service to a poll of an unknown job.

use serde_json::{Value, json};

use super::Dialect;
use crate::simulator::http::response::Response;

/// The response to a poll of a job that does not exist.
///
/// The codes of DWS, ELB, SWR, GES, DMS, Workspace and CPH are invented: their documents name none.
pub(in crate::simulator) fn unknown_job(dialect: Dialect) -> Response {
    let flat = |status, code: &str, message: &str| {
        Response::json(status, &json!({ "error_code": code, "error_msg": message }))
    };
    match dialect {
        // These services respond with 400, not 404.
        Dialect::Ecs | Dialect::Sdrs | Dialect::Vbs => {
            Response::service(400, "Common.0011", "Failed to query system tasks: invalid job ID")
        }
        Dialect::Evs => Response::service(400, "Common.0011", "query job fail."),
        Dialect::Ims => flat(400, "IMG.0023", "An exception occurred during the task query."),
        Dialect::Rds | Dialect::Taurusdb | Dialect::Gaussdb | Dialect::Dds => {
            flat(400, "DBS.200543", "The job does not exist.")
        }
        Dialect::Geminidb => Response::json(200, &json!({ "total_count": 0, "jobs": [] })),
        Dialect::Ddm => Response::json(200, &json!({ "job": { "id": "", "name": "", "status": "" } })),
        Dialect::Cce => Response::json(404, &cce_not_found()),
        Dialect::Cbr => flat(404, "BackupService.6500", "the operation log is not found"),
        Dialect::Dcs => Response::json(
            404,
            &json!({
                "error_code": "DCS.4133",
                "error_msg": "Instance job is not found.",
                "error_ext_msg": null,
            }),
        ),
        Dialect::SfsTurbo => {
            Response::json(404, &json!({ "errCode": "SFS.TURBO.0001", "errMsg": "parameter error" }))
        }
        Dialect::Dws => flat(404, "DWS.0404", "The job does not exist."),
        Dialect::Elb => Response::gateway(404, "ELB.8904", "job not found"),
        Dialect::Swr => flat(404, "SWR.404001", "The job does not exist."),
        Dialect::Ges => flat(404, "GES.0404", "The job does not exist."),
        Dialect::Dms => flat(404, "DMS.00404029", "This task does not exist."),
        Dialect::Workspace | Dialect::WorkspaceApp => flat(404, "WKS.00110404", "The job does not exist."),
        Dialect::Cph => flat(404, "CPS.0404", "The job does not exist."),
    }
}

fn cce_not_found() -> Value {
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Job not found",
        "reason": "NotFound",
        "code": 404,
        "errorCode": "CCE.01404001",
        "errorMessage": "Resource not found",
    })
}
