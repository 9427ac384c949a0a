//! The built-in exception classes.

use std::rc::Rc;

use crate::py::class::Class;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `BaseException`. Instances are `Value::Instance` with `args` in their namespace.
pub static BASE_EXCEPTION: NativeClass = NativeClass::plain("builtins", "BaseException", &[]);
/// `Exception`.
pub static EXCEPTION: NativeClass = NativeClass::plain("builtins", "Exception", &[&BASE_EXCEPTION]);
/// `TypeError`.
pub static TYPE_ERROR: NativeClass = NativeClass::plain("builtins", "TypeError", &[&EXCEPTION]);
/// `ValueError`.
pub static VALUE_ERROR: NativeClass = NativeClass::plain("builtins", "ValueError", &[&EXCEPTION]);
/// `AttributeError`.
pub static ATTRIBUTE_ERROR: NativeClass =
    NativeClass::plain("builtins", "AttributeError", &[&EXCEPTION]);
/// `LookupError`.
pub static LOOKUP_ERROR: NativeClass = NativeClass::plain("builtins", "LookupError", &[&EXCEPTION]);
/// `KeyError`.
pub static KEY_ERROR: NativeClass = NativeClass::plain("builtins", "KeyError", &[&LOOKUP_ERROR]);
/// `RuntimeError`.
pub static RUNTIME_ERROR: NativeClass =
    NativeClass::plain("builtins", "RuntimeError", &[&EXCEPTION]);
/// `NotImplementedError`.
pub static NOT_IMPLEMENTED_ERROR: NativeClass =
    NativeClass::plain("builtins", "NotImplementedError", &[&RUNTIME_ERROR]);

/// Makes an exception instance.
pub fn instance(_class: &Rc<Class>, _args: Vec<Value>) -> Value {
    todo!()
}

/// `Type: message` as the last line of a traceback.
pub fn summary(_vm: &Vm, _exception: &Value) -> String {
    todo!()
}
/// `IndexError`.
pub static INDEX_ERROR: NativeClass =
    NativeClass::plain("builtins", "IndexError", &[&LOOKUP_ERROR]);
/// `ArithmeticError`.
pub static ARITHMETIC_ERROR: NativeClass =
    NativeClass::plain("builtins", "ArithmeticError", &[&EXCEPTION]);
/// `ZeroDivisionError`.
pub static ZERO_DIVISION_ERROR: NativeClass =
    NativeClass::plain("builtins", "ZeroDivisionError", &[&ARITHMETIC_ERROR]);
/// `OverflowError`.
pub static OVERFLOW_ERROR: NativeClass =
    NativeClass::plain("builtins", "OverflowError", &[&ARITHMETIC_ERROR]);
/// `StopIteration`.
pub static STOP_ITERATION: NativeClass =
    NativeClass::plain("builtins", "StopIteration", &[&EXCEPTION]);
/// `RecursionError`.
pub static RECURSION_ERROR: NativeClass =
    NativeClass::plain("builtins", "RecursionError", &[&RUNTIME_ERROR]);
/// `MemoryError`.
pub static MEMORY_ERROR: NativeClass = NativeClass::plain("builtins", "MemoryError", &[&EXCEPTION]);
/// `UnicodeEncodeError`.
pub static UNICODE_ENCODE_ERROR: NativeClass = NativeClass::plain("builtins", "UnicodeEncodeError", &[&VALUE_ERROR]);
/// `UnicodeDecodeError`.
pub static UNICODE_DECODE_ERROR: NativeClass = NativeClass::plain("builtins", "UnicodeDecodeError", &[&VALUE_ERROR]);
