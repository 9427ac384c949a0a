//! The standard library: modules written in Rust ([`MODULES`]), and modules written in Python that the evaluator runs ([`source`]).

#[macro_use]
mod table;

pub mod base64;
pub mod copy;
pub mod datetime;
pub mod functools;
pub mod hashlib;
pub mod io;
pub mod itertools;
pub mod json;
pub mod math;
pub mod operator;
pub mod os;
pub mod random;
pub mod re;
pub mod sources;
pub mod sys;
pub mod time;
pub mod uuid;

pub use sources::source;

use crate::py::module::NativeModule;

/// The modules written in Rust.
pub static MODULES: &[NativeModule] = &[
    base64::MODULE,
    base64::binascii::MODULE,
    copy::MODULE,
    datetime::MODULE,
    functools::MODULE,
    hashlib::MODULE,
    hashlib::hmac::MODULE,
    io::MODULE,
    itertools::MODULE,
    json::MODULE,
    json::DECODER,
    math::MODULE,
    operator::MODULE,
    os::MODULE,
    os::path::MODULE,
    os::path::POSIX,
    random::MODULE,
    re::MODULE,
    sys::MODULE,
    time::MODULE,
    uuid::MODULE,
];
