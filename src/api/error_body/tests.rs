//! One row for each shape in which an error is written, and any bytes at all.

use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Status, code, outer code, message, request id.
type Row<'a> = (u16, Option<&'a str>, Option<&'a str>, &'a str, Option<&'a str>);

#[track_caller]
fn check(name: &str, error: &ApiError, expected: Row<'_>) {
    let is =
        (error.http_status(), error.code(), error.outer_code.as_deref(), error.message(), error.request_id());
    assert_eq!(is, expected, "{name}");
}

fn kind(error: &ApiError) -> &'static str {
    let kinds = [
        (error.is_not_found(), "not found"),
        (error.is_unknown_endpoint(), "wrong address"),
        (error.is_throttled(), "throttled"),
        (error.is_unauthorized(), "refused"),
        (error.is_forbidden(), "forbidden"),
        (error.is_transient(), "transient"),
    ];
    let holding: Vec<_> = kinds.iter().filter(|(holds, _)| *holds).map(|(_, kind)| *kind).collect();
    assert!(holding.len() <= 1, "{error} is {holding:?} at once");
    holding.first().copied().unwrap_or("permanent")
}

#[test]
fn every_error_found_in_public_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    if !folder.is_dir() {
        eprintln!("NOT RUN: the collected error bodies are not there ({})", folder.display());
        return;
    }
    let rows: [(&str, Row<'_>, &str); 23] = [
        (
            "err_400_ecs_0005.json",
            (400, Some("Ecs.0039"), Some("Ecs.0005"), "privateIp [%s] is not in this subnet [%s]", None),
            "permanent",
        ),
        (
            "err_400_ecs_0005_body_illegal.json",
            (400, Some("Ecs.0005"), None, "request body is illegal.", None),
            "permanent",
        ),
        (
            "err_400_ecs_0019.json",
            (400, Some("Ecs.0019"), None, "Flavor s3.xlarge.1 is abandoned", None),
            "permanent",
        ),
        (
            "err_401_apigw_0301_ak_not_exist.json",
            (
                401,
                Some("APIGW.0301"),
                None,
                "Incorrect IAM authentication information: ak access_key_id not exist",
                Some("d8d5fbae7c04b23e257c02e7f8835900"),
            ),
            "refused",
        ),
        (
            "err_401_apigw_0301_ddns.json",
            (
                401,
                Some("APIGW.0301"),
                None,
                "Incorrect IAM authentication information: ak LTAI5tDvssj9BBMtAGT3HoTT not exist",
                Some("8080d377bffeb6d519b0567c09cebe6b"),
            ),
            "refused",
        ),
        (
            "err_401_apigw_0301_unauthorized.json",
            (
                401,
                Some("APIGW.0301"),
                None,
                "Incorrect IAM authentication information: Unauthorized",
                Some("db86e248e59fb7dae8bf211a0bf33e71"),
            ),
            "refused",
        ),
        (
            "err_401_keystone_int_code.json",
            (401, None, None, "The request you have made requires authentication.", None),
            "refused",
        ),
        (
            "err_403_encoded_auth_message_flat.json",
            (403, Some("XXX.0001"), None, "Some errors occurred.", None),
            "forbidden",
        ),
        (
            "err_403_encoded_auth_message_nested.json",
            (403, Some("XXX.0001"), None, "Some errors occurred.", None),
            "forbidden",
        ),
        (
            "err_404_apigw_0101.json",
            (
                404,
                Some("APIGW.0101"),
                None,
                "The API does not exist or has not been published in the environment",
                Some("b55cf0f4394463e202a743d15e07e4e9"),
            ),
            "wrong address",
        ),
        (
            "err_404_itemNotFound.json",
            (404, Some("itemNotFound"), None, "Instance could not be found", None),
            "not found",
        ),
        (
            "err_404_neutron.json",
            (404, Some("PoolNotFound"), None, "Pool invalid-pool-id could not be found.", None),
            "not found",
        ),
        (
            "err_404_vpc_0501.json",
            (404, Some("VPC.0501"), None, "Subnet invalid-subnet-id could not be found", None),
            "not found",
        ),
        (
            "err_429_apig_0308.json",
            (
                429,
                Some("APIG.0308"),
                None,
                "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:1 minute",
                Some("914a39d68c290da3e187f827f7e1b771"),
            ),
            "throttled",
        ),
        (
            "err_429_apigw_0308.json",
            (
                429,
                Some("APIGW.0308"),
                None,
                "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:5 second",
                Some("c50619de20b0e70590f57a99dbed044f"),
            ),
            "throttled",
        ),
        (
            "err_502_html.html",
            (502, None, None, "Error The backend server is unreachable.", Some("header-id")),
            "transient",
        ),
        ("err_badrequest_lowercase_placeholder.json", (400, Some("XXX"), None, "XXXX", None), "permanent"),
        (
            "err_batch_internalError_placeholder.json",
            (400, Some("Ecs.xxxx"), None, "xxxxxxxxxxxxxxx", None),
            "permanent",
        ),
        ("err_error_details_placeholder.json", (400, Some("xxxx"), None, "xxxx", None), "permanent"),
        ("err_error_object_placeholder.json", (500, Some("XXX"), None, "XXXX", None), "transient"),
        (
            "err_ims_0001.json",
            (400, Some("IMG.0001"), None, "The request message format is invalid.", None),
            "permanent",
        ),
        (
            "err_mixed_error_and_flat.json",
            (403, Some("XXX.0001"), None, "Some errors occurred.", None),
            "forbidden",
        ),
        (
            "err_unknown_json_shape.json",
            (400, None, None, "{\"invalid_key\":\"invalid_value\"}", None),
            "permanent",
        ),
    ];
    let mut expected_files: Vec<_> = rows.iter().map(|row| row.0.to_owned()).collect();
    expected_files.sort();
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("err_"))
        .collect();
    files.sort();
    assert_eq!(files, expected_files, "each body has a row, each row a body");

    for (file, expected, expected_kind) in rows {
        let mut response = Response::new(expected.0, std::fs::read(folder.join(file)).unwrap());
        if expected.4 == Some("header-id") {
            response = response.with_header("X-Request-Id", "header-id");
        }
        let error = read_error(&response);
        check(file, &error, expected);
        assert_eq!(kind(&error), expected_kind, "{file}");
    }
}

#[test]
fn every_documented_shape_is_read() {
    let rows: &[(&str, Row<'_>)] = &[
        (
            r#"{"error":{"message":"Invalid job ID","code":"Common.0011"}}"#,
            (400, Some("Common.0011"), None, "Invalid job ID", None),
        ),
        (
            r#"{"error":{"message":"ip [%s] is taken","code":"Ecs.0005","details":[{"code":"Ecs.0039","message":"ip 10.0.0.2 is taken"}]}}"#,
            (400, Some("Ecs.0039"), Some("Ecs.0005"), "ip 10.0.0.2 is taken", None),
        ),
        (
            r#"{"error":{"message":"Query failed.","code":"Ecs.0005","details":[{},{"code":"Ecs.0039","message":"no such job"}]}}"#,
            (400, Some("Ecs.0039"), Some("Ecs.0005"), "Query failed: no such job", None),
        ),
        (
            r#"{"error":{"code":"Ecs.0005","message":"bad name: too long","details":"too long"}}"#,
            (400, Some("Ecs.0005"), None, "bad name: too long", None),
        ),
        (
            r#"{"error_msg":"a","error_code":"APIGW.0301","request_id":"r1"}"#,
            (401, Some("APIGW.0301"), None, "a", Some("r1")),
        ),
        (
            r#"{"code":"SMN.0001","message":"a","request_id":"r1"}"#,
            (400, Some("SMN.0001"), None, "a", Some("r1")),
        ),
        (r#"{"errorCode":"CCE.01","errorMsg":"a"}"#, (400, Some("CCE.01"), None, "a", None)),
        (r#"{"errorCode":"CCE.01","errorMessage":"a"}"#, (400, Some("CCE.01"), None, "a", None)),
        (
            r#"{"error":{"error_code":"VPC.1","error_msg":"a"},"request_id":"r1"}"#,
            (400, Some("VPC.1"), None, "a", Some("r1")),
        ),
        (
            r#"{"error":{"code":"X.1","message":"a"},"error_code":"Y.1","error_msg":"b"}"#,
            (400, Some("X.1"), Some("Y.1"), "b: a", None),
        ),
        (r#"{"badRequest":{"message":"a","code":400}}"#, (400, Some("badRequest"), None, "a", None)),
        (r#"{"badrequest":{"message":"a","code":"SDRS.1"}}"#, (400, Some("SDRS.1"), None, "a", None)),
        (r#"{"overLimit":{"message":"a","code":413}}"#, (413, Some("overLimit"), None, "a", None)),
        (r#"{"computeFault":{"message":"a","code":"500"}}"#, (502, Some("computeFault"), None, "a", None)),
        (
            r#"{"NeutronError":{"message":"a","type":"JobNotFound","detail":"b"}}"#,
            (404, Some("JobNotFound"), None, "a: b", None),
        ),
        (r#"{"error":{"message":"a","code":401,"title":"Unauthorized"}}"#, (401, None, None, "a", None)),
        (r#"{"error":{"code":401,"title":"Unauthorized"}}"#, (401, None, None, "Unauthorized", None)),
        (r#"{"code":404,"message":"a","error_code":"X.1"}"#, (404, Some("X.1"), None, "a", None)),
        (r#"{"code":40001,"message":"a"}"#, (400, Some("40001"), None, "a", None)),
        (r#"{"code":302,"message":"a"}"#, (302, None, None, "a", None)),
        (
            r#"{"error":{"code":"Ecs.1","message":"a"},"internalError":[{"id":"i","error_code":"Ecs.2","error_message":"b"}]}"#,
            (400, Some("Ecs.2"), Some("Ecs.1"), "a: b", None),
        ),
        (
            r#"{"internalError":[{"id":"i","error_code":"Ecs.2","error_message":"b"}]}"#,
            (400, Some("Ecs.2"), None, "b", None),
        ),
        (
            r#"{"data":{"result":{"code":"X.1","message":"a"}},"requestId":"r1"}"#,
            (400, Some("X.1"), None, "a", Some("r1")),
        ),
        (
            r#"{"error":{"code":"EVS.1","message":"{\"badRequest\":{\"message\":\"inner\",\"code\":400}}"}}"#,
            (400, Some("badRequest"), Some("EVS.1"), "inner", None),
        ),
        (r#"{"error":"invalid_grant","error_description":"a"}"#, (400, None, None, "a", None)),
        (r#"{"status":404,"error":"Not Found","path":"/v1"}"#, (404, None, None, "Not Found", None)),
        (r#"{"message":"no healthy upstream"}"#, (503, None, None, "no healthy upstream", None)),
        (
            r#"{"error_code":"X.1","error_msg":null}"#,
            (400, Some("X.1"), None, r#"{"error_code":"X.1","error_msg":null}"#, None),
        ),
        (r#"{"request":{"message":"a"}}"#, (400, None, None, r#"{"request":{"message":"a"}}"#, None)),
        (r#"[{"error_code":"X.1","error_msg":"a"}]"#, (400, Some("X.1"), None, "a", None)),
        ("\u{feff}{\"code\":\"X.1\",\"message\":\"a\"}", (400, Some("X.1"), None, "a", None)),
        (
            r#"{"error_code":"X.1","error_msg":"<html><title>502</title></html>"}"#,
            (502, Some("X.1"), None, "502", None),
        ),
        (
            r#"{"error_code":"X.1","error_msg":"line one\r\n\tline \u001b[31mtwo"}"#,
            (400, Some("X.1"), None, "line one line [31mtwo", None),
        ),
        (r#"{"message":"\u0001"}"#, (400, None, None, r#"{"message":"\u0001"}"#, None)),
        (r#""Forbidden""#, (403, None, None, "Forbidden", None)),
        ("{}", (400, None, None, "{}", None)),
        ("null", (400, None, None, "null", None)),
        (r#"{"error":"#, (500, None, None, r#"{"error":"#, None)),
        ("", (503, None, None, "the response has no body", None)),
        (" \r\n", (503, None, None, "the response has no body", None)),
        ("<br/>", (503, None, None, "the response has no text", None)),
        ("upstream connect error\n", (503, None, None, "upstream connect error", None)),
        (
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>no &lt;key&gt;</Message></Error>",
            (404, None, None, "NoSuchKey no <key>", None),
        ),
        (
            "<html><head><title>502 Bad Gateway</title><script>go()</script></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>",
            (502, None, None, "502 Bad Gateway nginx", None),
        ),
    ];
    for (body, expected) in rows {
        check(body, &read_error(&Response::new(expected.0, *body)), *expected);
    }
}

#[test]
fn the_request_id_of_the_body_goes_before_the_header() {
    let of = |body: &str| {
        let response = Response::new(400, body).with_header("X-Request-Id", "header");
        read_error(&response).request_id().map(str::to_owned)
    };
    assert_eq!(of(r#"{"error_code":"X.1","error_msg":"a","request_id":"body"}"#).as_deref(), Some("body"));
    assert_eq!(of(r#"{"error_code":"X.1","error_msg":"a","request_id":null}"#).as_deref(), Some("header"));
    assert_eq!(of("").as_deref(), Some("header"));
    let odd = Response::new(400, "").with_header("X-Request-Id", "a\u{1b}b\r\nc");
    assert_eq!(read_error(&odd).request_id(), Some("a b c"));
}

#[test]
fn a_damaged_body_does_not_lose_its_code() {
    let damaged: [&[u8]; 14] = [
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"line one\nline two\"}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\tb\x00\x1b[31m\x1a\"}",
        b"{\"er\nror_msg\":1,\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\"}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"cut \\ud83d\"}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\"}\0\0\0",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\"}\x1a\r\n",
        b"\xef\xbb\xbf{\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\"}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"caf\xe9\"}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"\xce\xde\x95\x5c\"}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\",\"number\":1e400}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"a\",\"number\":NaN}",
        b"{\"error_code\":\"APIGW.0301\",\"error_msg\":\"C:\\Users\"}",
        b"{\"error\":{\"code\":\"APIGW.0301\",\"message\":\"{\\\"message\\\":\\\"a\nb\\\"}\"}}",
        b"{\"error\":{\"code\":\"APIGW.0301\",\"message\":\"a\",\"details\":[{\"message\":\"b\x0b\"}]}}",
    ];
    for body in damaged {
        let error = read_error(&Response::new(400, body));
        assert_eq!(error.code(), Some("APIGW.0301"), "{}", body.escape_ascii());
        assert!(error.is_unauthorized());
        assert!(!error.to_string().chars().any(char::is_control), "{error}");
        let in_success = error_in_success(&Response::new(202, body));
        assert_eq!(
            in_success.as_ref().and_then(ApiError::code),
            Some("APIGW.0301"),
            "{}",
            body.escape_ascii()
        );
    }
}

#[test]
fn texts_are_bounded() {
    let long = "long text ".repeat(200);
    let error = read_error(&Response::new(400, json!({"error_code": long, "error_msg": long}).to_string()));
    assert_eq!(error.message().chars().count(), 500);
    assert_eq!(error.code().unwrap().chars().count(), 100);
    let page = format!("<p>{long}</p>");
    assert!(read_error(&Response::new(502, page)).message().chars().count() <= 200);
    let unknown = json!({"unknown": long}).to_string();
    assert!(read_error(&Response::new(502, unknown)).message().chars().count() <= 200);
    assert!(read_error(&Response::new(502, long)).message().chars().count() <= 500);
}

#[test]
fn an_error_in_a_success_is_found() {
    for (status, body, code) in [
        (202, r#"{"error":{"code":"Common.0024","message":"Flow limit exceeded"}}"#, "Common.0024"),
        (202, r#"{"error_code":"Common.0024","error_msg":"Flow limit exceeded"}"#, "Common.0024"),
        (200, r#"{"errorCode":"X.1","errorMsg":"a"}"#, "X.1"),
        (200, r#"{"code":"Common.0011","message":"a","request_id":"r"}"#, "Common.0011"),
        (200, r#"{"code":"X.1","message":"a","request_id":"r","a":1,"b":2,"c":3}"#, "X.1"),
        (200, r#"{"status":null,"job_id":null,"error_code":"X.1","error_msg":"a"}"#, "X.1"),
        (200, r#"{"itemNotFound":{"message":"a","code":404}}"#, "itemNotFound"),
        (200, r#"{"NeutronError":{"message":"a","type":"JobNotFound","detail":""}}"#, "JobNotFound"),
        (200, r#"{"error":{"message":"a","code":401,"title":"Unauthorized"}}"#, "401"),
    ] {
        let error =
            error_in_success(&Response::new(status, body)).unwrap_or_else(|| panic!("no error in {body}"));
        assert_eq!((error.http_status(), error.code()), (status, Some(code)), "{body}");
    }
    let throttled = Response::new(202, r#"{"error":{"code":"Common.0024","message":"Flow limit exceeded"}}"#);
    assert!(error_in_success(&throttled).unwrap().is_throttled());
}

#[test]
fn a_job_or_any_other_object_is_no_error() {
    for body in [
        r#"{"status":"FAIL","error_code":"Ecs.0001","fail_reason":"a"}"#,
        r#"{"status":"FAIL","error_code":"Ecs.0001","error_msg":"a","error":{"code":"a","message":"b"}}"#,
        r#"{"job_id":"a","job_type":"b","error_code":"Ecs.0001","error_msg":"a"}"#,
        r#"{"jobId":"a"}"#,
        r#"{"error_code":null,"fail_reason":null}"#,
        r#"{"error_code":"","error_msg":""}"#,
        r#"{"error":null}"#,
        r#"{"error":{}}"#,
        r#"{"error":{"code":0,"message":"ok"}}"#,
        r#"{"error":"none"}"#,
        r#"{"code":200,"message":"OK"}"#,
        r#"{"code":"0","msg":"success","data":{}}"#,
        r#"{"code":"SUCCESS","message":"done"}"#,
        r#"{"code":"eu-de","title":"Frankfurt"}"#,
        r#"{"id":"a","name":"b","code":"c","message":"d","size":1}"#,
        r#"{"server":{"message":"a","code":"b"}}"#,
        r#"{"id":"a","last_fault":{"message":"b","code":404}}"#,
        r#"{"message":"a"}"#,
        r#"{"invalid_key":"invalid_value"}"#,
        "{}",
        "[]",
        "null",
        "",
        "<html>error</html>",
    ] {
        assert_eq!(error_in_success(&Response::new(200, body)), None, "{body}");
    }
    let rejected = r#"{"error":{"code":"X.1","message":"a"}}"#;
    for status in [0, 199, 300, 400, 500] {
        assert_eq!(error_in_success(&Response::new(status, rejected)), None, "{status}");
    }
}

#[test]
fn an_error_without_a_status_takes_it_from_the_body_if_it_is_there() {
    let of = |body: &str| error_without_status(body.as_bytes());
    assert_eq!(of(r#"{"error":{"message":"a","code":401}}"#).unwrap().to_string(), "HTTP 401: a");
    assert_eq!(
        of(r#"{"itemNotFound":{"message":"a","code":404}}"#).unwrap().to_string(),
        "HTTP 404 itemNotFound: a"
    );
    assert_eq!(of(r#"{"error_code":"X.1","error_msg":"a"}"#).unwrap().to_string(), "X.1: a");
    for body in ["", "{}", "[]", "{\"invalid_key\":\"invalid_value\"}", "<html>", "7"] {
        assert_eq!(of(body), None, "{body}");
    }
}

#[test]
fn the_request_repeated_in_a_rejected_signature_is_not_shown() {
    let echo = "verify aksk signature fail, canonicalRequest:GET|/v1/p/jobs/j/||host:ecs.example.com|\
                x-sdk-date:20261121T173500Z|x-security-token:S3CR3T||host;x-sdk-date;x-security-token|e3b0c442";
    let body = json!({"error_code": "APIGW.0301", "error_msg": format!("Incorrect IAM authentication information: {echo}"), "request_id": "r1"});
    let error = read_error(&Response::new(401, body.to_string()));
    assert_eq!(
        error.to_string(),
        "HTTP 401 APIGW.0301: Incorrect IAM authentication information: verify aksk signature fail, \
         canonicalRequest:(not shown) (request id r1)"
    );
}

#[test]
fn a_secret_is_not_shown_wherever_the_body_has_it() {
    let token = format!("MIIF{}", "S3CR3T".repeat(300));
    for body in [
        json!({"error": {"code": "X.1", "message": format!("bad X-Auth-Token: {token}")}}).to_string(),
        json!({"error": {"code": token, "message": token}, "request_id": token}).to_string(),
        json!({"error": {"code": "X.1", "message": "a", "details": [{"message": "x-auth-token=S3CR3T"}]}})
            .to_string(),
        json!({"headers": {"X-Auth-Token": "S3CR3T"}}).to_string(),
        json!({"message": {"X-Auth-Token": ["S3CR3T"]}}).to_string(),
        "<html><p>X-Auth-Token: S3CR3T</p></html>".to_owned(),
        "<headers><X-Auth-Token>S3CR3T</X-Auth-Token></headers>".to_owned(),
        "Authorization: SDK-HMAC-SHA256 Access=AK, Signature=S3CR3T".to_owned(),
        "x-auth-\u{0}token: S3CR3T".to_owned(),
        r#"{"unknown":"x-auth-token\u003dS3CR3T"}"#.to_owned(),
        format!("{} {token}", "padding ".repeat(60)),
    ] {
        let error = read_error(&Response::new(401, body.as_str()).with_header("X-Request-Id", &token));
        assert!(!format!("{error:?} {error}").contains("S3CR3T"), "{body} -> {error:?}");
    }
}

/// Any JSON, with the names that mean something strewn in.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(
            &[
                "error",
                "code",
                "message",
                "error_code",
                "errorMsg",
                "details",
                "internalError",
                "request_id",
                "job_id",
                "order_id",
                "response",
                "status",
                "type",
                "NeutronError",
                "itemNotFound",
                "title"
            ][..]
        )
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (100_i64..700).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("{\"message\":\"{\\\"code\\\":1}\"}")),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn check_any(status: u16, body: &[u8]) {
    let response = Response::new(status, body);
    for error in [Some(read_error(&response)), error_in_success(&response), error_without_status(body)]
        .iter()
        .flatten()
    {
        assert!(!error.message().is_empty() || error.code().is_some(), "{error:?}");
        assert!(error.message().chars().count() <= 500, "{error:?}");
        assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
    }
    if let Err(error) = crate::job::id::JobId::from_submit_response(body) {
        assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(status in 0_u16..1000, body in prop::collection::vec(any::<u8>(), 0..300)) {
        check_any(status, &body);
    }

    #[test]
    fn any_json_is_read(status in 0_u16..1000, value in any_json()) {
        check_any(status, value.to_string().as_bytes());
    }

    #[test]
    fn any_markup_is_read(status in 0_u16..1000, body in "<[a-z/! &;#<>\\-\n\"]{0,80}") {
        check_any(status, body.as_bytes());
    }
}

#[test]
fn deep_nesting_is_cut_off_and_stays_cheap() {
    for (open, close) in [("{\"error\":", "}"), ("[", "]"), ("{\"a\":", "}"), ("{\"error\":[", "]}")] {
        for depth in [20, 60, 120, 5000] {
            let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            check_any(500, body.as_bytes());
        }
    }
    let at_depth = |depth: usize| {
        let error = r#"{"code":"X.1","message":"a"}"#;
        let body = format!("{}{error}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        read_error(&Response::new(500, body)).code().map(str::to_owned)
    };
    assert_eq!(at_depth(8).as_deref(), Some("X.1"));
    assert_eq!(at_depth(9), None);
}

#[test]
fn a_redirect_says_where_to() {
    for (location, body, expected) in [
        (Some("https://me:hush@sso.example/login?token=hush"), "", "redirect to https://sso.example/login"),
        (Some("/login"), "<html><h1>Found</h1></html>", "redirect to /login: Found"),
        (Some("/a\u{1b}[2Jb"), " \n", "redirect to /a [2Jb"),
        (None, "", "redirect without a target"),
    ] {
        let response = Response::new(302, body);
        let response =
            location.into_iter().fold(response, |response, to| response.with_header("Location", to));
        assert_eq!(read_error(&response).message(), expected);
    }
}
