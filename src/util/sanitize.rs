//! Small texts for people: one line, bounded, without control characters, markup or secrets.

pub(crate) use super::redact::without_secrets;

/// The first 80 characters of a body, on one line, without control characters; bytes that are no text are `?`.
pub(crate) fn beginning(body: &[u8]) -> String {
    let body = body.trim_ascii_start();
    // Far more than is shown, so that a secret that begins in the part shown is there in full to be found.
    let head = &body[..body.len().min(16 * 1024)];
    one_line(&String::from_utf8_lossy(head), 80)
}

/// A text as one line of at most `limit` characters (and then `…`): white space folded, invisible characters removed,
/// bytes that were no text shown as `?`, secrets masked.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    // Folded first: a control character inside a token must not hide it from the search.
    let mut line = without_secrets(&folded(text));
    if let Some((end, _)) = line.char_indices().nth(limit) {
        line.truncate(end);
        line.truncate(line.trim_end().len());
        line.push('…');
    }
    line
}

fn folded(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
            char::REPLACEMENT_CHARACTER => '?',
            c => c,
        }));
    }
    line.truncate(line.trim_end().len());
    line
}

/// Control characters, and those that change how the characters around them are shown.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_folded_cleaned_and_cut() {
        for (text, limit, expected) in [
            ("", 10, ""),
            ("  a \r\n\t b  ", 10, "a b"),
            ("a\u{0}b\u{1b}[31mc", 20, "ab[31mc"),
            ("a \u{7} b", 20, "a b"),
            ("left\u{202e}right", 20, "leftright"),
            ("\u{feff}{}", 20, "{}"),
            ("0123456789", 10, "0123456789"),
            ("0123456789a", 10, "0123456789…"),
            ("01234 6789", 6, "01234…"),
            ("ääääää", 3, "äää…"),
            ("bad \u{fffd}", 20, "bad ?"),
        ] {
            assert_eq!(one_line(text, limit), expected, "{text:?}");
        }
    }

    #[test]
    fn the_beginning_of_a_body_is_80_characters_of_text() {
        assert_eq!(beginning(b""), "");
        assert_eq!(beginning(b" \n {\n \"a\": 1 }"), "{ \"a\": 1 }");
        assert_eq!(beginning(b"\xff\xfeab"), "??ab");
        assert_eq!(beginning(&[b'x'; 99]), format!("{}…", "x".repeat(80)));
    }

    #[test]
    fn the_beginning_of_a_body_shows_no_token_that_begins_in_it() {
        let body = format!("{}{{\"t\": \"MIIF{}\"}}", " ".repeat(380), "Ab9".repeat(800));
        assert_eq!(beginning(body.as_bytes()), "{\"t\": \"***\"}");
    }

    proptest! {
        #[test]
        fn a_line_of_any_text_is_one_bounded_line(text in any::<String>(), limit in 0_usize..60) {
            let line = one_line(&text, limit);
            prop_assert!(line.chars().count() <= limit + 1);
            prop_assert!(!line.chars().any(char::is_control));
        }

        #[test]
        fn the_beginning_of_any_bytes_can_be_shown(body in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(beginning(&body).chars().count() <= 81);
        }
    }
}
