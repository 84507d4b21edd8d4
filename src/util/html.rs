//! Plain text out of HTML or XML.

/// Whether the text is a page or a document rather than a sentence.
pub(crate) fn is_markup(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // A sentence can begin with a `<name>` too.
    if text.starts_with('<') && ["</", "/>", "<?", "<!"].iter().any(|sign| text.contains(sign)) {
        return true;
    }
    let lower = text.to_ascii_lowercase();
    lower.contains("<html") || lower.contains("<!doctype") || lower.contains("<body")
}

/// The text a reader of the page would see, title included: no tags, scripts, styles or comments.
///
/// A piece that repeats the one before it (a title and its heading) is left out.
pub(crate) fn html_to_text(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut shown = String::new();
    let mut last = String::new();
    let mut at = 0;
    while at < text.len() {
        let open = find(&lower, at, "<").unwrap_or(text.len());
        add_piece(&mut shown, &mut last, &text[at..open]);
        at = after_tag(&lower, open);
        if at == open && at < text.len() {
            // A `<` that does not begin a tag is left out.
            at += 1;
        }
    }
    shown
}

fn add_piece(shown: &mut String, last: &mut String, piece: &str) {
    let piece = without_entities(piece);
    let piece = piece.trim();
    if piece.is_empty() || piece == last {
        return;
    }
    if !shown.is_empty() {
        shown.push(' ');
    }
    shown.push_str(piece);
    piece.clone_into(last);
}

/// Where the tag ends that begins with the `<` at `open`; `open` itself if it is not a tag.
fn after_tag(lower: &str, open: usize) -> usize {
    let Some(rest) = lower.get(open..).and_then(|rest| rest.strip_prefix('<')) else {
        return open;
    };
    let end_of = |word: &str| find(lower, open, word).map_or(lower.len(), |at| at + word.len());
    if rest.starts_with("!--") {
        return end_of("-->");
    }
    let name = rest.trim_start();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return open;
    }
    for (element, end) in [("script", "</script"), ("style", "</style")] {
        if name.strip_prefix(element).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric())) {
            // The closing tag itself is skipped as any other.
            return find(lower, open, end).unwrap_or(lower.len());
        }
    }
    end_of(">")
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

fn without_entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = entity(rest).or_else(|| unknown_entity(rest)).unwrap_or(('&', 1));
        plain.push(c);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

/// The character of the entity that begins here, and the length of the entity.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let name = text.strip_prefix('&')?;
    let Some(number) = name.strip_prefix('#') else {
        let name = &name[..name.bytes().take(12).position(|byte| byte == b';')?];
        let (_, c) = ENTITIES.iter().find(|(known, _)| *known == name)?;
        return Some((*c, name.len() + 2));
    };
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let length = digits.bytes().take(9).take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let c = u32::from_str_radix(&digits[..length], radix).ok().and_then(char::from_u32)?;
    // Browsers read a number without its semicolon too.
    let semicolon = usize::from(digits[length..].starts_with(';'));
    Some((c, text.len() - digits.len() + length + semicolon))
}

/// A space for an entity that is not in the list.
fn unknown_entity(text: &str) -> Option<(char, usize)> {
    let name = text.get(1..text.bytes().take(12).position(|byte| byte == b';')?)?;
    let name = name.strip_prefix('#').unwrap_or(name);
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then_some((' ', text.find(';')? + 1))
}

/// The ASCII characters, and those that do not show.
const ENTITIES: [(&str, char); 40] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("Hat", '^'),
    ("NewLine", '\n'),
    ("Tab", '\t'),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("shy", '\u{ad}'),
    ("sol", '/'),
    ("verbar", '|'),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_is_reduced_to_what_its_reader_sees() {
        for (page, expected) in [
            (
                "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
                "502 Bad Gateway nginx",
            ),
            ("<p>one<br/>two</p>", "one two"),
            ("<script type='a'>alert('<b>x</b>')</script>seen<style>p{}</style>", "seen"),
            ("<SCRIPT>x", ""),
            ("<!-- hidden > -->seen<!-- open", "seen"),
            (
                "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>",
                "NoSuchKey no such key",
            ),
            (
                "<b>a &lt; b &amp;&amp; c&nbsp;d &#65;&#x42; &bogus; &#99999999; & ;</b>",
                "a < b && c d AB     & ;",
            ),
            ("<\n/title>broken<\nbr>tags", "broken tags"),
            ("1 < 2 <b>bold</b>", "1 2 bold"),
            ("<scripted>kept</scripted>", "kept"),
            ("<a href", ""),
        ] {
            assert_eq!(html_to_text(page), expected, "{page}");
        }
    }

    #[test]
    fn markup_is_told_from_a_sentence() {
        for (text, expected) in [
            ("<html>", true),
            (" \n<?xml?>", true),
            ("\u{feff}<!DOCTYPE html>", true),
            ("upstream said: <HTML><body>", true),
            ("<title>Error</title>", true),
            ("<volume> could not be found", false),
            ("count must be < 5", false),
            ("{\"a\":\"<b>\"}", false),
            ("", false),
        ] {
            assert_eq!(is_markup(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[<>/!&;#x?a\\- \u{e4}]{0,60}") {
            let _ = is_markup(&text);
            prop_assert!(html_to_text(&text).chars().count() <= text.chars().count());
        }
    }
}
