//! What executes while the catalogue in memory stands in for the database: statements are printed as in any `--sql` run and followed,
//! questions about the schema are answered, and reading rows of data is refused.

use std::cell::Cell;
use std::cell::RefCell;
use std::rc::Rc;

use crate::db::Rows;
use crate::ddl::Statement;
use crate::dialect::Binds;
use crate::dialect::Dialect;
use crate::dialect::Settings;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::sa::exc;
use crate::sa::executor::Executor;
use crate::sa::question::Question;
use crate::schema::literal::Literal;
use crate::shadow::answer::Answer;
use crate::shadow::model::Catalogue;
use crate::shadow::select::Selected;

/// Prints a line of comment.
pub type Comment = Rc<dyn Fn(&Vm, &str) -> PyResult<()>>;

/// The stand-in for one step.
pub struct Shadow {
    /// What prints.
    printer: Rc<dyn Executor>,
    comment: Comment,
    catalogue: Rc<RefCell<Catalogue>>,
    /// What this step assumed so far: each is said once.
    said: RefCell<Vec<String>>,
    /// How many of them are printed.
    printed: Cell<usize>,
    /// Writes queries with their values.
    reader: Rc<dyn Dialect>,
}

impl std::fmt::Debug for Shadow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shadow")
    }
}

impl Shadow {
    /// Prints through `printer`, says what is assumed through `comment`.
    pub fn new(
        printer: Rc<dyn Executor>,
        comment: Comment,
        catalogue: Rc<RefCell<Catalogue>>,
    ) -> Self {
        let dialect = printer.dialect();
        let settings = Settings {
            binds: Binds::Literal,
            double_percent: false,
            ..dialect.settings().clone()
        };
        let reader = crate::dialect::by_name(dialect.name(), settings).unwrap_or(dialect);
        Self {
            reader,
            printer,
            comment,
            catalogue,
            said: RefCell::default(),
            printed: Cell::new(0),
        }
    }

    /// Prints what was assumed since the last time.
    pub fn tell(&self, vm: &Vm) -> PyResult<()> {
        let lines: Vec<String> = {
            let said = self.said.borrow();
            said[self.printed.get()..]
                .iter()
                .map(|assumed| format!("-- assumed: {assumed}"))
                .collect()
        };
        self.printed.set(self.printed.get() + lines.len());
        if lines.is_empty() {
            return Ok(());
        }
        (self.comment)(vm, &lines.join("\n"))
    }

    fn assume(&self, answer: Answer) -> Vec<Vec<Literal>> {
        if let Some(assumed) = answer.assumed {
            // a name may hold a line break, a comment may not
            let assumed = assumed.replace(['\n', '\r'], " ");
            let mut said = self.said.borrow_mut();
            if !said.contains(&assumed) {
                said.push(assumed);
            }
        }
        answer.rows
    }

    fn compiled(&self, statement: &Statement) -> PyResult<String> {
        self.printer
            .dialect()
            .compile(statement)
            .map_err(|error| exc::from_compile_error(&error))
    }
}

/// The refusal of a question that the earlier revisions do not answer.
fn refused(reason: &str) -> PyError {
    PyError::unsupported(format!(
        "a question about the database's schema that the earlier revisions do not answer for certain ({reason})"
    ))
}

impl Executor for Shadow {
    fn dialect(&self) -> Rc<dyn Dialect> {
        self.printer.dialect()
    }

    fn is_offline(&self) -> bool {
        true
    }

    fn has_catalogue(&self) -> bool {
        true
    }

    fn run(&self, vm: &Vm, statement: &Statement) -> PyResult<()> {
        self.tell(vm)?;
        let sql = match self.compiled(statement) {
            // of a revision that is only followed, a text that cannot be written down is left out
            Err(error) if vm.is_skipping() => {
                return Err(PyError::unsupported(format!(
                    "a statement of which the text cannot be written ({})",
                    vm.format_error(&error)
                        .trim()
                        .lines()
                        .last()
                        .unwrap_or_default()
                )));
            }
            compiled => compiled?,
        };
        self.printer.run(vm, statement)?;
        self.catalogue.borrow_mut().follow(&sql);
        Ok(())
    }

    fn query(&self, vm: &Vm, statement: &Statement) -> PyResult<Rows> {
        if let Some(rows) = self.catalogue_rows(vm, statement)? {
            return Ok(rows);
        }
        let sql = self.compiled(statement)?;
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        Err(PyError::unsupported(format!(
            "reading rows of the database in a `--sql` run (`{}`)",
            shortened(&sql)
        )))
    }

    fn ask(&self, _vm: &Vm, question: Question) -> PyResult<Vec<Vec<Literal>>> {
        let answer = self.catalogue.borrow().answer(question);
        answer
            .map(|answer| self.assume(answer))
            .map_err(|reason| refused(&reason))
    }

    fn catalogue_rows(&self, _vm: &Vm, statement: &Statement) -> PyResult<Option<Rows>> {
        // a statement that cannot be written with its values says so when it is run
        let Ok(sql) = self.reader.compile(statement) else {
            return Ok(None);
        };
        let found = {
            let catalogue = self.catalogue.borrow();
            if catalogue.is_sqlite() {
                catalogue.select_sqlite(&sql)
            } else {
                let found = catalogue.select(&sql);
                found.map(|found| found.map(|selected| assumed(&sql, selected)))
            }
        };
        let Some(found) = found else {
            return Ok(None);
        };
        let (selected, assumed) = found.map_err(|reason| refused(&reason))?;
        let rows = self.assume(Answer {
            assumed,
            rows: selected.rows,
        });
        Ok(Some(Rows {
            rowcount: i64::try_from(rows.len()).unwrap_or(i64::MAX),
            columns: selected.columns,
            rows,
        }))
    }
}

/// The rows of a query of PostgreSQL's catalogue, and what the comment says of them.
fn assumed(sql: &str, selected: Selected) -> (Selected, Option<String>) {
    let shown = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = match selected.rows.len() {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    };
    let assumed = format!("{count}: {}", shown.trim_end_matches(';'));
    (selected, Some(assumed))
}

fn shortened(sql: &str) -> String {
    if sql.chars().count() <= 160 {
        return sql.to_owned();
    }
    let mut text: String = sql.chars().take(157).collect();
    text.push_str("...");
    text
}
