//! Responses to the calls that start jobs: the id in them, or why there is none.

use std::path::Path;

use cloudjob::JobId;
use cloudjob::error::SubmitError;

/// A collected submit response; `None`, with a loud message, in a checkout without them.
fn fixture(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures").join(name);
    match std::fs::read(&path) {
        Ok(body) => Some(body),
        Err(error) => {
            eprintln!("NOT RUN: {} ({error})", path.display());
            None
        }
    }
}

#[test]
fn the_id_is_read_from_each_collected_submit_response() {
    for (file, id) in [
        ("bms_submit_job_id_uuid_style.json", "70a599e0-31e7-49b7-b260-868f441e862b"),
        ("ecs_submit_action_job_id.json", "ff8080829585af7f0195c1e70fde474b"),
        ("ecs_submit_order_job_serverIds.json", "ff808082739334d80173943ec9b42130"),
        ("ecs_submit_power_on.json", "ff808081787e9f100179693fd6f92e39"),
        ("services/submit_cce_accept.json", "2ec9b78d-9368-46f3-8f29-d1a95622a568"),
        ("services/submit_cce_cluster.json", "1e50bfbe-5b9e-11ef-8f52-0255ac10003e"),
        ("services/submit_cfw.json", "j1"),
        ("services/submit_dds_restart.json", "f1e2d3c4"),
        ("services/submit_elb_copy.json", "9c6e"),
        ("services/submit_rds_create.json", "7d2f6c1e-5b0a-4c39-9e18-2f4a6b8c0d1e"),
        ("services/submit_sfsturbo.json", "26f6b565"),
    ] {
        let Some(body) = fixture(file) else { return };
        assert_eq!(JobId::from_submit_response(&body).unwrap().as_str(), id, "{file}");
    }
}

#[test]
fn all_ids_are_read_from_a_response_with_several() {
    let Some(body) = fixture("services/submit_bulk_jobids.json") else { return };
    let ids = JobId::all_from_submit_response(&body).unwrap();
    assert_eq!(ids.iter().map(JobId::as_str).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_batch_response_has_no_job_id() {
    let Some(body) = fixture("ecs_submit_batch_response.json") else { return };
    let error = JobId::from_submit_response(&body).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the response is that of a batch operation on 2 items and has no job id; check the items by their own ids"
    );
}

#[test]
fn an_error_response_keeps_its_code_and_message() {
    for (file, code, text) in [
        ("err_400_ecs_0019.json", Some("Ecs.0019"), "Ecs.0019: Flavor s3.xlarge.1 is abandoned"),
        ("err_400_ecs_0005.json", Some("Ecs.0039"), "Ecs.0039: privateIp [%s] is not in this subnet [%s]"),
        (
            "err_401_keystone_int_code.json",
            None,
            "HTTP 401: The request you have made requires authentication.",
        ),
        ("err_404_vpc_0501.json", Some("VPC.0501"), "VPC.0501: Subnet invalid-subnet-id could not be found"),
    ] {
        let Some(body) = fixture(file) else { return };
        let error = JobId::from_submit_response(&body).unwrap_err();
        let api = error.api_error().unwrap_or_else(|| panic!("{file}: {error}"));
        assert_eq!((api.code(), api.to_string().as_str()), (code, text), "{file}");
    }
}

#[test]
fn a_rejection_is_classified_by_its_code() {
    let of = |body: &str| JobId::from_submit_response(body.as_bytes()).unwrap_err();
    let is = |error: SubmitError, test: fn(&cloudjob::error::ApiError) -> bool| {
        error.api_error().is_some_and(test)
    };
    assert!(is(of(r#"{"error_code":"APIGW.0308","error_msg":"slow down"}"#), |api| api.is_throttled()));
    assert!(is(of(r#"{"error_code":"APIG.0301","error_msg":"who"}"#), |api| api.is_unauthorized()));
    assert!(is(of(r#"{"error":{"code":403,"message":"no"}}"#), |api| api.is_forbidden()));
}

#[test]
fn an_unpaid_order_has_an_order_id_and_no_job() {
    let error =
        JobId::from_submit_response(br#"{"order_id":"CS2007281506","volume_ids":["a"]}"#).unwrap_err();
    assert_eq!(error.order_id(), Some("CS2007281506"));
    assert!(error.to_string().contains("pay or confirm the order"), "{error}");
}
