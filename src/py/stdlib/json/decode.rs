//! `json.loads`: Lib/json/decoder.py and scanner.py.

use num_bigint::BigInt;

use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// Functions that make values.
#[derive(Default)]
pub struct Hooks {
    /// `object_hook`.
    pub object: Option<Value>,
    /// `object_pairs_hook`.
    pub pairs: Option<Value>,
    /// `parse_float`.
    pub float: Option<Value>,
    /// `parse_int`.
    pub int: Option<Value>,
    /// `parse_constant`.
    pub constant: Option<Value>,
}

/// `JSONDecodeError(message, document, position)`.
pub fn failure(message: &str, text: &str, byte: usize) -> PyError {
    let before = &text[..byte.min(text.len())];
    let position = before.chars().count();
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |last| last.chars().count())
        + 1;
    let shown = format!("{message}: line {line} column {column} (char {position})");
    let error = PyError::with_args(
        &Class::of(&super::JSON_DECODE_ERROR),
        vec![Value::from(shown)],
    );
    if let Some(Value::Instance(instance)) = error.exception() {
        let mut dict = instance.dict.borrow_mut();
        dict.insert("msg".into(), Value::str(message));
        dict.insert("doc".into(), Value::str(text));
        dict.insert("pos".into(), Value::int(position));
        dict.insert("lineno".into(), Value::int(line));
        dict.insert("colno".into(), Value::int(column));
    }
    error
}

/// Reads a whole document.
pub fn decode(vm: &Vm, text: &str, hooks: Hooks) -> PyResult<Value> {
    let mut decoder = Decoder {
        vm,
        text,
        at: 0,
        hooks,
        depth: 0,
    };
    decoder.space();
    let value = decoder.value()?;
    decoder.space();
    if decoder.at < text.len() {
        return Err(failure("Extra data", text, decoder.at));
    }
    Ok(value)
}

/// The state of reading.
struct Decoder<'t> {
    vm: &'t Vm,
    text: &'t str,
    at: usize,
    hooks: Hooks,
    depth: usize,
}

impl Decoder<'_> {
    /// The byte here.
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space.
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes a literal text.
    fn take(&mut self, literal: &str) -> bool {
        let found = self.text[self.at..].starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    /// One value.
    fn value(&mut self) -> PyResult<Value> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(Value::from)
            }
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') if !self.text[self.at..].starts_with("-I") => self.number(),
            _ if self.take("null") => Ok(Value::None),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ if self.take("NaN") => self.constant("NaN", f64::NAN),
            _ if self.take("Infinity") => self.constant("Infinity", f64::INFINITY),
            _ if self.take("-Infinity") => self.constant("-Infinity", f64::NEG_INFINITY),
            _ => Err(failure("Expecting value", self.text, self.at)),
        }
    }

    /// A container, one level deeper.
    fn nested(&mut self, body: fn(&mut Self) -> PyResult<Value>) -> PyResult<Value> {
        self.depth += 1;
        if self.depth > 900 {
            return Err(PyError::new(
                &crate::py::exceptions::RECURSION_ERROR,
                "maximum recursion depth exceeded while decoding a JSON object from a unicode string",
            ));
        }
        let value = body(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// `NaN` and its kin.
    fn constant(&self, name: &str, number: f64) -> PyResult<Value> {
        match &self.hooks.constant {
            Some(hook) => self.vm.call(hook, Args::of(vec![Value::str(name)])),
            None => Ok(Value::Float(number)),
        }
    }

    /// A number.
    fn number(&mut self) -> PyResult<Value> {
        let start = self.at;
        let digits = |decoder: &mut Self| {
            let start = decoder.at;
            while matches!(decoder.peek(), Some(b'0'..=b'9')) {
                decoder.at += 1;
            }
            decoder.at > start
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if !digits(self) {
            return Err(failure("Expecting value", self.text, start));
        }
        let mut float = false;
        for marks in [&b"."[..], b"eE"] {
            let mark = self.at;
            if self.peek().is_some_and(|byte| marks.contains(&byte)) {
                self.at += 1;
                if marks.len() > 1 && matches!(self.peek(), Some(b'+' | b'-')) {
                    self.at += 1;
                }
                if digits(self) {
                    float = true;
                } else {
                    self.at = mark;
                    break;
                }
            }
        }
        let text = &self.text[start..self.at];
        match (float, &self.hooks.float, &self.hooks.int) {
            (true, Some(hook), _) | (false, _, Some(hook)) => {
                self.vm.call(hook, Args::of(vec![Value::str(text)]))
            }
            (true, None, _) => Ok(Value::Float(text.parse().unwrap_or(f64::NAN))),
            (false, _, None) => Ok(text.parse::<BigInt>().map_or(Value::Int(0), Value::int)),
        }
    }

    /// A string, after its opening quote.
    fn string(&mut self) -> PyResult<String> {
        let start = self.at - 1;
        let mut result = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(stop) = rest
                .find(|character: char| character == '"' || character == '\\' || character < ' ')
            else {
                return Err(failure("Unterminated string starting at", self.text, start));
            };
            result.push_str(&rest[..stop]);
            self.at += stop;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(result);
                }
                Some(b'\\') => self.escape(&mut result, start)?,
                _ => return Err(failure("Invalid control character at", self.text, self.at)),
            }
        }
    }

    /// An escape, at its backslash.
    fn escape(&mut self, result: &mut String, start: usize) -> PyResult<()> {
        let Some(kind) = self.text[self.at + 1..].chars().next() else {
            return Err(failure("Unterminated string starting at", self.text, start));
        };
        let plain = match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(result),
            _ => return Err(failure("Invalid \\escape", self.text, self.at)),
        };
        result.push(plain);
        self.at += 2;
        Ok(())
    }

    /// `\uXXXX`, or a pair of them.
    fn unicode(&mut self, result: &mut String) -> PyResult<()> {
        let unit = |at: usize| -> Option<u32> {
            let digits = self.text.get(at + 2..at + 6)?;
            (self.text[at..].starts_with("\\u")
                && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .then(|| u32::from_str_radix(digits, 16).ok())
            .flatten()
        };
        let Some(first) = unit(self.at) else {
            return Err(failure("Invalid \\uXXXX escape", self.text, self.at + 1));
        };
        if let (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) = (first, unit(self.at + 6)) {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            result.extend(char::from_u32(code));
            self.at += 12;
            return Ok(());
        }
        match char::from_u32(first) {
            Some(character) => result.push(character),
            None => return Err(PyError::unsupported("a lone surrogate in JSON text")),
        }
        self.at += 6;
        Ok(())
    }

    /// A list.
    fn array(&mut self) -> PyResult<Value> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take("]") {
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            if self.take("]") {
                return Ok(Value::list(items));
            }
            if !self.take(",") {
                return Err(failure("Expecting ',' delimiter", self.text, self.at));
            }
            self.space();
        }
    }

    /// A dictionary.
    fn object(&mut self) -> PyResult<Value> {
        self.at += 1;
        let mut pairs = Vec::new();
        self.space();
        if !self.take("}") {
            loop {
                if !self.take("\"") {
                    return Err(failure(
                        "Expecting property name enclosed in double quotes",
                        self.text,
                        self.at,
                    ));
                }
                let key = self.string()?;
                self.space();
                if !self.take(":") {
                    return Err(failure("Expecting ':' delimiter", self.text, self.at));
                }
                self.space();
                let value = self.value()?;
                pairs.push((key, value));
                self.space();
                if self.take("}") {
                    break;
                }
                if !self.take(",") {
                    return Err(failure("Expecting ',' delimiter", self.text, self.at));
                }
                self.space();
            }
        }
        if let Some(hook) = &self.hooks.pairs {
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| Value::tuple(vec![Value::from(key), value]))
                .collect();
            return self.vm.call(hook, Args::of(vec![Value::list(pairs)]));
        }
        let mut dict = Dict::new();
        for (key, value) in pairs {
            dict.insert_str(&key, value);
        }
        match &self.hooks.object {
            Some(hook) => self.vm.call(hook, Args::of(vec![Value::dict(dict)])),
            None => Ok(Value::dict(dict)),
        }
    }
}
