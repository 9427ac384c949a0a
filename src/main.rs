//! The `aludel` command.

use std::ffi::OsString;
use std::process::ExitCode;

use aludel::py::eval::stack;

/// Trees of small objects are made and dropped all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let status = stack::thread(|| aludel::cli::run(&args));
    ExitCode::from(u8::try_from(status.unwrap_or(101)).unwrap_or(1))
}
