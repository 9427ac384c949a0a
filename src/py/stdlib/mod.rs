//! The standard library: modules written in Rust ([`MODULES`]), and modules written in Python that the evaluator runs ([`source`]).

#[macro_use]
mod table;

pub mod asyncio;
pub mod binascii;
pub mod datetime;
pub mod decimal;
pub mod hashlib;
pub mod io;
pub mod json;
pub mod math;
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
    asyncio::MODULE,
    binascii::MODULE,
    datetime::MODULE,
    datetime::ZONEINFO,
    decimal::MODULE,
    hashlib::MODULE,
    hashlib::HMAC,
    io::MODULE,
    json::MODULE,
    json::DECODER,
    math::MODULE,
    os::MODULE,
    random::MODULE,
    re::MODULE,
    sys::MODULE,
    time::MODULE,
    uuid::MODULE,
];
