//! HTTP responses, and error responses in the shapes of the gateway, the services and the identity service.

use serde_json::{Value, json};

use crate::simulator::rng;

#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) request_id: String,
}

impl Response {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), request_id: rng::hex(32) }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string())
    }

    /// A gateway error: flat, with the request id that the header has too.
    pub(crate) fn gateway(status: u16, code: &str, message: &str) -> Self {
        let mut reply = Self::new(status, Vec::new());
        let body = json!({ "error_msg": message, "error_code": code, "request_id": reply.request_id });
        reply.body = body.to_string().into_bytes();
        reply
    }

    /// A service error: nested in `error`.
    pub(crate) fn service(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "error": { "message": message, "code": code } }))
    }

    /// An identity service error: its code is a number.
    pub(crate) fn identity(status: u16, message: &str) -> Self {
        let body = json!({ "error": { "message": message, "code": status, "title": reason(status) } });
        Self::json(status, &body)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Whether a response with this status may have a body.
    pub(crate) const fn has_body(&self) -> bool {
        !matches!(self.status, ..200 | 204 | 304)
    }

    /// Sets `Content-Length` to the current length of the body, so that a body truncated later is noticed.
    pub(crate) fn with_whole_length(self) -> Self {
        let length = self.body.len().to_string();
        self.header("Content-Length", length)
    }

    /// The bytes before the body. A response to HEAD has the `Content-Length` of the body but no body.
    pub(crate) fn head(&self, date: &str, close: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let bodiless = !self.has_body();
        let length = self.body.len().to_string();
        let own = [
            ("Date", date),
            ("Server", "api-gateway"),
            ("Content-Type", "application/json"),
            ("X-Request-Id", self.request_id.as_str()),
            ("Connection", if close { "close" } else { "keep-alive" }),
            ("Content-Length", length.as_str()),
        ];
        for (name, value) in own {
            let given = self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
            if !(given || bodiless && name == "Content-Length") {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{}: {}\r\n", one_line(name), one_line(value)));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// A line break in a header value would start another header.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], " ")
}

const fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(reply: &Response) -> String {
        String::from_utf8(reply.head("Sun, 23 Mar 2025 07:39:48 GMT", false)).unwrap()
    }

    #[test]
    fn every_response_has_the_headers_of_the_real_gateway() {
        let head = head(&Response::gateway(404, "APIGW.0101", "no such API"));
        assert!(head.starts_with("HTTP/1.1 404 Not Found\r\n"));
        for header in
            ["Date: Sun, 23 Mar 2025", "Server: ", "Content-Type: application/json", "X-Request-Id: "]
        {
            assert!(head.contains(header), "{head}");
        }
        assert!(head.ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_custom_header_replaces_the_default_and_cannot_inject_another() {
        let reply = Response::new(200, "{}").header("content-type", "text/html\r\nX-Evil: 1");
        let head = head(&reply);
        assert!(!head.contains("application/json"));
        assert!(!head.contains("\nX-Evil"));
    }

    #[test]
    fn the_request_id_of_a_gateway_error_is_the_same_in_header_and_body() {
        let reply = Response::gateway(401, "APIGW.0301", "no");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["request_id"], json!(reply.request_id));
    }
}
