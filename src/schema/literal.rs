//! A constant as SQL sees it: what a bound value holds, and what a result row holds.

use num_bigint::BigInt;

/// A constant value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer of any size.
    Int(BigInt),
    /// A float.
    Float(f64),
    /// A decimal, as Python's `str(Decimal)` writes it.
    Decimal(String),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A date, ISO text.
    Date(String),
    /// A time, ISO text (with offset when aware).
    Time(String),
    /// A timestamp, `str(datetime)` text: `2020-01-02 03:04:05.000006+00:00`.
    DateTime(String),
    /// A duration in microseconds.
    Interval(i128),
    /// A UUID, canonical text.
    Uuid(String),
    /// A JSON document (Python `dict`, or a `list` where the type is JSON), in order.
    Json(serde_json::Value),
    /// A Python `list` or `tuple`.
    Array(Vec<Self>),
    /// What the literal processor of a user's type wrote: text of the statement.
    Rendered(String),
    /// A Python value that SQL cannot hold: its `repr` and the name of its class.
    Opaque {
        /// `repr(value)`.
        repr: String,
        /// `type(value).__name__`.
        class: String,
    },
}
