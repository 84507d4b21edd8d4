//! An error as it is printed: what went wrong, what to do, and what else is known, on lines of their own.

use std::fmt;

use super::style::{Style, Styles};

/// An error of the command. `Display` has no line break at its end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Message {
    error: String,
    hint: Option<String>,
    note: Option<String>,
}

impl Message {
    pub(crate) fn new(error: impl Into<String>) -> Self {
        Self { error: error.into(), ..Self::default() }
    }

    /// What to do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// What else is known.
    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// Another fact beside those there are.
    pub(crate) fn and_note(mut self, note: &str) -> Self {
        match &mut self.note {
            Some(notes) => notes.extend(["; ", note]),
            None => self.note = Some(note.to_owned()),
        }
        self
    }

    /// The text of a library error, whose clauses say what went wrong, what state that leaves, and what to do.
    pub(crate) fn from_clauses(text: &str) -> Self {
        let mut clauses = text.split("; ");
        let mut message = Self::new(clauses.next().unwrap_or_default());
        let (mut hints, mut notes) = (Vec::new(), Vec::new());
        for clause in clauses {
            let first = clause.split([' ', ',']).next().unwrap_or_default();
            let clauses = if ADVICE.contains(&first) { &mut hints } else { &mut notes };
            clauses.push(clause);
        }
        message.hint = (!hints.is_empty()).then(|| hints.join("; "));
        message.note = (!notes.is_empty()).then(|| notes.join("; "));
        message
    }

    /// As it goes to standard error.
    pub(crate) fn to_text(&self, styles: Styles) -> String {
        let mut text = format!("{} {}", styles.paint(Style::Bad, "error:"), self.error);
        for (label, part) in [("hint:", &self.hint), ("note:", &self.note)] {
            if let Some(part) = part {
                text.extend(["\n", &styles.paint(Style::Going, label), " ", part]);
            }
        }
        text
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Styles::default()))
    }
}

/// How a clause begins that says what to do.
const ADVICE: [&str; 13] =
    ["ask", "check", "choose", "give", "pass", "pay", "poll", "retry", "set", "try", "use", "wait", "write"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_stand_on_lines_of_their_own() {
        let text =
            "job a: no response after 3 polls: HTTP 502; try again later; the state of the job is unknown";
        assert_eq!(
            Message::from_clauses(text).and_note("polled at https://ecs.example").to_string(),
            "error: job a: no response after 3 polls: HTTP 502\nhint: try again later\n\
             note: the state of the job is unknown; polled at https://ecs.example"
        );
        assert_eq!(Message::new("a").to_string(), "error: a");
    }
}
