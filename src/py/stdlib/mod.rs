//! The standard library: modules written in Rust, and modules written in Python that the evaluator runs (`source`).

use crate::py::module::NativeModule;

/// The modules written in Rust.
pub static MODULES: &[NativeModule] = &[];

/// The source of a module of the standard library that is written in Python, and whether it is a package. The importer asks here before looking for files.
pub fn source(_dotted: &str) -> Option<(&'static str, bool)> {
    None
}
