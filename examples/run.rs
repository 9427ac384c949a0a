//! Evaluates a Python file and prints what it prints: for trying things by hand.

use std::rc::Rc;

use aludel::py::vm::Vm;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let vm = Vm::new();
    vm.set_stdout(Rc::new(|text| print!("{text}")));
    if let Err(error) = vm.run_file(std::path::Path::new(&name), "__main__", false) {
        println!("{}", vm.format_error(&error));
    }
}
