//! Small texts for people: the beginning of a body, plain text out of markup.

/// The first 80 characters of a body, on one line, without control characters; bytes that are no text are `?`.
pub(crate) fn beginning(body: &[u8]) -> String {
    let head = &body[..body.len().min(400)];
    let text = String::from_utf8_lossy(head);
    let mut shown = String::new();
    for (count, word) in text.split_whitespace().enumerate() {
        if count > 0 {
            shown.push(' ');
        }
        shown.extend(
            word.chars().map(|c| if c.is_control() || c == char::REPLACEMENT_CHARACTER { '?' } else { c }),
        );
    }
    match shown.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}
