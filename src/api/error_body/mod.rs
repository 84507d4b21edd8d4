//! Reads a response that is an error of the service, in whatever shape it is written.

use serde_json::{Map, Value};

use super::response::Response;
use crate::error::api::ApiError;
use crate::util::html::{html_to_text, is_markup};
use crate::util::json::{body_text, json_value};
use crate::util::redact::mask_secrets;
use crate::util::sanitize::{head, single_line};

/// Reads a response with an error status. Never fails: of a body in an unknown shape the beginning is the message.
///
/// The code of `details[]` is more precise than the one around it and goes first. A number that only repeats the HTTP
/// status is no code of the service: then the name of the OpenStack fault (`itemNotFound`) or the `type` of a Neutron
/// error stands in its place.
pub(crate) fn read_error(response: &Response) -> ApiError {
    let found = json(&response.body).map(|value| read(&value, response.status, 0)).unwrap_or_default();
    found.into_error(response)
}

/// The error in a response with a status of success: a body without a `status` member in the shape of an error.
pub(crate) fn error_in_success(response: &Response) -> Option<ApiError> {
    // No error is as large as that.
    let value = Some(&response.body).filter(|body| body.len() <= MAX_ERROR).and_then(|body| json(body))?;
    let map = value.as_object()?;
    let is_job = ["status", "jobid"].iter().any(|name| member(map, &[name]).is_some());
    if !matches!(response.status, 200..=299) || is_job || !is_error(map) {
        return None;
    }
    Some(read(&value, response.status, 0).into_error(response))
}

/// The error in a body whose HTTP status is not known; `None` if no code and no message can be found in it.
pub(crate) fn error_without_status(body: &[u8]) -> Option<ApiError> {
    let found = read(&json(body)?, 0, 0);
    found.says_something().then(|| found.into_error(&Response::new(0, body)))
}

/// What could be read from a body.
#[derive(Debug, Default)]
struct Found {
    code: Option<String>,
    outer_code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    /// A code that is only an HTTP status once more.
    status: Option<u16>,
}

impl Found {
    fn says_something(&self) -> bool {
        self.code.is_some() || self.message.is_some() || self.status.is_some()
    }

    /// The same error with what a part inside of it tells more precisely.
    fn refined(mut self, inner: Self) -> Self {
        let differs =
            |code: &String| !self.code.as_ref().is_some_and(|outer| outer.eq_ignore_ascii_case(code));
        if let Some(code) = inner.code.filter(differs) {
            self.outer_code = self.code.replace(code);
        }
        self.outer_code = self.outer_code.or(inner.outer_code);
        self.message = match (self.message, inner.message) {
            // A template that was not filled in says less than the inner text.
            (Some(outer), Some(inner)) if outer.contains("[%s]") || inner.contains(&outer) => Some(inner),
            (Some(outer), Some(inner)) if !outer.contains(&inner) => {
                Some(format!("{}: {inner}", outer.trim_end_matches(['.', ':', ' '])))
            }
            (outer, inner) => outer.or(inner),
        };
        self.request_id = self.request_id.or(inner.request_id);
        self.status = self.status.or(inner.status);
        self
    }

    fn into_error(self, response: &Response) -> ApiError {
        let shown = |text: String| response.secrets.mask(&text).unwrap_or(text);
        let label = |text: &str| {
            let text = shown(single_line(text, LABEL_LIMIT));
            (!text.is_empty()).then(|| text.into_boxed_str())
        };
        let message = self.message.map(|text| plain(&text, MESSAGE_LIMIT)).filter(|text| !text.is_empty());
        let message = message.unwrap_or_else(|| raw_message(&response.body));
        let message =
            if matches!(response.status, 300..=399) { redirect(response, &message) } else { message };
        // Under a status of success the number is the only sign of what is wrong.
        let number =
            self.status.filter(|_| matches!(response.status, 200..=299)).map(|status| status.to_string());
        ApiError {
            http_status: if response.status == 0 { self.status.unwrap_or(0) } else { response.status },
            code: self.code.or(number).as_deref().and_then(label),
            outer_code: self.outer_code.as_deref().and_then(label),
            message: shown(message).into(),
            request_id: self.request_id.as_deref().or(response.request_id.as_deref()).and_then(label),
            login: false,
            unknown_job: false,
            clock_offset: response.clock_offset(),
        }
    }
}

fn json(body: &[u8]) -> Option<Value> {
    json_value(body).ok()
}

fn read(value: &Value, status: u16, depth: u8) -> Found {
    match value {
        _ if depth > MAX_DEPTH => Found::default(),
        Value::Object(map) => read_object(map, status, depth),
        Value::Array(list) => list
            .iter()
            .map(|value| read(value, status, depth + 1))
            .find(Found::says_something)
            .unwrap_or_default(),
        Value::String(text) => read_text(text, status, depth),
        _ => Found::default(),
    }
}

/// A message, which can be a JSON document in a string.
fn read_text(text: &str, status: u16, depth: u8) -> Found {
    if text.trim_start().starts_with('{')
        && let Some(value) = json(text.as_bytes())
    {
        let found = read(&value, status, depth + 1);
        if found.message.is_some() {
            return found;
        }
    }
    Found { message: text_of(&Value::from(text)), ..Found::default() }
}

fn read_object(map: &Map<String, Value>, status: u16, depth: u8) -> Found {
    let mut found = own_members(map, status, depth);
    for name in PARTS {
        let inner = match member(map, &[name]) {
            // A short word such as "Bad Request"; it serves as a message where there is no other.
            Some(Value::String(_)) if *name == "error" && found.message.is_some() => continue,
            Some(value) => read(value, status, depth + 1),
            None => continue,
        };
        found = found.refined(inner);
    }
    if found.says_something() { found } else { read_wrapped(map, status, depth) }
}

fn own_members(map: &Map<String, Value>, status: u16, depth: u8) -> Found {
    let code = text_member(map, CODES);
    let number = code.as_deref().and_then(|code| http_status(code, status));
    let message = text_member(map, MESSAGES).map(|text| read_text(&text, status, depth)).unwrap_or_default();
    let outer = Found {
        code: code.filter(|_| number.is_none()),
        request_id: text_member(map, &["requestid"]),
        status: number,
        ..Found::default()
    };
    outer.refined(message)
}

/// The last resort: an error under a name that tells what it is, as OpenStack writes them.
fn read_wrapped(map: &Map<String, Value>, status: u16, depth: u8) -> Found {
    for (name, value) in map {
        let Value::Object(inner) = value else { continue };
        if PARTS.iter().any(|part| is_named(name, part)) {
            continue;
        }
        let mut found = read(value, status, depth + 1);
        let kind = text_member(inner, &["type"]);
        let is_named = found.status.is_some() || kind.is_some();
        if found.message.is_none() || found.code.is_none() && !is_named {
            continue;
        }
        found.code = found.code.or(kind).or_else(|| Some(name.clone()));
        found.request_id = found.request_id.or_else(|| text_member(map, &["requestid"]));
        return found;
    }
    Found { request_id: text_member(map, &["requestid"]), ..Found::default() }
}

/// The number, if a code is only the HTTP status once more.
fn http_status(code: &str, status: u16) -> Option<u16> {
    // An error can be passed on under another status; the codes of the services are longer numbers.
    code.parse().ok().filter(|number| *number == status || (400..=599).contains(number))
}

/// An object of success that is an error after all: it has a code and a message, or one of them under `error`.
fn is_error(map: &Map<String, Value>) -> bool {
    let is_bad = |names| text_member(map, names).is_some_and(|code| !means_success(&code));
    if is_bad(&["errorcode", "errcode"]) && text_member(map, CLEAR_MESSAGES).is_some() {
        return true;
    }
    // Words so common that an object of many members can mean something else by them.
    let is_small = map.values().filter(|value| !is_nothing(value)).count() <= 4;
    let is_response = is_small || member(map, &["requestid"]).is_some();
    if is_response && is_bad(&["code"]) && text_member(map, CLEAR_MESSAGES).is_some() {
        return true;
    }
    map.iter()
        .any(|(name, value)| value.as_object().is_some_and(|inner| is_fault(name, inner, map.len() == 1)))
}

fn is_fault(name: &str, inner: &Map<String, Value>, is_alone: bool) -> bool {
    let code = text_member(inner, CODES);
    let has_message = text_member(inner, CLEAR_MESSAGES).is_some();
    if is_named(name, "error") {
        code.map_or(has_message, |code| !means_success(&code))
    } else if is_named(name, "neutronerror") {
        has_message
    } else if is_named(name, "badrequest") {
        has_message && code.is_some()
    } else {
        is_alone && has_message && code.is_some_and(|code| http_status(&code, 400).is_some())
    }
}

/// A code that some services send with every success too.
fn means_success(code: &str) -> bool {
    match code.parse::<i64>() {
        Ok(number) => number < 400,
        Err(_) => {
            ["ok", "success", "succeeded", "successful"].iter().any(|word| word.eq_ignore_ascii_case(code))
        }
    }
}

/// The first of these members that is neither absent nor null nor an empty text.
///
/// `error_code`, `errorCode` and `ErrorCode` are one name.
fn member<'a>(map: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|wanted| {
        map.iter().find(|(name, value)| !is_nothing(value) && is_named(name, wanted)).map(|(_, value)| value)
    })
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// `wanted` is in lower case, without `_` and `-`.
pub(super) fn is_named(name: &str, wanted: &str) -> bool {
    name.bytes().filter(|b| !matches!(b, b'_' | b'-')).map(|b| b.to_ascii_lowercase()).eq(wanted.bytes())
}

fn text_member(map: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| member(map, &[name]).and_then(text_of))
}

/// A text or a number as a text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where a redirect leads to, before what else its response says.
fn redirect(response: &Response, message: &str) -> String {
    let is_blank = response.body.trim_ascii().is_empty();
    match response.location().map(|target| single_line(&target, LABEL_LIMIT)) {
        Some(target) if is_blank => format!("redirect to {target}"),
        Some(target) => format!("redirect to {target}: {message}"),
        None if is_blank => "redirect without a target".to_owned(),
        None => message.to_owned(),
    }
}

/// The body itself as the message.
fn raw_message(body: &[u8]) -> String {
    let text = body_text(body);
    let text = text.trim();
    if text.is_empty() {
        return "the response has no body".to_owned();
    }
    let limit = if is_markup(text) || text.starts_with('{') { RAW_LIMIT } else { MESSAGE_LIMIT };
    let message = plain(text, limit);
    if message.is_empty() { "the response has no text".to_owned() } else { message }
}

fn plain(text: &str, limit: usize) -> String {
    if is_markup(text) {
        // Cleaned before too: the name of an element tells that its text is a secret.
        single_line(&html_to_text(&mask_secrets(head(text))), limit.min(RAW_LIMIT))
    } else {
        single_line(text, limit)
    }
}

const MAX_DEPTH: u8 = 8;

/// Of a response with a status of success, in bytes.
const MAX_ERROR: usize = 1024 * 1024;

/// In characters, one less than what is shown: a text that was cut ends in `…`.
const MESSAGE_LIMIT: usize = 499;
const RAW_LIMIT: usize = 199;
const LABEL_LIMIT: usize = 99;

/// Names without case, `_` and `-`; the first that says something counts.
const CODES: &[&str] = &["errorcode", "errcode", "code"];
const CLEAR_MESSAGES: &[&str] = &["errormsg", "errormessage", "errmsg", "message", "msg"];
const MESSAGES: &[&str] =
    &["errormsg", "errormessage", "errmsg", "message", "msg", "errordescription", "title"];

/// Members that hold the error, or tell more of it.
const PARTS: &[&str] = &["error", "details", "detail", "errors", "internalerror"];

#[cfg(test)]
mod tests;
