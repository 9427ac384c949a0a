//! The password file: libpq's `~/.pgpass`, `host:port:database:user:password` with `\` escapes and `*` for anything.

use std::path::Path;

/// The password of the first line that fits host, port, database and user; an error says why the file is ignored.
pub(super) fn find(path: &Path, wanted: [&str; 4]) -> Result<Option<String>, String> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(None);
    };
    let shown = path.display();
    if !metadata.is_file() {
        return Err(format!("password file \"{shown}\" is not a plain file"));
    }
    if is_open_to_others(&metadata) {
        return Err(format!(
            "password file \"{shown}\" has group or world access; permissions should be u=rw (0600) or less"
        ));
    }
    let Ok(text) = std::fs::read(path) else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines.into_iter().find_map(|line| password(line, wanted)))
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

/// The password of a line whose first four fields fit.
fn password(line: &str, wanted: [&str; 4]) -> Option<String> {
    let mut rest = line;
    for expected in wanted {
        let (field, after) = field(rest);
        let after = after?;
        if field != "*" && unescaped(field) != expected {
            return None;
        }
        rest = after;
    }
    let (password, _) = field(rest);
    Some(unescaped(password))
}

/// The text up to the next `:` that is not escaped, and what follows it.
fn field(text: &str) -> (&str, Option<&str>) {
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            ':' if !escaped => return (&text[..index], Some(&text[index + 1..])),
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    (text, None)
}

fn unescaped(field: &str) -> String {
    let mut text = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::password;

    const WANTED: [&str; 4] = ["db.example.com", "5432", "app", "u:ser"];

    #[test]
    fn fields_match_literally_or_by_star() {
        let found = password(r"db.example.com:5432:*:u\:ser:p\\a\:s:ignored", WANTED);
        assert_eq!(found.as_deref(), Some(r"p\a:s"));
    }

    #[test]
    fn other_hosts_and_short_lines_do_not_match() {
        assert_eq!(password(r"other:5432:app:u\:ser:p", WANTED), None);
        assert_eq!(password("db.example.com:5432:app", WANTED), None);
        assert_eq!(password("", WANTED), None);
    }

    #[test]
    fn an_escaped_star_is_a_star() {
        assert_eq!(password(r"\*:5432:app:u\:ser:p", WANTED), None);
    }
}
