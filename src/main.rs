//! The `aludel` command.

use std::ffi::OsString;
use std::process::ExitCode;

/// Trees of small objects are made and dropped all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deep Python trees are walked on the stack; the pages are only taken when touched.
const STACK: usize = 512 << 20;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let on_small_stack = args.clone();
    let worker = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || aludel::cli::run(&args));
    let status = match worker {
        Ok(worker) => worker.join().unwrap_or(101),
        Err(_) => aludel::cli::run(&on_small_stack),
    };
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}
