//! Messages on a terminal: `textwrap.wrap` with a two-space indent, as alembic/util/messaging.py `msg` does.

/// Wraps a message to a width; the lines carry their indent, no line break at the end.
pub fn message(text: &str, width: usize) -> Vec<String> {
    let room = width.saturating_sub(2).max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    // textwrap turns every white space character into a space and keeps runs of spaces inside a line.
    let text: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    for chunk in chunks(&text) {
        let is_space = chunk.starts_with(' ');
        let length = chunk.chars().count();
        if is_space && line.is_empty() && !lines.is_empty() {
            continue;
        }
        if line.chars().count() + length <= room {
            line.push_str(chunk);
            continue;
        }
        if is_space {
            flush(&mut lines, &mut line);
            continue;
        }
        if !line.trim().is_empty() {
            flush(&mut lines, &mut line);
        }
        let mut rest: Vec<char> = chunk.chars().collect();
        while rest.len() > room {
            line.extend(rest.drain(..room));
            flush(&mut lines, &mut line);
        }
        line.extend(rest);
    }
    if !line.trim().is_empty() {
        flush(&mut lines, &mut line);
    }
    lines
}

fn flush(lines: &mut Vec<String>, line: &mut String) {
    lines.push(format!("  {}", line.trim_end()));
    line.clear();
}

/// Runs of spaces and runs of other characters; a hyphen between letters ends a chunk.
fn chunks(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    for (index, (at, character)) in characters.iter().enumerate() {
        let previous = index
            .checked_sub(1)
            .and_then(|index| characters.get(index))
            .map(|(_, c)| *c);
        let before = index
            .checked_sub(2)
            .and_then(|index| characters.get(index))
            .map(|(_, c)| *c);
        let Some(previous) = previous else { continue };
        let is_boundary = (previous == ' ') != (*character == ' ');
        let is_hyphen =
            previous == '-' && before.is_some_and(char::is_alphabetic) && character.is_alphabetic();
        if is_boundary || is_hyphen {
            found.push(&text[start..*at]);
            start = *at;
        }
    }
    if start < text.len() {
        found.push(&text[start..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_with_an_indent() {
        assert_eq!(
            message("FAILED: Can't locate revision identified by 'zz'", 30),
            ["  FAILED: Can't locate", "  revision identified by 'zz'"]
        );
        assert_eq!(message("short", 80), ["  short"]);
    }
}
