//! The names that PostgreSQL gives to what has none. backend/commands/indexcmds.c `makeObjectName`, `ChooseRelationName`.

use crate::shadow::model::Catalogue;
use crate::shadow::token::Token;

/// `NAMEDATALEN - 1`.
const LONGEST: usize = 63;

/// `name1_name2_label`, the two names shortened, the longer one first, until it fits.
fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(second.is_some());
    let (mut long, mut short) = (first.len(), second.map_or(0, str::len));
    while long + short > LONGEST.saturating_sub(overhead) {
        if long > short {
            long -= 1;
        } else {
            short -= 1;
        }
    }
    let clip = |text: &str, mut length: usize| {
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        text[..length].to_owned()
    };
    match second {
        Some(second) => format!("{}_{}_{label}", clip(first, long), clip(second, short)),
        None => format!("{}_{label}", clip(first, long)),
    }
}

/// A name that nothing in the schema has yet.
pub(crate) fn choose(
    catalogue: &Catalogue,
    taken: &[String],
    (schema, table): (&str, &str),
    second: Option<&str>,
    label: &str,
) -> String {
    let mut number = 0;
    loop {
        let label = if number == 0 {
            label.to_owned()
        } else {
            format!("{label}{number}")
        };
        let name = object_name(table, second, &label);
        if !taken.contains(&name) && !catalogue.is_taken(schema, &name) {
            return name;
        }
        number += 1;
    }
}

/// The columns in a generated name.
pub(crate) fn joined(columns: &[String]) -> String {
    let mut text = columns.join("_");
    let mut length = text.len().min(LONGEST);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    text.truncate(length);
    text
}

/// A default as `pg_get_expr` writes it back; `None` where that takes PostgreSQL itself.
pub(crate) fn default_text(written: &str, type_name: &str) -> Option<String> {
    let tokens = crate::shadow::token::tokens(written)?;
    let tokens: Vec<&Token> = tokens.iter().map(|placed| &placed.token).collect();
    match tokens.as_slice() {
        [Token::Word(word)] => match word.as_str() {
            "true" | "false" if type_name == "boolean" => Some(word.clone()),
            "current_timestamp" | "current_date" => Some(word.to_uppercase()),
            _ => None,
        },
        [Token::Word(name), Token::Sign("("), Token::Sign(")")]
            if ["now", "gen_random_uuid", "uuid_generate_v4"].contains(&name.as_str()) =>
        {
            Some(format!("{name}()"))
        }
        [Token::Word(name), Token::Sign("("), ..] if name == "nextval" => Some(written.to_owned()),
        [Token::Number(number)] if ["integer", "smallint"].contains(&type_name) => {
            number.parse::<i32>().ok().map(|number| number.to_string())
        }
        [Token::Text(text)] => constant(text, type_name),
        _ => None,
    }
}

/// `'text'` as the default of a column of this type.
fn constant(text: &str, type_name: &str) -> Option<String> {
    let (base, length) = match type_name.split_once('(') {
        Some((base, length)) => (base, length.trim_end_matches(')').parse::<usize>().ok()),
        None => (type_name, None),
    };
    match base {
        "integer" | "smallint" => {
            let number = text.trim().parse::<i32>().ok()?;
            (number >= 0).then(|| number.to_string())
        }
        "boolean" => match text {
            "true" | "t" | "1" => Some("true".to_owned()),
            "false" | "f" | "0" => Some("false".to_owned()),
            _ => None,
        },
        "character varying" | "text" if !text.contains('\\') => length
            .is_none_or(|length| text.chars().count() <= length)
            .then(|| format!("'{}'::{base}", text.replace('\'', "''"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_shortened_evenly() {
        let name = object_name(&"t".repeat(50), Some(&"c".repeat(40)), "key");
        assert_eq!(name, format!("{}_{}_key", "t".repeat(29), "c".repeat(29)));
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = vec!["t_a_key".to_owned()];
        assert_eq!(
            choose(
                &Catalogue::default(),
                &taken,
                ("public", "t"),
                Some("a"),
                "key"
            ),
            "t_a_key1"
        );
    }
}
