//! `%(name)s`: Python's `configparser.BasicInterpolation`, and the `%` operator over `{"here": …}` that alembic/config.py applies to TOML values.

use crate::config::error::Error;
use crate::config::error::mask;
use crate::config::error::repr;

/// `configparser.MAX_INTERPOLATION_DEPTH`.
const MAX_DEPTH: usize = 10;

/// `BasicInterpolation.before_get`.
pub(crate) fn interpolate<'a>(
    section: &str,
    option: &str,
    raw: &str,
    lookup: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<String, Error> {
    let mut done = String::new();
    let place = Place {
        section,
        option,
        raw,
    };
    some(&place, &mut done, raw, lookup, 1)?;
    Ok(done)
}

struct Place<'a> {
    section: &'a str,
    option: &'a str,
    raw: &'a str,
}

/// `_interpolate_some`; its depth is limited to [`MAX_DEPTH`].
fn some<'a>(
    place: &Place<'_>,
    done: &mut String,
    text: &str,
    lookup: &dyn Fn(&str) -> Option<&'a str>,
    depth: usize,
) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::python(
            "configparser.InterpolationDepthError",
            format!(
                "Recursion limit exceeded in value substitution: option {} in section {} contains an interpolation key which cannot be substituted in {MAX_DEPTH} steps. Raw value: {}",
                repr(place.option),
                repr(place.section),
                repr(&mask(place.raw))
            ),
        ));
    }
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        done.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest.as_bytes().get(1) {
            Some(b'%') => {
                done.push('%');
                rest = &rest[2..];
            }
            Some(b'(') => {
                let Some((name, after)) = key(rest) else {
                    return Err(syntax(format!(
                        "bad interpolation variable reference {}",
                        repr(&short(rest))
                    )));
                };
                let name = name.to_lowercase();
                let Some(value) = lookup(&name) else {
                    return Err(missing(place, &name));
                };
                if value.contains('%') {
                    some(place, done, value, lookup, depth + 1)?;
                } else {
                    done.push_str(value);
                }
                rest = after;
            }
            _ => {
                return Err(syntax(format!(
                    "'%' must be followed by '%' or '(', found: {}",
                    repr(&short(rest))
                )));
            }
        }
    }
    done.push_str(rest);
    Ok(())
}

fn syntax(message: String) -> Error {
    Error::python("configparser.InterpolationSyntaxError", message)
}

/// What is shown of a value from a stray `%` on. Python shows all of it; it is mostly the end of a URL-encoded password.
fn short(rest: &str) -> String {
    let shown: String = rest.chars().take(2).collect();
    if shown.len() < rest.len() {
        format!("{shown}…")
    } else {
        shown
    }
}

fn missing(place: &Place<'_>, name: &str) -> Error {
    Error::python(
        "configparser.InterpolationMissingOptionError",
        format!(
            "Bad value substitution: option {} in section {} contains an interpolation key {} which is not a valid option name. Raw value: {}",
            repr(place.option),
            repr(place.section),
            repr(name),
            repr(&mask(place.raw))
        ),
    )
}

/// `%\(([^)]+)\)s` at the start of a text: the name, and what follows.
fn key(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix("%(")?.split_once(')')?;
    let after = after.strip_prefix('s')?;
    (!name.is_empty()).then_some((name, after))
}

/// `BasicInterpolation.before_set`.
pub(crate) fn check(value: &str) -> Result<(), Error> {
    let without = value.replace("%%", "");
    let mut rest = without.as_str();
    let mut position = 0;
    while let Some(at) = rest.find('%') {
        let Some((_, after)) = key(&rest[at..]) else {
            return Err(Error::python(
                "ValueError",
                format!(
                    "invalid interpolation syntax in {} at position {}",
                    repr(&mask(value)),
                    position + at
                ),
            ));
        };
        position += at;
        rest = after;
    }
    Ok(())
}

/// Doubles every `%` that begins neither `%%` nor `%(name)s`: what it would take to mean it literally.
pub(crate) fn doubled(text: &str) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        done.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match key(rest) {
            Some((_, after)) => rest.len() - after.len(),
            None if rest.starts_with("%%") => 2,
            None => {
                done.push('%');
                1
            }
        };
        done.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    done.push_str(rest);
    done
}

/// Python's `text % {"here": here}`.
pub(crate) fn percent(text: &str, here: &str) -> Result<String, Error> {
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        done.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            done.push('%');
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('(') {
            let Some((name, after)) = inner.split_once(')') else {
                return Err(Error::python("ValueError", "incomplete format key"));
            };
            if name != "here" {
                return Err(Error::python("KeyError", repr(name)));
            }
            let Some(after) = after.strip_prefix('s') else {
                return Err(Error::python(
                    "ValueError",
                    "unsupported format after %(here): only %(here)s is possible",
                ));
            };
            done.push_str(here);
            rest = after;
        } else if rest.is_empty() {
            return Err(Error::python("ValueError", "incomplete format"));
        } else {
            let shown: String = rest.chars().take(1).collect();
            return Err(Error::python(
                "ValueError",
                format!(
                    "unsupported format character '{shown}': write a literal percent sign as %%"
                ),
            ));
        }
    }
    done.push_str(rest);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(value: &str) -> Result<String, String> {
        interpolate("alembic", "k", value, &|name| match name {
            "here" => Some("/x"),
            "loop" => Some("%(loop)s"),
            _ => None,
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_interpolated() {
        assert_eq!(get("%(here)s/a%%b").unwrap(), "/x/a%b");
        assert_eq!(get("%(HERE)s").unwrap(), "/x");
    }

    #[test]
    fn stray_percent_signs_do_not_show_the_password() {
        assert_eq!(
            get("postgresql://u:p%40secret@h/d").unwrap_err(),
            "'%' must be followed by '%' or '(', found: '%4…'"
        );
    }

    #[test]
    fn loops_end() {
        assert!(get("%(loop)s").unwrap_err().starts_with(
            "Recursion limit exceeded in value substitution: option 'k' in section 'alembic'"
        ));
    }

    #[test]
    fn set_refuses_what_get_could_not_read() {
        assert_eq!(
            check("a%b").unwrap_err().to_string(),
            "invalid interpolation syntax in 'a%b' at position 1"
        );
        assert_eq!(check("%(here)s %%"), Ok(()));
    }

    #[test]
    fn toml_texts_are_percent_formatted() {
        assert_eq!(percent("%(here)s/a", "/p").unwrap(), "/p/a");
        assert_eq!(percent("%%(rev)s", "/p").unwrap(), "%(rev)s");
        assert_eq!(
            percent("a%", "/p").unwrap_err().to_string(),
            "incomplete format"
        );
        assert_eq!(percent("%(x)s", "/p").unwrap_err().to_string(), "'x'");
    }
}
