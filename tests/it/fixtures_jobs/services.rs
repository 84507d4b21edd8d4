//! The bodies of the other job APIs: what a job read from each says, and that no error is taken for a job.

use std::fs;

use cloudjob::poll::{PollResult, Response};
use cloudjob::{Job, Service};

use crate::service_bodies::read;

#[test]
fn every_body_of_another_api_says_what_its_line_says() {
    let Some(folder) = super::folder() else { return };
    for (name, expected) in BODIES {
        let body = fs::read(folder.join("services").join(name).with_extension("json")).unwrap();
        assert_eq!(read(service_of(name).unwrap(), &body), *expected, "{name}");
    }
}

#[test]
fn every_error_of_another_api_is_one_and_says_that_the_job_is_unknown() {
    let Some(folder) = super::folder() else { return };
    for (name, code) in [
        ("cbr_ERROR_404", "BackupService.6500"),
        ("cce_ERROR_404", "CCE.01404001"),
        ("dcs_ERROR_404", "DCS.4133"),
        ("rds_ERROR_unknown_job_404", "RDS.5041"),
        ("sfsturbo_ERROR_404", "SFS.TURBO.0001"),
    ] {
        let body = fs::read(folder.join("services").join(name).with_extension("json")).unwrap();
        let polled = PollResult::read(service_of(name).unwrap(), &Response::new(404, body));
        let error = polled.error().and_then(|error| error.api_error()).unwrap();
        assert_eq!((error.code(), error.is_not_found()), (Some(code), true), "{name}");
    }
    // The databases say it under status 400.
    for (service, status, code) in [
        (Service::Rds, 400, "DBS.200543"),
        (Service::Dds, 400, "DBS.200543"),
        (Service::Cbr, 400, "BackupService.6500"),
    ] {
        let body = format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#);
        let polled = PollResult::read(service, &Response::new(status, body));
        assert!(polled.error().and_then(|error| error.api_error()).unwrap().is_not_found(), "{service}");
    }
    let other = PollResult::read(
        Service::Ecs,
        &Response::new(400, r#"{"error_code":"DBS.200543","error_msg":"no"}"#),
    );
    assert!(!other.error().and_then(|error| error.api_error()).unwrap().is_not_found());
}

/// What is neither a job of a supported service, an error, nor a response to a submit, is not taken for a job.
#[test]
fn no_body_is_left_out() {
    let Some(folder) = super::folder() else { return };
    let mut count = 0;
    for entry in fs::read_dir(folder.join("services")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|ending| ending != "json") || name.contains("_ERROR_") {
            continue;
        }
        count += 1;
        let body = fs::read(&path).unwrap();
        match service_of(&name) {
            Some(_) => assert!(BODIES.iter().any(|(known, _)| *known == name), "{name} has no line"),
            None => {
                let other = ["apig", "cae", "cfw", "geip", "modelarts", "servicestage", "submit", "vpn"];
                assert!(other.iter().any(|other| name.starts_with(other)), "{name}");
                assert!(Job::from_slice(&body).is_err(), "{name}");
            }
        }
    }
    assert!(count >= 73, "{count}");
}

fn service_of(name: &str) -> Option<Service> {
    match name.split_once('_')?.0 {
        _ if name.starts_with("elb_classic") => Some(Service::ElbClassic),
        "ims" => Some(Service::ImsProgress),
        "sfsturbo" => Some(Service::SfsTurbo),
        "workspaceapp" => Some(Service::WorkspaceApp),
        name => name.parse().ok(),
    }
}

const BODIES: &[(&str, &str)] = &[
    (
        "cbr_FAIL",
        "4827f2da-b008-4507-ab7d-42d0df5ed912 restore FAIL(failed) 1709649096..1709649203 107.504s 35% BackupService.9999: the server is in a wrong state {backup_id=0e5d0ef6-7f0a-4890-b98c-cb12490e31c1 checkpoint_id=b432511f-d889-428f-8b0e-5f47c524c6b6 provider_id=0daac4c5-6707-4851-97ba-169e36266b66 resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86 target_resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86}",
    ),
    (
        "cbr_RUNNING",
        "4827f2da-b008-4507-ab7d-42d0df5ed912 restore RUNNING(running) 1709649096.. 35% {backup_id=0e5d0ef6-7f0a-4890-b98c-cb12490e31c1 checkpoint_id=b432511f-d889-428f-8b0e-5f47c524c6b6 provider_id=0daac4c5-6707-4851-97ba-169e36266b66 resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86 target_resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86}",
    ),
    (
        "cbr_SUCCESS",
        "4827f2da-b008-4507-ab7d-42d0df5ed912 restore SUCCESS(success) 1709649096..1709649323 227.504s 100% {backup_id=0e5d0ef6-7f0a-4890-b98c-cb12490e31c1 checkpoint_id=b432511f-d889-428f-8b0e-5f47c524c6b6 provider_id=0daac4c5-6707-4851-97ba-169e36266b66 resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86 target_resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86}",
    ),
    (
        "cbr_WAITING",
        "4827f2da-b008-4507-ab7d-42d0df5ed912 restore INIT(waiting) 1709649096.. 0% {backup_id=0e5d0ef6-7f0a-4890-b98c-cb12490e31c1 checkpoint_id=b432511f-d889-428f-8b0e-5f47c524c6b6 provider_id=0daac4c5-6707-4851-97ba-169e36266b66 resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86 target_resource_id=1dab32fa-ebf2-415a-ab0b-eabe6353bc86}",
    ),
    (
        "cce_INIT",
        "354331b2-229a-11ee-9c75-0255ac100ceb CreateNode INIT(Initializing) 1709626360.. {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb server_id=bc467e3a-2338-11ee-825b-0255ac100c13}",
    ),
    (
        "cce_RUNNING",
        "354331b2-229a-11ee-9c75-0255ac100ceb CreateNode RUNNING(Running) 1709626360.. {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb server_id=bc467e3a-2338-11ee-825b-0255ac100c13} [fd474fab-9606-11ee-baa9-0255ac10215d CreateNodeVM SUCCESS(Success) 1709626361..1709626529 168s {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb}; fd474f82-9606-11ee-baa8-0255ac10215d InstallNode RUNNING(Running) 1709626361.. {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb}]",
    ),
    (
        "cce_SUCCESS",
        "354331b2-229a-11ee-9c75-0255ac100ceb CreateNode SUCCESS(Success) 1709626360..1709626910 550s {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb server_id=bc467e3a-2338-11ee-825b-0255ac100c13} [fd474fab-9606-11ee-baa9-0255ac10215d CreateNodeVM SUCCESS(Success) 1709626361..1709626529 168s {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb}; fd474f82-9606-11ee-baa8-0255ac10215d InstallNode SUCCESS(Success) 1709626361..1709626529 168s {cluster_id=4d1ecb2c-229a-11ee-9c75-0255ac100ceb resource_id=6f4dcb2c-229a-11ee-9c75-0255ac100ceb}]",
    ),
    (
        "cph_RUNNING",
        "6837531fd3f54550927b930180a706bf RUNNING(1) 1709622000.. {phone_id=9b28fbe50ded4060b8149a47e55dba82}",
    ),
    (
        "cph_SUCCESS",
        "6837531fd3f54550927b930180a706bf SUCCESS(2) 1709622000..1709622006 6s {phone_id=9b28fbe50ded4060b8149a47e55dba82}",
    ),
    ("dcs_RUNNING", "ff8080818822bbf70188235afc24141a masterStandbySwapJob RUNNING 1709629951.."),
    (
        "dcs_SUCCESS",
        "ff8080818822bbf70188235afc24141a masterStandbySwapJob SUCCESS 1709629951..1709629954 2.869s",
    ),
    (
        "ddm_FAIL",
        "64b1a6f0-2c9d-4f55-8e0b-b1d0a7c3e2f1 CreateNodeGroup FAIL(Failed) 1709621041..1709621943 902s {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in09}",
    ),
    (
        "ddm_RUNNING",
        "64b1a6f0-2c9d-4f55-8e0b-b1d0a7c3e2f1 CreateNodeGroup RUNNING(Running) 1709621041.. 30% {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in09}",
    ),
    (
        "dds_SUCCESS",
        "f1e2d3c4-b5a6-4978-8f6e-5d4c3b2a1908 Create_MongoDB SUCCESS(Completed) 1709623723..1709626213 2490s {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in02}",
    ),
    ("deh_SUCCESS", "j1 createDedicatedHost SUCCESS 1709628953..1709629013 60s"),
    (
        "dms_FAIL",
        "8abfa7b272adc5b40172b73130065ae7 bindInstancePublicIp FAIL(FAILED) 1709628953..1709628956 2.994s",
    ),
    ("dms_INIT", "8abfa7b272adc5b40172b73130065ae7 bindInstancePublicIp INIT(CREATED) 1709628953.."),
    ("dms_RUNNING", "8abfa7b272adc5b40172b73130065ae7 bindInstancePublicIp RUNNING(EXECUTING) 1709628953.."),
    (
        "dms_SUCCESS",
        "8abfa7b272adc5b40172b73130065ae7 bindInstancePublicIp SUCCESS 1709628953..1709628956 2.994s",
    ),
    (
        "dws_RUNNING",
        "2c9080e88459fa44018459fbeb600001 ecfClusterElbCreateJob RUNNING 2024-03-05T20:25:00.. 40%",
    ),
    (
        "dws_SUCCESS",
        "2c9080e88459fa44018459fbeb600001 ecfClusterElbCreateJob SUCCESS 2024-03-05T20:25:00..2024-03-05T20:30:00 300s 100%",
    ),
    (
        "elb_FAIL",
        "9c6e1f0a-6f8e-4f3d-9a55-1f2e3d4c5b6a cloneLoadbalancer FAIL 1709631238..1709631250 12s ELB.8904: the flavor is not offered here {resource_id=b1f1a0ac-3c3b-4a0a-9d2a-0d8b7f3f6d10+0f3a1c5e-9d2b-4d68-8a6f-7b1c2d3e4f50} [sub-1 cloneListener FAIL 1709631240.. ELB.8904: the flavor is not offered here {resource_id=0f3a1c5e-9d2b-4d68-8a6f-7b1c2d3e4f50}]",
    ),
    (
        "elb_INIT",
        "9c6e1f0a-6f8e-4f3d-9a55-1f2e3d4c5b6a cloneLoadbalancer INIT 1709631238.. {resource_id=b1f1a0ac-3c3b-4a0a-9d2a-0d8b7f3f6d10}",
    ),
    (
        "elb_ROLLBACKING",
        "9c6e1f0a-6f8e-4f3d-9a55-1f2e3d4c5b6a cloneLoadbalancer RUNNING(ROLLBACKING) 1709631238.. {resource_id=b1f1a0ac-3c3b-4a0a-9d2a-0d8b7f3f6d10}",
    ),
    (
        "elb_RUNNING",
        "9c6e1f0a-6f8e-4f3d-9a55-1f2e3d4c5b6a cloneLoadbalancer RUNNING 1709631238.. {resource_id=b1f1a0ac-3c3b-4a0a-9d2a-0d8b7f3f6d10+0f3a1c5e-9d2b-4d68-8a6f-7b1c2d3e4f50} [sub-1 cloneListener RUNNING 1709631240.. {resource_id=0f3a1c5e-9d2b-4d68-8a6f-7b1c2d3e4f50}]",
    ),
    (
        "elb_SUCCESS",
        "9c6e1f0a-6f8e-4f3d-9a55-1f2e3d4c5b6a cloneLoadbalancer SUCCESS 1709631238..1709631250 12s {resource_id=b1f1a0ac-3c3b-4a0a-9d2a-0d8b7f3f6d10+0f3a1c5e-9d2b-4d68-8a6f-7b1c2d3e4f50} [sub-1 cloneListener SUCCESS 1709631240..1709631249 9s {resource_id=0f3a1c5e-9d2b-4d68-8a6f-7b1c2d3e4f50}]",
    ),
    ("elb_classic_SUCCESS", "ff80 createELB SUCCESS 1709628953..1709629013 60s {tenant_id=cbc0 vpc_id=2183}"),
    (
        "gaussdb_RUNNING",
        "5cbb8a90-2253-4cff-8a13-49aa8f31dfb5 CreateGaussDBV5Instance RUNNING(Running) 1709601151.. 12% {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in14}",
    ),
    (
        "gaussdb_SUCCESS",
        "5cbb8a90-2253-4cff-8a13-49aa8f31dfb5 CreateGaussDBV5Instance SUCCESS(Completed) 1709601151..1709604013 2862s {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in14}",
    ),
    (
        "geminidb_RUNNING",
        "89a0cde6-9c46-4b89-a92c-573e1083ff23 CreateInstance RUNNING(Running) 1709621041.. 14% {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in06}",
    ),
    (
        "geminidb_SUCCESS",
        "89a0cde6-9c46-4b89-a92c-573e1083ff23 CreateInstance SUCCESS(Completed) 1709621041..1709621943 902s {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in06}",
    ),
    ("ges_RUNNING", "ff80808167bb90340167bc3c7b5b026a GraphManagement RUNNING(running) 1709642419.."),
    (
        "ges_SUCCESS",
        "ff80808167bb90340167bc3c7b5b026a GraphManagement SUCCESS(success) 1709642419..1709642640 221s",
    ),
    (
        "ims_progress_RUNNING",
        "edc89b490d7d4392898e19b2deb34797 imsCreateImageByInstance RUNNING 1709628953.. 20%",
    ),
    (
        "rds_FAIL",
        "7d2f6c1e-5b0a-4c39-9e18-2f4a6b8c0d1e CreateMysqlSingleHAInstance FAIL(Failed) 1709629951..1709630090 139s no capacity for this flavor in the zone {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in01}",
    ),
    (
        "rds_RUNNING",
        "7d2f6c1e-5b0a-4c39-9e18-2f4a6b8c0d1e CreateMysqlSingleHAInstance RUNNING(Running) 1709629951.. 45% {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in01}",
    ),
    (
        "rds_SUCCESS",
        "7d2f6c1e-5b0a-4c39-9e18-2f4a6b8c0d1e CreateMysqlSingleHAInstance SUCCESS(Completed) 1709629951..1709630342 391s {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in01 resource_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in01.vm+5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in01.volume}",
    ),
    (
        "sfsturbo_RUNNING",
        "26f6b565-1a2b-4c3d-8e4f-03f0bd975433 extend_share RUNNING(running) 1709631238.. [s-1 extend_share RUNNING(running) 1709631239..]",
    ),
    (
        "sfsturbo_SUCCESS",
        "26f6b565-1a2b-4c3d-8e4f-03f0bd975433 extend_share SUCCESS(success) 1709631238..1709631418 180s",
    ),
    ("swr_RUNNING", "a1 CreateInstance RUNNING(Running) 1709628953.. {instance_id=i1 resource_id=i1}"),
    (
        "swr_SUCCESS",
        "a1 CreateInstance SUCCESS(Success) 1709628953..1709629013 60s {instance_id=i1 resource_id=i1}",
    ),
    (
        "taurusdb_FAIL",
        "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 CreateMysqlInstance FAIL(Failed) 1709629951..1709629980 29s subnet has no free address {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in07}",
    ),
    (
        "taurusdb_RUNNING",
        "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 CreateMysqlInstance RUNNING(Running) 1709629951.. 60% {instance_id=5f0c4b7a2d1e4c93a0b6e8d7f9a1c2b3in07}",
    ),
    (
        "workspace_FAIL",
        "8a7ec1a2b3c4d5e6f708192a3b4c5d6e createDesktops FAIL 1709631238..1709631840 602s 20% WKS.00010208: the domain could not be joined {desktop_id=d-1 product_id=workspace.c2.large} [s-1 createDesktop FAIL(FAILED) 1709631240.. 20% WKS.00010208: the domain could not be joined {desktop_id=d-1 product_id=workspace.c2.large}]",
    ),
    (
        "workspace_RUNNING",
        "8a7ec1a2b3c4d5e6f708192a3b4c5d6e createDesktops RUNNING 1709631238.. 20% {desktop_id=d-1 product_id=workspace.c2.large} [s-1 createDesktop RUNNING 1709631240.. 20% {desktop_id=d-1 product_id=workspace.c2.large}]",
    ),
    (
        "workspace_SUCCESS",
        "8a7ec1a2b3c4d5e6f708192a3b4c5d6e createDesktops SUCCESS 1709631238..1709631840 602s 100% {desktop_id=d-1 product_id=workspace.c2.large} [s-1 createDesktop SUCCESS 1709631240..1709631840 600s 100% {desktop_id=d-1 product_id=workspace.c2.large}]",
    ),
    ("workspace_WAITING", "8a7ec1a2b3c4d5e6f708192a3b4c5d6e createDesktops INIT(WAITING) 1709631238.."),
    (
        "workspaceapp_RUNNING",
        "1f2e3d4c CREATE_SERVER RUNNING 1709635243.. {resource_id=srv-1} [1 CREATE_SERVER RUNNING 1709635244.. {resource_id=srv-1}]",
    ),
    (
        "workspaceapp_SUCCESS",
        "1f2e3d4c CREATE_SERVER SUCCESS 1709635243..1709635843 600s {resource_id=srv-1} [1 CREATE_SERVER SUCCESS 1709635244.. {resource_id=srv-1}]",
    ),
];
