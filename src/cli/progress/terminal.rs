//! The lines at the end of a terminal that are written over and over.
//!
//! Between two drawings the cursor stands at the beginning of the first of these lines. So whatever has become of them
//! in between (a window made narrower folds them, Ctrl-C writes `^C`), clearing from there on takes all of it away, and
//! nothing about the terminal has to be switched back at the end: the cursor is never hidden.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use console::{Term, measure_text_width, truncate_str};

use crate::cli::output::style::{Style, Styles};

/// One line: pieces of text with their colours.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Line(Vec<(Style, String)>);

/// What is on the terminal, and how wide the terminal was then.
#[derive(Debug)]
pub(crate) struct Terminal {
    term: Term,
    paint: Styles,
    drawn: Option<(Vec<String>, (u16, u16))>,
}

impl Line {
    pub(crate) fn add(mut self, ink: Style, text: impl Into<String>) -> Self {
        self.0.push((ink, text.into()));
        self
    }

    /// The text alone.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// As it goes to the terminal, cut to so many columns.
    fn cut(&self, columns: usize, paint: Styles) -> String {
        let mut left = columns;
        let mut out = String::new();
        for (place, (ink, text)) in self.0.iter().enumerate() {
            let rest: usize = self.0[place..].iter().map(|(_, text)| measure_text_width(text)).sum();
            let wide = measure_text_width(text);
            if rest <= left || wide < left {
                out.push_str(&paint.dye(*ink, text));
                left -= wide;
                continue;
            }
            out.push_str(&paint.dye(*ink, &truncate_str(&format!("{text}…"), left, "…")));
            break;
        }
        out
    }
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self { term: Term::stderr(), paint: Styles::for_errors(), drawn: None }
    }

    /// How many lines can be shown at most.
    pub(crate) fn rows(&self) -> usize {
        usize::from(self.term.size().0).saturating_sub(1).max(1)
    }

    /// Shows these lines in place of the last ones. What stands there already is not written again.
    pub(crate) fn draw(&mut self, lines: &[Line]) {
        let size = self.term.size();
        let columns = usize::from(size.1).saturating_sub(1).max(1);
        // One more would move the beginning out of the window.
        let most = usize::from(size.0).saturating_sub(1).max(1);
        let lines: Vec<_> = lines.iter().take(most).map(|line| line.cut(columns, self.paint)).collect();
        if lines.is_empty() {
            return self.clear();
        }
        let again = self.drawn.as_ref().is_some_and(|(_, before)| *before == size);
        if again && self.drawn.as_ref().is_some_and(|(before, _)| *before == lines) {
            return;
        }
        let mut out = String::from(if again { "\r" } else { CLEAR });
        out.push_str(&lines.join("\u{1b}[K\r\n"));
        out.push_str("\u{1b}[J\r");
        if lines.len() > 1 {
            out.push_str(&format!("\u{1b}[{}A", lines.len() - 1));
        }
        let mut stderr = io::stderr().lock();
        if LEFT.load(Ordering::SeqCst) {
            return;
        }
        IS_DRAWN.store(true, Ordering::SeqCst);
        // On a terminal that is gone there is nobody to be told.
        let _ = stderr.write_all(out.as_bytes());
        self.drawn = Some((lines, size));
    }

    pub(crate) const fn is_drawn(&self) -> bool {
        self.drawn.is_some()
    }

    /// Takes all lines away.
    pub(crate) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let mut stderr = io::stderr().lock();
            let _ = stderr.write_all(CLEAR.as_bytes());
            IS_DRAWN.store(false, Ordering::SeqCst);
        }
    }
}

/// Takes all lines away for good, before a process that hangs somewhere is ended from another thread.
pub(crate) fn leave() {
    LEFT.store(true, Ordering::SeqCst);
    if !IS_DRAWN.load(Ordering::SeqCst) {
        return;
    }
    let (send, receive) = sync_channel(1);
    thread::spawn(move || {
        let _ = io::stderr().lock().write_all(CLEAR.as_bytes());
        send.send(())
    });
    // What hangs may be the terminal itself.
    let _ = receive.recv_timeout(PATIENCE);
}

/// There is one terminal.
static IS_DRAWN: AtomicBool = AtomicBool::new(false);
static LEFT: AtomicBool = AtomicBool::new(false);

/// To the beginning of the line, and all away from there to the end of the screen.
const CLEAR: &str = "\r\u{1b}[J";

const PATIENCE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_to_the_columns_there_are() {
        let line = Line::default()
            .add(Style::Good, "SUCCESS")
            .add(Style::LineProgress, " 3s, ")
            .add(Style::Faint, "服务器");
        for (columns, expected) in [
            (18, "SUCCESS 3s, 服务器"),
            (17, "SUCCESS 3s, 服务…"),
            (16, "SUCCESS 3s, 服…"),
            (13, "SUCCESS 3s, …"),
            (12, "SUCCESS 3s,…"),
            (8, "SUCCESS…"),
            (7, "SUCCES…"),
            (1, "…"),
        ] {
            let cut = line.cut(columns, Styles::default());
            assert_eq!(cut, expected);
            assert!(measure_text_width(&cut) <= columns, "{cut}");
        }
        assert_eq!(Line::default().cut(5, Styles::default()), "");
    }
}
