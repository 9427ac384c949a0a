//! `str`: letter case and character classes.

use crate::py::args::Args;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

use super::super::arguments;
use super::super::receiver;

/// Defines methods that map the text to a value.
macro_rules! methods {
    ($($name:ident, $doc:literal, $body:expr;)*) => {
        $(
            #[doc = $doc]
            pub fn $name(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
                let text = receiver::text(vm, receiver)?;
                arguments::none(concat!("str.", stringify!($name)), &args)?;
                let body: fn(&str) -> Value = $body;
                Ok(body(&text))
            }
        )*
    };
}

methods! {
    lower, "`str.lower()`.", |text| Value::from(text.to_lowercase());
    upper, "`str.upper()`.", |text| Value::from(text.to_uppercase());
    casefold, "`str.casefold()`.", |text| Value::from(text.to_lowercase().replace('ß', "ss").replace('ς', "σ"));
    capitalize, "`str.capitalize()`.", |text| Value::from(capitalized(text));
    title, "`str.title()`.", |text| Value::from(titled(text));
    swapcase, "`str.swapcase()`.", |text| Value::from(swapped(text));
    isalpha, "`str.isalpha()`.", |text| all(text, char::is_alphabetic);
    isalnum, "`str.isalnum()`.", |text| all(text, char::is_alphanumeric);
    isascii, "`str.isascii()`.", |text| Value::Bool(text.is_ascii());
    isdigit, "`str.isdigit()`.", |text| all(text, |c| is_decimal(c) || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉'));
    isdecimal, "`str.isdecimal()`.", |text| all(text, is_decimal);
    isnumeric, "`str.isnumeric()`.", |text| all(text, char::is_numeric);
    isspace, "`str.isspace()`.", |text| all(text, is_space);
    isprintable, "`str.isprintable()`.", |text| Value::Bool(text.chars().all(super::super::repr::is_printable));
    isidentifier, "`str.isidentifier()`.", |text| Value::Bool(is_identifier(text));
    islower, "`str.islower()`.", |text| Value::Bool(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase));
    isupper, "`str.isupper()`.", |text| Value::Bool(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase));
    istitle, "`str.istitle()`.", |text| Value::Bool(is_title(text));
}

/// Whether there is a character and all satisfy the test.
fn all(text: &str, test: impl Fn(char) -> bool) -> Value {
    Value::Bool(!text.is_empty() && text.chars().all(test))
}

/// A decimal digit of any script.
fn is_decimal(character: char) -> bool {
    character.is_ascii_digit()
        || (!character.is_ascii() && character.is_numeric() && decimal_block(character))
}

/// The common blocks of decimal digits outside ASCII.
fn decimal_block(character: char) -> bool {
    matches!(
        character,
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{7c0}'..='\u{7c9}' | '\u{966}'..='\u{96f}' | '\u{9e6}'..='\u{9ef}' | '\u{e50}'..='\u{e59}' | '\u{ff10}'..='\u{ff19}'
    )
}

/// White space as `str.split()` and `str.strip()` see it.
pub fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

/// Whether a text is a Python identifier.
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|other| other == '_' || other.is_alphanumeric())
}

/// The first character in upper case, the rest in lower case.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first
            .to_uppercase()
            .chain(characters.as_str().to_lowercase().chars())
            .collect()
    })
}

/// Every word capitalised.
fn titled(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut inside = false;
    for character in text.chars() {
        if inside {
            result.extend(character.to_lowercase());
        } else {
            result.extend(character.to_uppercase());
        }
        inside = character.is_alphabetic();
    }
    result
}

/// Upper and lower case exchanged.
fn swapped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_uppercase() {
            result.extend(character.to_lowercase());
        } else {
            result.extend(character.to_uppercase());
        }
    }
    result
}

/// Whether upper case follows only uncased characters and lower case only cased ones.
fn is_title(text: &str) -> bool {
    let mut inside = false;
    let mut found = false;
    for character in text.chars() {
        if character.is_uppercase() {
            if inside {
                return false;
            }
            inside = true;
            found = true;
        } else if character.is_lowercase() {
            if !inside {
                return false;
            }
            found = true;
        } else {
            inside = false;
        }
    }
    found
}
