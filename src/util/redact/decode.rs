//! The encodings a secret can hide behind, undone.

use std::borrow::Cow;
use std::ops::Range;

use crate::util::html::entity;
use crate::util::sanitize::is_invisible;

/// A piece of the result, with the part of the source it stands for. What no piece stands for is left out.
pub(super) enum Piece {
    Kept(Range<usize>),
    Decoded(Range<usize>, char),
}

/// Turns a text into pieces.
pub(super) type Pass = fn(&str, &mut dyn FnMut(Piece));

/// The text without JSON escapes, HTML entities and percent-encoding, however often they were applied; `None` if there
/// are none.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut texts = rounds(text);
    texts.pop()
}

/// The text after each round of decoding that changed it.
pub(super) fn rounds(text: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    while texts.len() < MAX_ROUNDS {
        let last = texts.last().map_or(text, String::as_str);
        match apply(decode, last) {
            Cow::Owned(next) => texts.push(next),
            Cow::Borrowed(_) => break,
        }
    }
    texts
}

pub(super) fn apply(pass: Pass, text: &str) -> Cow<'_, str> {
    // Most texts are as they were.
    let (mut same, mut result) = (0, None::<String>);
    pass(text, &mut |piece| match (&mut result, piece) {
        (None, Piece::Kept(range)) if range.start == same => same = range.end,
        (Some(result), Piece::Kept(range)) => result.push_str(&text[range]),
        (Some(result), Piece::Decoded(_, c)) => result.push(c),
        (None, piece) => {
            let result = result.insert(String::with_capacity(text.len()));
            result.push_str(&text[..same]);
            match piece {
                Piece::Kept(range) => result.push_str(&text[range]),
                Piece::Decoded(_, c) => result.push(c),
            }
        }
    });
    result.map_or_else(|| Cow::Borrowed(&text[..same]), Cow::Owned)
}

/// Where these ranges of the result of a pass are in its source. Both lists are sorted.
pub(super) fn source_of(pass: Pass, text: &str, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    let mut at = 0;
    // Of `ranges`: so many have a beginning, and so many an end.
    let (mut begun, mut ended) = (0, 0);
    pass(text, &mut |piece| {
        let (source, length) = match &piece {
            Piece::Kept(source) => (source, source.len()),
            Piece::Decoded(source, c) => (source, c.len_utf8()),
        };
        let is_kept = matches!(piece, Piece::Kept(_));
        let end = at + length;
        while let Some(range) = ranges.get(begun).filter(|range| range.start < end) {
            let start = if is_kept { source.start + (range.start - at) } else { source.start };
            found.push(start..start);
            begun += 1;
        }
        while let Some(range) = ranges.get(ended).filter(|range| ended < begun && range.end <= end) {
            found[ended].end = if is_kept { source.start + (range.end - at) } else { source.end };
            ended += 1;
        }
        at = end;
    });
    found.truncate(ended);
    found
}

/// One round: `\u003d`, `\x3d`, `\/`, `\n`, `&#61;`, `&equals;`, `%3D`. More backslashes are JSON inside JSON.
pub(super) fn decode(text: &str, emit: &mut dyn FnMut(Piece)) {
    let mut signs = Signs::new(text);
    let (mut kept, mut at) = (0, 0);
    while let Some(start) = signs.next_from(at) {
        let rest = &text[start..];
        let code = match rest.as_bytes()[0] {
            b'\\' => json_escape(rest),
            b'&' => entity(rest),
            _ => percent(rest),
        };
        let Some((c, length)) = code else {
            // Backslashes are an escape together or not at all.
            at = start + rest.bytes().take_while(|byte| *byte == b'\\').count().max(1);
            continue;
        };
        if start > kept {
            emit(Piece::Kept(kept..start));
        }
        emit(Piece::Decoded(start..start + length, c));
        (kept, at) = (start + length, start + length);
    }
    if kept < text.len() {
        emit(Piece::Kept(kept..text.len()));
    }
}

/// The places of the characters that codes begin with. Each is searched for by itself, which is many times as fast.
struct Signs<'a> {
    text: &'a str,
    /// Of each sign the next place that is known.
    next: [usize; 3],
}

impl<'a> Signs<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, next: SIGNS.map(|sign| text.find(sign).unwrap_or(usize::MAX)) }
    }

    fn next_from(&mut self, from: usize) -> Option<usize> {
        for (next, sign) in self.next.iter_mut().zip(SIGNS) {
            if *next < from {
                *next = self.text[from..].find(sign).map_or(usize::MAX, |at| from + at);
            }
        }
        self.next.into_iter().min().filter(|next| *next < usize::MAX)
    }
}

fn json_escape(text: &str) -> Option<(char, usize)> {
    let code = text.trim_start_matches('\\');
    let before = text.len() - code.len();
    if let Some(c) = code.chars().next().filter(|c| "/nrtbf".contains(*c)).filter(|_| before > 0) {
        return Some((if c == '/' { c } else { ' ' }, before + 1));
    }
    if let Some(digits) = code.strip_prefix('x') {
        return Some((char::from_u32(hex(digits, 2)?)?, before + 3));
    }
    let unit = hex(code.strip_prefix('u')?, 4)?;
    if let Some(c) = char::from_u32(unit) {
        return Some((c, before + 5));
    }
    // Half of a surrogate pair.
    let rest = &code[5..];
    let low = rest.trim_start_matches('\\');
    let low_unit = hex(low.strip_prefix('u')?, 4)?;
    let mut pair = char::decode_utf16([u16::try_from(unit).ok()?, u16::try_from(low_unit).ok()?]);
    Some((pair.next()?.ok()?, before + 5 + (rest.len() - low.len()) + 5))
}

fn hex(text: &str, digits: usize) -> Option<u32> {
    let digits = text.get(..digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

fn percent(text: &str) -> Option<(char, usize)> {
    let mut bytes = Vec::with_capacity(4);
    let mut rest = text;
    while bytes.len() < 4 {
        bytes.push(u8::try_from(hex(rest.strip_prefix('%')?, 2)?).ok()?);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return Some((text.chars().next()?, 3 * bytes.len()));
        }
        rest = &rest[3..];
    }
    None
}

/// Leaves out the invisible characters.
pub(super) fn drop_invisible(text: &str, emit: &mut dyn FnMut(Piece)) {
    const DROPPED: [bool; 128] = dropped_ascii(false);
    leave_out(text, &DROPPED, |c| is_invisible(c) || c.is_control() && !c.is_whitespace(), emit);
}

/// Leaves out what can be strewn into a text without changing what a reader takes it for: white space (also as
/// `+`), control and invisible characters, backslashes.
pub(super) fn squeeze(text: &str, emit: &mut dyn FnMut(Piece)) {
    const DROPPED: [bool; 128] = dropped_ascii(true);
    leave_out(text, &DROPPED, |c| c.is_whitespace() || c.is_control() || is_invisible(c), emit);
}

/// `ascii` says it of the characters that nearly all texts consist of, `is_dropped` of all others.
fn leave_out(
    text: &str,
    ascii: &[bool; 128],
    is_dropped: impl Fn(char) -> bool,
    emit: &mut dyn FnMut(Piece),
) {
    let bytes = text.as_bytes();
    let (mut kept, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let (dropped, length) = match ascii.get(usize::from(*byte)) {
            Some(dropped) => (*dropped, 1),
            None => text[at..].chars().next().map_or((true, 1), |c| (is_dropped(c), c.len_utf8())),
        };
        if dropped {
            if at > kept {
                emit(Piece::Kept(kept..at));
            }
            kept = at + length;
        }
        at += length;
    }
    if text.len() > kept {
        emit(Piece::Kept(kept..text.len()));
    }
}

/// Which ASCII characters are dropped: those that do not show, or all that [`squeeze`] leaves out.
const fn dropped_ascii(squeeze: bool) -> [bool; 128] {
    let mut dropped = [false; 128];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        let is_space = matches!(c, b'\t'..=b'\r' | b' ');
        dropped[byte] = if squeeze {
            is_space || c.is_ascii_control() || matches!(c, b'\\' | b'+')
        } else {
            !is_space && c.is_ascii_control()
        };
        byte += 1;
    }
    dropped
}

const SIGNS: [char; 3] = ['\\', '&', '%'];

/// The deepest encoding. Two has been seen.
const MAX_ROUNDS: usize = 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_encoding_is_undone_however_often_it_was_applied() {
        for (text, expected) in [
            (r"a\u003db\u0026c\u002bd", "a=b&c+d"),
            (r"\\u003d\\\\u003d", "=="),
            (r"\u005cu003d", "="),
            (r"\x3d \/ \\/ a\nb", "= / / a b"),
            (r"\ud83d\ude00 \\ud83d\\ude00", "\u{1f600} \u{1f600}"),
            ("&#61;&#x3D;&equals;&amp;equals;&#61", "===="),
            ("%3d%3D%253D", "==="),
            ("%C3%A4 %c3%a4", "ä ä"),
            (r"\u0026#x25;3d", "="),
        ] {
            let expected = if text.ends_with("&#61") { format!("{expected}=") } else { expected.to_owned() };
            assert_eq!(decoded(text).as_deref(), Some(&*expected), "{text}");
        }
        for text in ["", "plain", "100 % \\ & \\u00 \\ud83d %g1 %c3x &x; &", "\\\"quoted\\\""] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }

    #[test]
    fn megabytes_of_what_could_begin_a_code_take_linear_time() {
        for piece in ["\\", "\\u", "\\\\ud83d", "%c3", "&", "&#", "&#x0;", "\\ & %"] {
            let _ = decoded(&piece.repeat((1 << 20) / piece.len()));
        }
    }

    #[test]
    fn what_does_not_show_is_left_out() {
        assert_eq!(apply(squeeze, "a b\u{200b}cd\\\\e\\\"f\u{0}\ng+h"), "abcde\"fgh");
        assert_eq!(apply(squeeze, ""), "");
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[\\\\u0-9a-f/&#x;%=+ nä]{0,40}"]
    }

    proptest! {
        #[test]
        fn a_range_of_a_result_has_a_source_that_gives_it(text in any_text(), from in 0_usize..20, length in 1_usize..9) {
            for (pass, is_exact) in [(decode as Pass, false), (squeeze, true), (drop_invisible, true)] {
                let result = apply(pass, &text);
                let range = from..from + length;
                if result.get(range.clone()).is_none() {
                    continue;
                }
                let sources = source_of(pass, &text, std::slice::from_ref(&range));
                prop_assert_eq!(sources.len(), 1);
                let source = text.get(sources[0].clone());
                prop_assert!(source.is_some());
                prop_assert!(apply(pass, source.unwrap()).contains(&result[range]) || !is_exact);
            }
            let _ = decoded(&text);
        }
    }
}
