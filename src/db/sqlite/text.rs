//! What Python's `sqlite3` makes of the text of a statement: Modules/_sqlite/statement.c `pysqlite_statement_create`.

/// What separates words: statement.c `lstrip_sql`.
const BLANKS: [char; 5] = [' ', '\t', '\x0c', '\n', '\r'];

/// The text without the blanks and comments that it begins with.
fn without_blanks(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(BLANKS);
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            return rest;
        }
    }
}

/// Whether the driver counts rows of a statement, and opens a transaction before it.
pub fn is_dml(sql: &str) -> bool {
    let rest = without_blanks(sql);
    ["insert", "update", "delete", "replace"]
        .iter()
        .any(|word| {
            rest.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        })
}

/// Whether something stands behind the semicolon of the only statement, where the library sees nothing: a second
/// semicolon, or a byte order mark.
pub(super) fn has_tail(sql: &str) -> bool {
    let mut rest = without_blanks(sql);
    // the semicolons and marks since the last thing that is part of a statement
    let mut behind = String::new();
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        let end = match character {
            '\'' | '"' | '`' => after.find(character),
            '[' => after.find(']'),
            _ => None,
        };
        match character {
            ';' | '\u{feff}' => behind.push(character),
            _ => behind.clear(),
        }
        rest = without_blanks(end.map_or(after, |end| &after[end + 1..]));
    }
    behind
        .find(';')
        .is_some_and(|semicolon| semicolon + 1 < behind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_semicolon_of_a_statement_is_a_tail() {
        for sql in [
            "SELECT 1",
            "SELECT 1;",
            "SELECT ';;'; -- a",
            "SELECT [;;] /* ; */ ; /* open",
            "SELECT 'it''s;;'",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;",
            "\u{feff}SELECT 1;",
        ] {
            assert!(!has_tail(sql), "{sql}");
        }
        for sql in [
            "SELECT 1;;",
            "SELECT 1; /* a */ ; -- b",
            "SELECT 1;\u{feff}",
        ] {
            assert!(has_tail(sql), "{sql}");
        }
    }
}
