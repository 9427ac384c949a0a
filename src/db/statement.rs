//! The little the connection must know of a statement's text: how it begins, and whether it is one statement.

/// Commands that, inside a transaction block, can neither end it nor need an answer before the next statement is sent.
const TRAVELLERS: &[&str] = &[
    "ALTER", "ANALYZE", "COMMENT", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "MERGE",
    "REFRESH", "REINDEX", "REVOKE", "SECURITY", "SELECT", "TRUNCATE", "UPDATE", "VALUES", "WITH",
];

/// Whether a statement may be sent, inside a transaction block, before earlier ones are answered. Anything that is not
/// certainly a single harmless statement may not: after an error a `COMMIT` or `ROLLBACK TO` must never follow unseen.
pub(super) fn may_travel_with_others(sql: &str) -> bool {
    let word = first_word(sql).to_ascii_uppercase();
    TRAVELLERS.contains(&word.as_str()) && !sql.trim_end().trim_end_matches(';').contains(';')
}

/// Whether a statement asks for a commit.
pub(super) fn commits(sql: &str) -> bool {
    let word = first_word(sql).to_ascii_uppercase();
    word == "COMMIT" || word == "END"
}

/// The first word after blanks, comments and opening parentheses.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest
            .trim_start_matches(|character: char| character.is_whitespace() || character == '(');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if rest.starts_with("/*") {
            rest = after_comment(rest);
        } else {
            let end = rest.find(|character: char| !character.is_ascii_alphabetic());
            return &rest[..end.unwrap_or(rest.len())];
        }
    }
}

/// What follows a `/* … */`, which may hold others.
fn after_comment(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix("/*") {
            depth += 1;
            rest = after;
        } else if let Some(after) = rest.strip_prefix("*/") {
            depth -= 1;
            rest = after;
            if depth == 0 {
                return rest;
            }
        } else {
            let mut characters = rest.chars();
            if characters.next().is_none() {
                return "";
            }
            rest = characters.as_str();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commits;
    use super::first_word;
    use super::may_travel_with_others;

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(
            first_word("  -- note\n/* a /* b */ c */ ((select 1))"),
            "select"
        );
        assert_eq!(first_word("/* never closed"), "");
        assert_eq!(first_word("é"), "");
        assert_eq!(first_word(""), "");
    }

    #[test]
    fn transaction_control_and_several_statements_travel_alone() {
        assert!(may_travel_with_others(
            "ALTER TABLE t ADD COLUMN c INTEGER;\n"
        ));
        for alone in [
            "COMMIT",
            "ROLLBACK TO SAVEPOINT s",
            "SAVEPOINT s",
            "BEGIN",
            "SET LOCAL x = 1",
            "COPY t FROM STDIN",
            "DO $$ BEGIN END $$",
            "SELECT 1; COMMIT",
            "-- x",
            "/* COMMIT */ ROLLBACK",
            "CALL p()",
            "LOCK TABLE t",
        ] {
            assert!(!may_travel_with_others(alone), "{alone}");
        }
    }

    #[test]
    fn end_is_a_commit() {
        assert!(commits("end transaction") && commits("/* x */ Commit;"));
        assert!(!commits("ROLLBACK") && !commits("ENDLESS"));
    }
}
