//! A log that keeps all that is written to it, at every level.

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

/// There is one log for a process: to be called in a process that runs one test alone.
pub(crate) fn listen() {
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
}

#[test]
fn no_log_line_shows_a_secret_at_any_level() {
    if super::alone("leaks::log::no_log_line_shows_a_secret_at_any_level") {
        listen();
        super::everything_is_tried();
        let written = WRITTEN.lock().unwrap();
        let mut dumped = String::new();
        for (level, target, text) in written.iter() {
            assert!(!text.contains(super::MARK), "{level} {target}: {text}");
            // A dump is rows of hexadecimal digits, then 16 characters: what they spell is what counts. Rows of
            // several threads come mixed, so half a marker is enough.
            if target == "ureq_proto::util" {
                let spelt = &text[text.len() - 16..];
                assert!(!spelt.contains("L3ak") && !spelt.contains("kMark"), "{spelt}");
                dumped.push_str(spelt);
            }
        }
        assert!(dumped.contains("/jobs/ff808"), "nothing was dumped");
        let ours = written.iter().filter(|(_, target, _)| target.starts_with("cloudjob")).count();
        assert_eq!(ours > 0, cfg!(feature = "log"));
        eprintln!("all have been logged: {} lines, {ours} of them ours", written.len());
    }
}
