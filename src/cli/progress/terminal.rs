//! The lines at the end of a terminal that are written over and over.
//!
//! Between two drawings the cursor stands at the beginning of the first of these lines. So whatever happens to them in
//! between (a narrower window folds them, Ctrl-C writes `^C`), clearing from there on removes all of it, and nothing
//! about the terminal has to be restored at the end: the cursor is never hidden.
//!
//! Why this is not `indicatif`: tried with `MultiProgress` of 0.18.6, four lines on a terminal of 120 columns that is
//! made narrower to 40. It leaves the cursor at the end of its last line and goes up by the number of lines it wrote at
//! the old width (3), while the terminal has folded them to 12, so that the old first rows stay on the screen for good.
//! `the_display_is_redrawn_when_the_window_narrows` (tests/it/cli/terminal.rs) fails with it.

use std::sync::atomic::{AtomicBool, Ordering};

use console::{Term, measure_text_width, truncate_str};

use crate::cli::output::stdio;
use crate::cli::output::style::{Style, Styles};

/// One line: pieces of text with their colours.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Line(Vec<(Style, String)>);

/// What is on the terminal, and how wide the terminal was then.
#[derive(Debug)]
pub(crate) struct Terminal {
    term: Term,
    styles: Styles,
    drawn: Option<(Vec<String>, (u16, u16))>,
}

impl Line {
    pub(crate) fn add(mut self, style: Style, text: impl Into<String>) -> Self {
        self.0.push((style, text.into()));
        self
    }

    /// How many columns it takes.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| measure_text_width(text)).sum()
    }

    /// The text alone.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// As it goes to the terminal, cut to so many columns.
    fn cut(&self, columns: usize, styles: Styles) -> String {
        let mut left = columns;
        let mut out = String::new();
        for (place, (style, text)) in self.0.iter().enumerate() {
            let rest: usize = self.0[place..].iter().map(|(_, text)| measure_text_width(text)).sum();
            let wide = measure_text_width(text);
            if rest <= left || wide < left {
                out.push_str(&styles.paint(*style, text));
                left -= wide;
                continue;
            }
            out.push_str(&styles.paint(*style, &truncate_str(&format!("{text}…"), left, "…")));
            break;
        }
        out
    }
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self { term: Term::stderr(), styles: Styles::for_errors(), drawn: None }
    }

    /// How many lines can be shown, and how many columns they can have: in the last one the cursor would be between two
    /// lines.
    pub(crate) fn size(&self) -> (usize, usize) {
        let (rows, columns) = self.term.size();
        (usize::from(rows).saturating_sub(1).max(1), usize::from(columns).saturating_sub(1).max(1))
    }

    /// Whether the terminal may be drawn on: not while the process runs in the background of a shell. What was drawn
    /// before that is left to the shell.
    pub(crate) fn is_ours(&mut self) -> bool {
        let is_ours = is_in_foreground();
        if !is_ours && self.drawn.take().is_some() {
            IS_DRAWN.store(false, Ordering::SeqCst);
        }
        is_ours
    }

    /// Shows these lines in place of the last ones. What stands there already is not written again.
    pub(crate) fn draw(&mut self, lines: &[Line]) {
        let size = self.term.size();
        let (rows, columns) = self.size();
        let lines: Vec<_> = lines.iter().take(rows).map(|line| line.cut(columns, self.styles)).collect();
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
        if !LEFT.load(Ordering::SeqCst) && stdio::draw(&out) {
            IS_DRAWN.store(true, Ordering::SeqCst);
            self.drawn = Some((lines, size));
        }
    }

    pub(crate) const fn is_drawn(&self) -> bool {
        self.drawn.is_some()
    }

    /// Removes all lines.
    pub(crate) fn clear(&mut self) {
        if self.is_ours() && self.drawn.take().is_some() {
            stdio::say_as_is(CLEAR);
            IS_DRAWN.store(false, Ordering::SeqCst);
        }
    }
}

/// Removes all lines for good, before a process that hangs somewhere is ended from another thread.
pub(crate) fn leave() {
    LEFT.store(true, Ordering::SeqCst);
    if IS_DRAWN.load(Ordering::SeqCst) {
        stdio::last_words(CLEAR);
    }
}

/// Whether the process may use its terminal: a shell gives it to one group of processes at a time.
fn is_in_foreground() -> bool {
    #[cfg(unix)]
    if let Ok(group) = rustix::termios::tcgetpgrp(rustix::stdio::stderr()) {
        return group == rustix::process::getpgrp();
    }
    // It is not the terminal of a shell.
    true
}

/// There is one terminal.
static IS_DRAWN: AtomicBool = AtomicBool::new(false);
static LEFT: AtomicBool = AtomicBool::new(false);

/// To the beginning of the line, and all away from there to the end of the terminal.
const CLEAR: &str = "\r\u{1b}[J";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_to_the_columns_there_are() {
        let line = Line::default()
            .add(Style::Good, "SUCCESS")
            .add(Style::Plain, " 3s, ")
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
