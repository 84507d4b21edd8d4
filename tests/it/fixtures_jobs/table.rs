//! What the found bodies say, one row each.

use crate::expected::{Expected, NOTHING};

pub(super) const JOBS: &[Expected] = &[
    Expected {
        body: "bms_baremetalBatchCreate_success",
        id: "2c9eb2c5544cbf6101544f0602af2b4f",
        status: "SUCCESS",
        job_type: "baremetalBatchCreate",
        times: ["2019-04-25T20:04:34.604Z", "2019-04-25T20:08:41.593Z"],
        duration_ms: Some(246_989),
        ids: "server_id=bae51750-0089-41a1-9b18-5c777978ff6d",
        sub_jobs: "2c9eb2c5544cbf6101544f0635672b60:SUCCESS",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "bms_mock_createServer_success",
        id: "2c9eb2c5544cbf6101544f0602af2b4f",
        status: "SUCCESS",
        job_type: "baremetalBatchCreate",
        times: ["2019-04-25T20:04:34.604Z", "2019-04-25T20:08:41.593Z"],
        duration_ms: Some(246_989),
        ids: "server_id=bae51750-0089-41a1-9b18-5c777978ff6d",
        sub_jobs: "ff8080829585af7f0195c1e776d9475c:SUCCESS",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "ecs_createServer_success",
        id: "2c9eb2c5544cbf6101544f0602af2b4f",
        status: "SUCCESS",
        job_type: "createServer",
        times: ["2016-04-25T20:04:34.604Z", "2016-04-25T20:08:41.593Z"],
        duration_ms: Some(246_989),
        ids: "server_id=bae51750-0089-41a1-9b18-5c777978ff6d",
        sub_jobs: "2c9eb2c5544cbf6101544f0635672b60:SUCCESS",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "ecs_createSingleServer_flat_success",
        id: "4010b39d58b855980158b8574b270018",
        status: "SUCCESS",
        job_type: "createSingleServer",
        times: ["2016-12-01T03:04:38.437Z", "2016-12-01T03:07:26.871Z"],
        duration_ms: Some(168_434),
        ids: "server_id=42d39b4a-19b7-4ee2-b01b-a9f1353b4c54",
        ..NOTHING
    },
    Expected {
        body: "ecs_real_createServer_running",
        id: "ff8080827e7810fb017f06338a731328",
        status: "RUNNING",
        job_type: "createServer",
        times: ["2022-02-17T05:41:55.441Z", ""],
        ids: "server_id=1c74e090-c569-4b52-9eaa-fd34776cec28",
        sub_jobs: "ff8080827e7810fb017f06338ae3132c:RUNNING",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "ecs_real_serversAction_success",
        id: "ff8080829585af7f0195c1e776d9475c",
        status: "SUCCESS",
        job_type: "serversAction",
        times: ["2025-03-23T07:28:46.807Z", "2025-03-23T07:29:27.897Z"],
        duration_ms: Some(41_090),
        ids: "server_id=bac642b0-a9ca-4a13-b6b9-9e41b35905b6",
        sub_jobs: "ff8080829585af7f0195c1e7772e475f:SUCCESS",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "eip_createBatchPublicip_success",
        id: "ff808082843684110184e155fdb36461",
        status: "SUCCESS",
        job_type: "createBatchPublicip",
        times: ["2022-12-05T08:10:19.951Z", "2022-12-05T08:10:21.864Z"],
        duration_ms: Some(1_913),
        ..NOTHING
    },
    Expected {
        body: "elb_classic_createELB_success",
        id: "ff8080825ecc523f015ecd0a98f82f77",
        status: "SUCCESS",
        job_type: "createELB",
        times: ["2017-09-29T09:49:37.399Z", "2017-09-29T09:50:03.272Z"],
        duration_ms: Some(25_873),
        ids: "tenant_id=cbc08e2f8c354c7aa7abb88d0a7d11dc vpc_id=21838be1-c1ce-4c09-9184-228cdb43038d",
        ..NOTHING
    },
    Expected {
        body: "evs_batchCreateVolume_success",
        id: "21917a8d52a19b040152a9f2f1eb003e",
        status: "SUCCESS",
        job_type: "batchCreateVolume",
        times: ["2016-02-04T01:43:37.193Z", "2016-02-04T01:44:08.283Z"],
        duration_ms: Some(31_090),
        ids: "volume_id=0b549095-4937-4849-8e4c-52aa027d64f7+e7bca1a2-d3ed-434f-86f4-a1f11aa80072",
        sub_jobs: "21917a8d52a19b040152a9f2f2e50041:SUCCESS 21917a8d52a19b040152a9f2f2f60042:SUCCESS",
        ..NOTHING
    },
    Expected {
        body: "evs_createVolume_running",
        id: "4010a32d535527910153552b492c0002",
        status: "RUNNING",
        job_type: "createVolume",
        times: ["2016-03-08T07:40:13.219Z", ""],
        ids: "volume_id=bdf1bb37-f20f-4266-9a04-f43e0a127376",
        ..NOTHING
    },
    Expected {
        body: "evs_createVolume_success_2021",
        id: "ff8080817aa5637b017ac7d6ca9005d5",
        status: "SUCCESS",
        job_type: "createVolume",
        times: ["2021-07-21T06:53:00.431Z", "2021-07-21T06:53:07.443Z"],
        duration_ms: Some(7_012),
        ids: "volume_id=4c3b7a01-989a-4c34-876c-4699f3766457",
        ..NOTHING
    },
    Expected { body: "evs_mock_minimal_success", id: "test_job_id", status: "SUCCESS", ..NOTHING },
    Expected {
        body: "evs_real_createVolume_fail_empty_entities",
        id: "8aace0c651b0a02301521ab7e58660ca",
        status: "FAIL",
        job_type: "createVolume",
        times: ["2016-01-07T06: 13: 25.509Z", "2016-01-07T06: 13: 25.809Z"],
        duration_ms: Some(300),
        error_code: "EVS.5400",
        reason: "EbsCreateVolumeTask-fail:badRequest: Invalid input received: Availability zone 'cn-north-1' is invalid",
        ..NOTHING
    },
    Expected {
        body: "evs_real_createVolume_fail_with_volume_id",
        id: "8aace0c751b0a3bd01523529e4f70d35",
        status: "FAIL",
        job_type: "createVolume",
        times: ["2016-01-12T09:28:04.086Z", "2016-01-12T09:28:32.252Z"],
        duration_ms: Some(28_166),
        ids: "volume_id=1be7a768-59b6-4ef6-b4c0-a4f8039fa626",
        error_code: "EVS.2024",
        reason: "EbsCreateVolumeTask-fail:volume is error!",
        ..NOTHING
    },
    Expected {
        body: "evs_real_createVolume_running_2016",
        id: "8aace0c651b0a02301521ae1f96c6138",
        status: "RUNNING",
        job_type: "createVolume",
        times: ["2016-01-07T06: 59: 23.115Z", ""],
        ids: "volume_id=9bd6fa88-0e60-48e5-ae61-7e028dbdf045",
        ..NOTHING
    },
    Expected {
        body: "evs_real_createVolume_success_2016",
        id: "8aace0c651b0a02301521ae1f96c6138",
        status: "SUCCESS",
        job_type: "createVolume",
        times: ["2016-01-07T06: 59: 23.115Z", "2016-01-07T06: 59: 48.279Z"],
        duration_ms: Some(25_164),
        ids: "volume_id=9bd6fa88-0e60-48e5-ae61-7e028dbdf045",
        ..NOTHING
    },
    Expected {
        body: "ims_imsAddImageMembersJob_success",
        id: "9a175ac692fa12540193002a6d4b2720",
        status: "SUCCESS",
        job_type: "imsAddImageMembersJob",
        times: ["2024-11-06T06:30:00.778Z", "2024-11-06T06:30:03.179Z"],
        duration_ms: Some(2_401),
        ids: "image_id=30e55148-deb9-4923-adb9-91618de16ba0",
        ..NOTHING
    },
    Expected {
        body: "ims_imsCopyImageInRegionJob_success",
        id: "9a175ac892fa13420193001c2e62205a",
        status: "SUCCESS",
        job_type: "imsCopyImageInRegionJob",
        times: ["2024-11-06T06:14:27.168Z", "2024-11-06T06:16:38.446Z"],
        duration_ms: Some(131_278),
        ids: "image_id=30e55148-deb9-4923-adb9-91618de16ba0",
        ..NOTHING
    },
    Expected {
        body: "ims_imsCreateImageByInstance_success",
        id: "9a175ac792fa12d20193002100dd2762",
        status: "SUCCESS",
        job_type: "imsCreateImageByInstance",
        times: ["2024-11-06T06:19:43.195Z", "2024-11-06T06:23:25.158Z"],
        duration_ms: Some(221_963),
        ids: "image_id=3f7185de-b59a-4bb8-aa1d-7a513528b0e9",
        ..NOTHING
    },
    Expected {
        body: "ims_imsCreateWholeImageByBackupJob_success",
        id: "9a175ac892fa13420193002961972392",
        status: "SUCCESS",
        job_type: "imsCreateWholeImageByBackupJob",
        times: ["2024-11-06T06:28:52.245Z", "2024-11-06T06:28:58.399Z"],
        duration_ms: Some(6_154),
        ids: "image_id=ea0d5dce-ddb2-4f6f-83e3-55da065347fd",
        ..NOTHING
    },
    Expected {
        body: "ims_imsCreateWholeImageByInstanceJob_success",
        id: "9a175ac792fa12d201930028cddb29c6",
        status: "SUCCESS",
        job_type: "imsCreateWholeImageByInstanceJob",
        times: ["2024-11-06T06:28:14.425Z", "2024-11-06T06:37:03.742Z"],
        duration_ms: Some(529_317),
        ids: "image_id=17b7bdeb-2e72-43a0-a202-d36ce344e902",
        ..NOTHING
    },
    Expected {
        body: "ims_imsDelImageMembersJob_success",
        id: "9a175ac792fa12d20193002da96f2ac2",
        status: "SUCCESS",
        job_type: "imsDelImageMembersJob",
        times: ["2024-11-06T06:33:32.781Z", "2024-11-06T06:33:34.181Z"],
        duration_ms: Some(1_400),
        ..NOTHING
    },
    Expected {
        body: "ims_imsImportDataImageJob_success",
        id: "9a175ac692fa125401930027b9c026b3",
        status: "SUCCESS",
        job_type: "imsImportDataImageJob",
        times: ["2024-11-06T06:27:03.742Z", "2024-11-06T06:37:03.742Z"],
        duration_ms: Some(600_000),
        ids: "image_id=aa5306f7-bc95-4fa3-aa40-dd38fbdf2031",
        ..NOTHING
    },
    Expected {
        body: "ims_imsImportImageJob_success",
        id: "9a175ac892fa1342019300224f22218e",
        status: "SUCCESS",
        job_type: "imsImportImageJob",
        times: ["2024-11-06T06:21:08.769Z", "2024-11-06T06:27:03.742Z"],
        duration_ms: Some(354_973),
        ids: "image_id=431df7fd-a898-4dc0-86b1-22cfefb8a517",
        ..NOTHING
    },
    Expected {
        body: "ims_imsImportOvaImageJob_success",
        id: "9a175ac892fa13420193006a49173317",
        status: "SUCCESS",
        job_type: "imsImportOvaImageJob",
        times: ["2024-11-06T07:39:45.814Z", "2024-11-06T07:49:45.814Z"],
        duration_ms: Some(600_000),
        ids: "image_id=fc496c19-40c2-4220-8b1a-eba9d53fca7b",
        sub_jobs: "9a175ac892fa13420193006c29e133f0:SUCCESS",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "ims_imsNativeExportImageJob_success",
        id: "9a175ac892fa134201930039db1a27b1",
        status: "SUCCESS",
        job_type: "imsNativeExportImageJob",
        times: ["2024-11-06T06:46:51.929Z", "2024-11-06T06:49:53.657Z"],
        duration_ms: Some(181_728),
        ids: "image_id=1ab4df10-fe18-48b7-91c9-53695fcd9df5",
        ..NOTHING
    },
    Expected {
        body: "ims_imsNativeImportImageJob_success",
        id: "9a175ac692fa12540193005389023059",
        status: "SUCCESS",
        job_type: "imsNativeImportImageJob",
        times: ["2024-11-06T07:14:54.848Z", "2024-11-06T07:19:54.848Z"],
        duration_ms: Some(300_000),
        ids: "image_id=af8ea1dc-02f2-4019-8fa9-c9952a0077ce",
        ..NOTHING
    },
    Expected {
        body: "ims_imsUpdateImageMembersJob_success",
        id: "9a175ac692fa12540193005c340f321c",
        status: "SUCCESS",
        job_type: "imsUpdateImageMembersJob",
        times: ["2024-11-06T07:24:22.925Z", "2024-11-06T07:24:23.773Z"],
        duration_ms: Some(848),
        ids: "image_id=6596628c-42d4-4ff1-8660-8ea5ae61f243",
        ..NOTHING
    },
    Expected {
        body: "ims_imsVolumeCreateImageJob_success",
        id: "9a175ac692fa125401930037d9e329aa",
        status: "SUCCESS",
        job_type: "imsVolumeCreateImageJob",
        times: ["2024-11-06T06:44:40.545Z", "2024-11-06T06:47:40.545Z"],
        duration_ms: Some(180_000),
        ids: "image_id=21b04ab5-e817-40ee-8d56-7ccdb8820335",
        ..NOTHING
    },
    Expected {
        body: "ims_imsVolumesToSysDataImagesJob_success",
        id: "9a175ac792fa12d201930031febf2bdd",
        status: "SUCCESS",
        job_type: "imsVolumesToSysDataImagesJob",
        times: ["2024-11-06T06:38:16.765Z", "2024-11-06T06:48:16.765Z"],
        duration_ms: Some(600_000),
        ids: "image_id=bfb2de92-e7b9-4820-9522-416d8f2c812a",
        sub_jobs: "9a175ac792fa12d20193003205b22be1:SUCCESS",
        total: Some(1),
        ..NOTHING
    },
    Expected {
        body: "ims_old_format_success",
        id: "ff8080814dbd65d7014dbe0d84db0013",
        status: "SUCCESS",
        job_type: "createImageByInstance",
        times: ["04-Jun-2015 18:11:06:586", ""],
        ids: "image_id=e9e91bff-14b6-4a0b-8377-4ed0813e3360+49e9447f-7dff-41e0-8036-f66fe5488c8b project_id=089b2f9a3d80d3062f24c00ca4ed5cbd",
        ..NOTHING
    },
    Expected {
        body: "sdrs_createProtectionGroup_success",
        id: "0000000062db92d70162db9d200f000a",
        status: "SUCCESS",
        job_type: "createProtectionGroupNoCG",
        times: ["2018-04-19T01:55:30.443Z", "2018-04-19T01:55:45.493Z"],
        duration_ms: Some(15_050),
        ids: "server_group_id=a59d008e-4bad-4bf3-9b17-6cc25e7da483",
        ..NOTHING
    },
    Expected {
        body: "sdrs_stopProtectionGroup_success",
        id: "ff8080826b45d4a5016b5036242c0025",
        status: "SUCCESS",
        job_type: "stopProtectionGroupNoCG",
        times: ["2019-06-13T09:40:53.930Z", "2019-06-13T09:41:01.946Z"],
        duration_ms: Some(8_016),
        ids: "server_group_id=1fd6903c-48f9-4772-8974-112dfbd74427",
        sub_jobs: "ff8080826b45d4a5016b50362868002a:SUCCESS ff8080826b45d4a5016b50362870002b:SUCCESS",
        ..NOTHING
    },
    Expected {
        body: "vbs_bksCreateBackup_success",
        id: "4010b39b5281d3590152874bfa3b1604",
        status: "SUCCESS",
        job_type: "bksCreateBackup",
        times: ["2016-01-28T16:14:09.466Z", "2016-01-28T16:25:27.690Z"],
        duration_ms: Some(678_224),
        ids: "backup_id=ba5401a2-7cd2-4c01-8c0d-c936ab412d6d snapshot_id=a77a96bf-dd18-40bf-a446-fdcefc1719ec volume_id=7e5fdc5a-5e36-4b22-8bcc-7f17037290cc",
        ..NOTHING
    },
    Expected {
        body: "vbs_real_bksCreateBackup_fail",
        id: "4010b39b523388bb015252460a581a3d",
        status: "FAIL",
        job_type: "bksCreateBackup",
        times: ["2016-01-15T01:0807.476Z", "2016-01-15T01:0807.476Z"],
        ids: "snapshot_id=faddfasdf volume_id=safdafadf",
        error_code: "VolumeBackup.0064",
        reason: "CreateBackup Task-fail: fsp cinder return backup status is error.",
        ..NOTHING
    },
];
