//! f-strings.

use crate::py::ast::FStringPart;
use crate::py::ast::Span;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::value::Value;

impl Eval<'_> {
    /// Evaluates an f-string.
    pub(crate) fn f_string(&self, parts: &[FStringPart], span: Span) -> PyResult<Value> {
        let mut text = String::new();
        self.f_string_into(parts, span, &mut text)?;
        Ok(Value::from(text))
    }

    fn f_string_into(&self, parts: &[FStringPart], span: Span, text: &mut String) -> PyResult<()> {
        for part in parts {
            match part {
                FStringPart::Text(piece) => text.push_str(piece),
                FStringPart::Value {
                    value,
                    conversion,
                    format,
                } => {
                    let value = self.eval(value)?;
                    self.at(span);
                    let value = match conversion {
                        Some('r') => Value::from(self.vm.repr(&value)?),
                        Some('a') => Value::from(self.vm.ascii(&value)?),
                        Some(_) => Value::from(self.vm.str(&value)?),
                        None => value,
                    };
                    let mut spec = String::new();
                    if let Some(format) = format {
                        self.f_string_into(format, span, &mut spec)?;
                        self.at(span);
                    }
                    text.push_str(&self.vm.format(&value, &spec)?);
                    crate::py::builtins::errors::check_size(Some(text.len()))?;
                }
            }
        }
        Ok(())
    }
}
