//! Tracebacks: kept with exceptions, printed in CPython's format (Lib/traceback.py).

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyErrorKind;
use crate::py::error::PyResult;
use crate::py::error::TracebackFrame;
use crate::py::eval::Frame;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `traceback`.
pub static TRACEBACK: NativeClass = NativeClass::plain("builtins", "traceback", &[]);

/// The levels an exception has passed, innermost first.
#[derive(Debug)]
pub struct Traceback {
    /// The levels, innermost first.
    pub frames: Vec<TracebackFrame>,
}

impl Object for Traceback {
    fn class(&self) -> Rc<Class> {
        Class::of(&TRACEBACK)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "tb_lineno" => self
                .frames
                .last()
                .map(|frame| Value::Int(i64::from(frame.line))),
            "tb_next" => Some(match self.frames.split_last() {
                Some((_, rest)) if !rest.is_empty() => Value::object(Self {
                    frames: rest.to_vec(),
                }),
                _ => Value::None,
            }),
            _ => None,
        })
    }
}

impl PyError {
    /// Adds the level of a frame, once for each time the error passes it.
    pub(crate) fn add_frame(&mut self, frame: &Rc<Frame>) {
        let id = Rc::as_ptr(frame) as usize;
        if self.0.recorded == Some(id) {
            return;
        }
        self.0.recorded = Some(id);
        self.0.frames.push(frame.traceback());
    }
}

/// Keeps the levels passed so far with the exception, for when it is raised again.
pub(crate) fn remember(error: &PyError, exception: &Value) {
    if let Value::Instance(made) = exception {
        made.set(
            "__traceback__",
            Value::object(Traceback {
                frames: error.frames().to_vec(),
            }),
        );
    }
}

/// Gives an error the levels that its exception has passed before. `same`: it goes on in the frame that handled it.
pub(crate) fn recall(error: &mut PyError, exception: &Value, same: Option<&Rc<Frame>>) {
    let kept = match exception {
        Value::Instance(made) => made
            .get("__traceback__")
            .and_then(|kept| kept.native::<Traceback>()),
        _ => None,
    };
    if let Some(kept) = kept {
        error.0.frames = kept.frames.clone();
        error.0.recorded = same.map(|frame| Rc::as_ptr(frame) as usize);
    }
}

/// Lines that say how one exception led to the next.
const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";
/// How many exceptions of a chain are shown.
const MAX_CHAIN: usize = 50;

impl Vm {
    /// The traceback and message of an error in CPython's format, several lines, no trailing newline.
    pub fn format_error(&self, error: &PyError) -> String {
        let mut text = String::new();
        match error.kind() {
            PyErrorKind::Exception(value) => {
                self.format_before(value, &mut text, 0);
                push_frames(error.frames(), &mut text);
                self.push_message(value, &mut text);
            }
            PyErrorKind::Unsupported { what, hint, .. } => {
                push_frames(error.frames(), &mut text);
                text.push_str(&format!("Unsupported: {what}\n"));
                if let Some(hint) = hint {
                    text.push_str(&format!("hint: {hint}\n"));
                }
            }
            PyErrorKind::Foreign(inner) => {
                push_frames(error.frames(), &mut text);
                text.push_str(&format!("{inner}\n"));
            }
        }
        text.truncate(text.trim_end_matches('\n').len());
        text
    }

    /// An exception value with its kept traceback, as `traceback.format_exception` gives it.
    pub fn format_exception(&self, value: &Value) -> String {
        let mut text = String::new();
        self.format_before(value, &mut text, 0);
        self.format_one(value, &mut text);
        text
    }

    fn format_one(&self, value: &Value, text: &mut String) {
        if let Value::Instance(made) = value
            && let Some(kept) = made
                .get("__traceback__")
                .and_then(|kept| kept.native::<Traceback>())
        {
            push_frames(&kept.frames, text);
        }
        self.push_message(value, text);
    }

    /// What led to an exception.
    fn format_before(&self, value: &Value, text: &mut String, depth: usize) {
        let Value::Instance(made) = value else { return };
        if depth > MAX_CHAIN {
            return;
        }
        let part = |name: &str| {
            made.get(name)
                .filter(|value| matches!(value, Value::Instance(_)))
        };
        let is_suppressed = matches!(made.get("__suppress_context__"), Some(Value::Bool(true)));
        let (before, line) = match (part("__cause__"), part("__context__")) {
            (Some(cause), _) => (cause, CAUSE),
            (None, Some(context)) if !is_suppressed => (context, CONTEXT),
            _ => return,
        };
        self.format_before(&before, text, depth + 1);
        self.format_one(&before, text);
        text.push_str(line);
    }

    fn push_message(&self, value: &Value, text: &mut String) {
        let Value::Instance(made) = value else {
            text.push_str("<unknown exception>\n");
            return;
        };
        if made.class().inherits(&exceptions::SYNTAX_ERROR) {
            self.push_syntax_place(value, text);
        }
        text.push_str(&exceptions::summary(self, value));
        text.push('\n');
        if let Some(notes) = made
            .get("__notes__")
            .and_then(|notes| self.collect(&notes).ok())
        {
            for note in notes {
                text.push_str(&self.str(&note).unwrap_or_default());
                text.push('\n');
            }
        }
    }

    /// The file, line and caret of a `SyntaxError`.
    fn push_syntax_place(&self, value: &Value, text: &mut String) {
        let Value::Instance(made) = value else { return };
        let (Some(Value::Str(file)), Some(Value::Int(line))) =
            (made.get("filename"), made.get("lineno"))
        else {
            return;
        };
        text.push_str(&format!("  File \"{file}\", line {line}\n"));
        if let Some(Value::Str(source)) = made.get("text") {
            let shown = source.trim();
            if shown.is_empty() {
                return;
            }
            text.push_str(&format!("    {shown}\n"));
            if let Some(Value::Int(offset)) = made.get("offset") {
                let indent = source
                    .chars()
                    .take_while(|character| character.is_whitespace())
                    .count();
                let column = usize::try_from(offset)
                    .unwrap_or(1)
                    .saturating_sub(1 + indent);
                text.push_str(&format!("    {}^\n", " ".repeat(column)));
            }
        }
    }
}

/// `Traceback (most recent call last):` and its levels, repeated ones folded.
fn push_frames(frames: &[TracebackFrame], text: &mut String) {
    if frames.is_empty() {
        return;
    }
    text.push_str("Traceback (most recent call last):\n");
    let mut last: Option<&TracebackFrame> = None;
    let mut repeated = 0usize;
    let fold = |repeated: usize, text: &mut String| {
        if repeated > 3 {
            let more = repeated - 3;
            let plural = if more == 1 { "" } else { "s" };
            text.push_str(&format!(
                "  [Previous line repeated {more} more time{plural}]\n"
            ));
        }
    };
    for frame in frames.iter().rev() {
        if last == Some(frame) {
            repeated += 1;
            if repeated > 3 {
                continue;
            }
        } else {
            fold(repeated, text);
            repeated = 1;
            last = Some(frame);
        }
        text.push_str(&format!(
            "  File \"{}\", line {}, in {}\n",
            frame.file, frame.line, frame.function
        ));
        if let Some(source) = &frame.source {
            text.push_str(&format!("    {source}\n"));
        }
    }
    fold(repeated, text);
}
