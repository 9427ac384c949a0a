//! Lowering of texts, f-strings and numbers.

use std::rc::Rc;

use num_bigint::BigInt;
use ruff_python_ast as raw;
use ruff_text_size::TextRange;

use crate::py::ast::Constant;
use crate::py::ast::ExprKind;
use crate::py::ast::FStringPart;
use crate::py::ast::Span;
use crate::py::parse::SyntaxError;
use crate::py::parse::scope::Lowering;

/// Texts that are shorter are likely to occur again.
const INTERNED: usize = 40;
/// CPython's limit of decimal digits (Include/internal/pycore_long.h).
const MAX_DIGITS: usize = 4300;
/// What is said of a surrogate.
const SURROGATE: &str = "surrogates in a text are not supported";

type Lowered<T> = Result<T, SyntaxError>;

/// The parts of an f-string as they come: texts next to each other become one.
#[derive(Default)]
struct Parts {
    parts: Vec<FStringPart>,
    text: String,
    has_surrogate: bool,
}

impl Parts {
    fn finish_text(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(FStringPart::Text(Rc::from(&*self.text)));
            self.text.clear();
        }
    }

    fn finish(mut self) -> Vec<FStringPart> {
        self.finish_text();
        self.parts
    }
}

impl Lowering {
    /// Lowers a text, whose pieces may stand next to each other.
    pub(super) fn string(&mut self, value: &raw::StringLiteralValue) -> Constant {
        if value
            .iter()
            .any(|piece| self.has_surrogate(&piece.value, piece.range))
        {
            return Constant::Unsupported(SURROGATE);
        }
        let text = value.to_str();
        Constant::Str(if text.len() < INTERNED {
            self.intern(text)
        } else {
            Rc::from(text)
        })
    }

    /// The parser reads an escaped surrogate as U+FFFD; our texts cannot hold one.
    fn has_surrogate(&self, text: &str, range: TextRange) -> bool {
        if !self.has_escapes {
            return false;
        }
        let written = self.source.text.get(range.to_std_range()).unwrap_or("");
        text.contains('\u{fffd}') && has_surrogate(written)
    }

    /// Lowers an f-string with the texts next to it.
    pub(super) fn f_string(&mut self, value: &raw::FStringValue) -> Lowered<ExprKind> {
        let mut parts = Parts::default();
        for piece in value {
            match piece {
                raw::FStringPart::Literal(text) => {
                    parts.has_surrogate |= self.has_surrogate(&text.value, text.range);
                    parts.text.push_str(&text.value);
                }
                raw::FStringPart::FString(f_string) => {
                    self.f_string_elements(&f_string.elements, &mut parts)?;
                }
            }
        }
        Ok(if parts.has_surrogate {
            ExprKind::Constant(Constant::Unsupported(SURROGATE))
        } else {
            ExprKind::FString(parts.finish())
        })
    }

    fn f_string_elements(
        &mut self,
        elements: &raw::InterpolatedStringElements,
        parts: &mut Parts,
    ) -> Lowered<()> {
        for element in elements {
            match element {
                raw::InterpolatedStringElement::Literal(text) => {
                    parts.has_surrogate |= self.has_surrogate(&text.value, text.range);
                    parts.text.push_str(&text.value);
                }
                raw::InterpolatedStringElement::Interpolation(field) => {
                    self.field(field, parts)?;
                }
            }
        }
        Ok(())
    }

    /// One `{value=!conversion:format}`.
    fn field(&mut self, field: &raw::InterpolatedElement, parts: &mut Parts) -> Lowered<()> {
        self.enter(field.range)?;
        let mut conversion = field.conversion.to_char();
        if let Some(debug) = &field.debug_text {
            parts.text.push_str(debug.as_str());
            if conversion.is_none() && field.format_spec.is_none() {
                conversion = Some('r');
            }
        }
        parts.finish_text();
        let value = self.boxed(&field.expression)?;
        let format = match &field.format_spec {
            Some(format) => {
                let mut inner = Parts::default();
                self.f_string_elements(&format.elements, &mut inner)?;
                parts.has_surrogate |= inner.has_surrogate;
                Some(inner.finish())
            }
            None => None,
        };
        self.leave();
        parts.parts.push(FStringPart::Value {
            value,
            conversion,
            format,
        });
        Ok(())
    }

    /// Lowers a number.
    pub(super) fn number(&mut self, number: &raw::Number, span: Span) -> Lowered<Constant> {
        Ok(match number {
            raw::Number::Int(number) => match number.as_i64() {
                Some(number) => Constant::Int(number),
                None => match big_integer(&number.to_string()) {
                    Ok(number) => Constant::BigInt(Rc::new(number)),
                    Err(message) => return Err(self.error(span, &message)),
                },
            },
            raw::Number::Float(number) => Constant::Float(*number),
            raw::Number::Complex { .. } => {
                Constant::Unsupported("complex numbers are not supported")
            }
        })
    }
}

/// Whether a literal as written has an escape for a surrogate.
fn has_surrogate(written: &str) -> bool {
    let bytes = written.as_bytes();
    let is_surrogate = |at: usize, digits: usize| {
        let code = written
            .get(at..at + digits)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| (0xd800..=0xdfff).contains(&code))
    };
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == b'\\' {
            match bytes.get(at) {
                Some(b'u') if is_surrogate(at + 1, 4) => return true,
                Some(b'U') if is_surrogate(at + 1, 8) => return true,
                _ => at += 1,
            }
        }
    }
    false
}

/// An integer that is written with more digits than fit into 64 bits.
fn big_integer(written: &str) -> Result<BigInt, String> {
    let digits = written.replace('_', "");
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        _ => (10, &*digits),
    };
    if radix == 10 && digits.len() > MAX_DIGITS {
        return Err(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
            digits.len()
        ));
    }
    BigInt::parse_bytes(digits.as_bytes(), radix).ok_or_else(|| "invalid syntax".to_owned())
}
