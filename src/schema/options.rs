//! Values of dialect-specific keyword arguments (`postgresql_with={"fillfactor": 70}`).

use crate::schema::expr::Expr;

/// The value of an option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// `None`.
    None,
    /// A boolean.
    Bool(bool),
    /// Text.
    Str(String),
    /// Anything else Python prints with `%s` (numbers).
    Number(String),
    /// A list.
    List(Vec<Self>),
    /// A dictionary.
    Map(Vec<(String, Self)>),
    /// An expression.
    Expr(Expr),
}

impl OptionValue {
    /// Python's truth of the value.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(flag) => *flag,
            Self::Str(text) => !text.is_empty(),
            Self::Number(text) => text != "0",
            Self::List(items) => !items.is_empty(),
            Self::Map(items) => !items.is_empty(),
            Self::Expr(_) => true,
        }
    }

    /// `%s` of the value.
    pub fn text(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Str(text) | Self::Number(text) => text.clone(),
            Self::List(_) | Self::Map(_) | Self::Expr(_) => String::new(),
        }
    }
}
