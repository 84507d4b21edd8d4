//! A logger that keeps everything, at every level.

use std::sync::Mutex;

pub(crate) static WRITTEN: Mutex<Vec<(log::Level, String, String)>> = Mutex::new(Vec::new());

struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = record.args().to_string();
        WRITTEN.lock().unwrap().push((record.level(), record.target().to_string(), text));
    }

    fn flush(&self) {}
}

/// A process has one logger: to be called in a process that runs one test alone.
pub(crate) fn listen() {
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
}

#[test]
fn no_log_line_shows_a_secret_at_any_level() {
    if super::alone("leaks::log::no_log_line_shows_a_secret_at_any_level") {
        listen();
        super::try_everything();
        let written = std::mem::take(&mut *WRITTEN.lock().unwrap());
        // These servers send the secrets back. Of what a server sends, ureq logs Date, Server and the like at DEBUG,
        // and ureq-proto all of it at TRACE.
        let is_response = |target: &str, text: &str| {
            target.starts_with("ureq_proto") || target == "ureq::run" && text.starts_with("Response {")
        };
        for (level, target, text) in written.iter().filter(|(_, target, text)| !is_response(target, text)) {
            assert!(!text.contains(super::MARK), "{level} {target}: {text}");
        }
        let ours = written.iter().filter(|(_, target, _)| target.starts_with("cloudjob")).count();
        assert_eq!(ours > 0, cfg!(feature = "log"));

        // What this crate sends is not in those dumps. Here the server sends no secret but the token of a login.
        super::use_each_credential();
        let mut dumped = String::new();
        for (_, target, text) in WRITTEN.lock().unwrap().iter() {
            // A row is hexadecimal digits, then what they spell.
            if target == "ureq_proto::util" {
                dumped.push_str(&text[text.len() - 16..]);
            }
        }
        assert!(dumped.contains("/jobs/ff808"), "nothing was dumped");
        for secret in super::SENT {
            assert!(!dumped.contains(secret), "{secret} in {dumped}");
        }
        let tokens = dumped.matches(super::LOGIN_TOKEN).count() + dumped.matches(super::AGENCY_TOKEN).count();
        assert_eq!(tokens, dumped.to_ascii_lowercase().matches("x-subject-token:").count(), "{dumped}");
        eprintln!("all have been logged: {} lines, {ours} of them ours", written.len());
    }
}
