//! Text of others made safe to print: one line, bounded, with nothing in it that a terminal obeys and no secret.

use std::fmt::Write;

use super::redact::mask_secrets;

/// A job id, a job type, a status, a code, or a name as a single line of at most 128 characters.
pub(crate) fn label(text: &str) -> String {
    single_line(text, 128)
}

/// A reason or the text of an error as a single line of at most 1,000 characters.
pub(crate) fn message(text: &str) -> String {
    single_line(text, 1000)
}

/// The text as one line of at most `limit` characters, and `…` if it was longer.
///
/// White space and control characters become one space. Characters that are invisible or change the direction of the
/// text around them are removed, bytes that were no text are `?`, secrets are masked.
pub(crate) fn single_line(text: &str, limit: usize) -> String {
    let text = head(text);
    // Invisible characters must not hide a secret from the search.
    let joined = fold(&text.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect::<String>());
    let masked = mask_secrets(&joined);
    let line = if masked == joined { mask_secrets(&fold(text)) } else { masked };
    // What was masked may have been decoded before.
    truncate(fold(&line), limit)
}

/// The text as it was written, of at most `limit` characters, with escapes in place of what cannot be seen: for what
/// the user wrote, such as names, paths and settings.
pub(crate) fn escaped(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    for c in head(text).chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // `escape_unicode` cannot fail on a string.
            c if c.is_control() || is_invisible(c) || is_line_break(c) => {
                let _ = write!(shown, "{}", c.escape_unicode());
            }
            c => shown.push(c),
        }
    }
    truncate(shown, limit)
}

/// The first 80 characters of a body as a single line.
pub(crate) fn preview(body: &[u8]) -> String {
    let body = body.trim_ascii_start();
    single_line(&String::from_utf8_lossy(&body[..body.len().min(HEAD)]), 80)
}

/// Far more than is shown, so that a secret that begins in the part shown is there in full to be found.
const HEAD: usize = 64 * 1024;

/// The beginning of a text, as much of it as is ever searched for what is shown.
pub(crate) fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn fold(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match c {
            c if c.is_whitespace() || c.is_control() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            char::REPLACEMENT_CHARACTER => line.push('?'),
            c => line.push(c),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

fn truncate(mut text: String, limit: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    text
}

const fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Characters that take no space of their own: bidirectional controls, zero-width characters, variation selectors,
/// fillers, tags. Unicode calls them `Default_Ignorable_Code_Point`, and the format characters of interlinear notes.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_folded_cleaned_and_bounded() {
        for (text, limit, expected) in [
            ("", 10, ""),
            ("  a \r\n\t b  ", 10, "a b"),
            ("a\u{0}b\u{1b}[31mc", 20, "a b [31mc"),
            ("a \u{7} b", 20, "a b"),
            ("line one\u{85}two\u{2028}three\u{2029}four\u{1a}", 40, "line one two three four"),
            ("left\u{202e}right\u{2066}\u{61c}\u{200b}", 20, "leftright"),
            ("tag\u{e0041}\u{e007f}vs\u{fe0f}filler\u{3164}", 20, "tagvsfiller"),
            ("\u{feff}{}", 20, "{}"),
            ("0123456789", 10, "0123456789"),
            ("0123456789a", 10, "0123456789…"),
            ("01234 6789", 6, "01234…"),
            ("ääääää", 3, "äää…"),
            ("bad \u{fffd}", 20, "bad ?"),
        ] {
            assert_eq!(single_line(text, limit), expected, "{text:?}");
        }
    }

    #[test]
    fn what_the_user_wrote_is_shown_with_escapes() {
        for (text, limit, expected) in [
            ("", 9, ""),
            (r#"C:\clouds "a" 'b' ä"#, 40, r#"C:\clouds "a" 'b' ä"#),
            ("a\r\n\tb", 40, "a\\r\\n\\tb"),
            ("a\u{1b}[2J\u{202e}\u{2028}\u{200d}", 40, "a\\u{1b}[2J\\u{202e}\\u{2028}\\u{200d}"),
            ("  two  blanks ", 40, "  two  blanks "),
            ("0123456789", 4, "0123…"),
        ] {
            assert_eq!(escaped(text, limit), expected, "{text:?}");
        }
    }

    #[test]
    fn the_preview_of_a_body_is_80_characters_of_text() {
        assert_eq!(preview(b""), "");
        assert_eq!(preview(b" \n {\n \"a\": 1 }"), "{ \"a\": 1 }");
        assert_eq!(preview(b"\xff\xfeab"), "??ab");
        assert_eq!(preview(&[b'x'; 99]), format!("{}…", "x".repeat(80)));
    }

    #[test]
    fn the_preview_of_a_body_shows_no_token_that_begins_in_it() {
        let body = format!("{}{{\"t\": \"MIIF{}\"}}", " ".repeat(380), "Ab9".repeat(800));
        assert_eq!(preview(body.as_bytes()), "{\"t\": \"***\"}");
    }

    #[test]
    fn an_invisible_character_does_not_hide_a_secret() {
        for hidden in ["\u{0}", "\u{1b}", "\u{200b}", "\u{202e}", "\u{feff}", "\u{ad}"] {
            let line = single_line(&format!("x-auth-{hidden}token: S3{hidden}CRET end"), 80);
            assert_eq!(line, "x-auth-token: *** end", "{hidden:?}");
        }
    }

    #[test]
    fn what_is_decoded_to_be_masked_is_cleaned_too() {
        let line = single_line(r"x-auth-token\u003dS3CRET \u001b[2J&#x202e;%00", 80);
        assert_eq!(line, "x-auth-token=*** [2J");
    }

    proptest! {
        #[test]
        fn a_line_of_any_text_is_one_bounded_line(text in any::<String>(), limit in 0_usize..60) {
            for line in [single_line(&text, limit), escaped(&text, limit)] {
                prop_assert!(line.chars().count() <= limit + 1);
                prop_assert!(!line.chars().any(|c| c.is_control() || is_invisible(c) || is_line_break(c)));
            }
        }

        #[test]
        fn the_preview_of_any_bytes_can_be_shown(body in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(preview(&body).chars().count() <= 81);
        }
    }
}
