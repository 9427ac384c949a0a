//! `io`: text and byte streams in memory, files, and the standard streams.

pub mod console;
pub mod file;
pub mod memory;

module! {
    MODULE = "io",
    functions: &[("open", file::open)],
    classes: &[&memory::STRING_IO, &memory::BYTES_IO, &file::TEXT, &file::BYTES],
    values: &[],
}
