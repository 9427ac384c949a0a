use aludel::py::vm::Vm;
fn main() {
    let vm = Vm::new();
    vm.set_stdout(std::rc::Rc::new(|text| print!("{text}")));
    let path = std::env::args().nth(1).unwrap();
    if let Err(error) = vm.run_file(std::path::Path::new(&path), "__main__", false) {
        eprintln!("{}", vm.format_error(&error));
        std::process::exit(1);
    }
}
