//! An error as it is printed: what went wrong, what to do, and what else is known, on lines of their own.

use std::fmt;

use crate::error::{Error, Parts, Setting};

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

    /// Another thing to do.
    pub(crate) fn and_hint(mut self, hint: &str) -> Self {
        match &mut self.hint {
            Some(hints) => hints.extend(["; ", hint]),
            None => self.hint = Some(hint.to_owned()),
        }
        self
    }

    /// Another fact beside those there are.
    pub(crate) fn and_note(mut self, note: &str) -> Self {
        match &mut self.note {
            Some(notes) => notes.extend(["; ", note]),
            None => self.note = Some(note.to_owned()),
        }
        self
    }

    /// All parts on one line.
    pub(crate) fn to_line(&self) -> String {
        let parts = [Some(&self.error), self.note.as_ref(), self.hint.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.to_line().contains(text)
    }

    /// Adds the options that do the same as what the hint says.
    pub(crate) fn or_options(mut self, options: &[&str]) -> Self {
        if !options.is_empty() {
            let options = options.join(" or ");
            self.hint = Some(match self.hint {
                Some(hint) => format!("{hint}; or pass {options}"),
                None => format!("pass {options}"),
            });
        }
        self
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

impl From<&Error> for Message {
    fn from(error: &Error) -> Self {
        let Parts { what, note, hint } = error.parts();
        let options: Vec<_> = error.settings().iter().map(|setting| option(*setting)).collect();
        Self { error: what, note, hint }.or_options(&options)
    }
}

/// The option of the command for a setting.
const fn option(setting: Setting) -> &'static str {
    match setting {
        Setting::Cloud => "--cloud",
        Setting::Region => "--region",
        Setting::Endpoint => "--endpoint",
        Setting::Project => "--project-id",
        Setting::Token => "--token-file",
        Setting::CaFile => "--ca-cert",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_stand_on_lines_of_their_own() {
        let message = Message::new("no response").hint("try again").and_note("the state is unknown");
        let message = message.and_note("polled at https://ecs.example");
        assert_eq!(
            message.to_string(),
            "error: no response\nhint: try again\nnote: the state is unknown; polled at https://ecs.example"
        );
        assert_eq!(
            message.to_line(),
            "no response; the state is unknown; polled at https://ecs.example; try again"
        );
        assert_eq!(Message::new("a").to_string(), "error: a");
    }
}
