//! The sink of `--sql`: statements become text. alembic/ddl/impl.py `_exec`, `static_output`.

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::dialect::Dialect;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;

/// Receives the text of a `--sql` run: standard output, or the `output_buffer` given to `context.configure`.
pub type Write = Rc<dyn Fn(&Vm, &str) -> PyResult<()>>;

/// Prints statements.
pub struct Offline {
    dialect: Rc<dyn Dialect>,
    write: Write,
    /// Whether a statement may have moved the names without a schema.
    moved: Cell<bool>,
    /// The statements since [`Offline::listen`], if somebody wants them.
    heard: RefCell<Option<Vec<String>>>,
}

impl std::fmt::Debug for Offline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Offline({})", self.dialect.name())
    }
}

impl Offline {
    /// Prints in this dialect to this writer.
    pub fn new(dialect: Rc<dyn Dialect>, write: Write) -> Self {
        Self {
            dialect,
            write,
            moved: Cell::default(),
            heard: RefCell::default(),
        }
    }

    /// Whether a statement named the `search_path`: names without a schema may be anywhere.
    pub fn moved(&self) -> bool {
        self.moved.get()
    }

    /// Keeps the statements from here on, printed or not.
    pub fn listen(&self) {
        *self.heard.borrow_mut() = Some(Vec::new());
    }

    /// The statements since [`Offline::listen`].
    pub fn heard(&self) -> Vec<String> {
        self.heard.take().unwrap_or_default()
    }

    /// Prints a text and an empty line.
    pub fn static_output(&self, vm: &Vm, text: &str) -> PyResult<()> {
        (self.write)(vm, &[text, "\n\n"].concat())
    }

    /// Prints the text of a statement: tabs become four spaces, outer white space goes, a semicolon ends it.
    pub fn statement(&self, vm: &Vm, sql: &str) -> PyResult<()> {
        if sql.contains("search_path") {
            self.moved.set(true);
        }
        if let Some(heard) = &mut *self.heard.borrow_mut() {
            heard.push(sql.to_owned());
        }
        let mut text = String::with_capacity(sql.len() + 16);
        let mut left = sql.trim_matches(python_space);
        while let Some((before, after)) =
            memchr::memchr(b'\t', left.as_bytes()).and_then(|at| left.split_at_checked(at))
        {
            text.push_str(before);
            text.push_str("    ");
            left = after.get(1..).unwrap_or_default();
        }
        text.push_str(left);
        text.push_str(";\n\n");
        (self.write)(vm, &text)
    }
}

/// What Python's `str.strip()` takes for white space.
fn python_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

impl Executor for Offline {
    fn dialect(&self) -> Rc<dyn Dialect> {
        self.dialect.clone()
    }

    fn is_offline(&self) -> bool {
        true
    }

    fn run(&self, vm: &Vm, statement: &Statement) -> PyResult<()> {
        crate::sa::compiles::refuse_rendered(statement)?;
        let sql = self
            .dialect
            .compile(statement)
            .map_err(|error| exc::from_compile_error(&error))?;
        self.statement(vm, &sql)
    }

    fn query(&self, vm: &Vm, statement: &Statement) -> PyResult<Rows> {
        crate::sa::compiles::refuse_rendered(statement)?;
        self.run(vm, statement)?;
        Ok(Rows::default())
    }
}
