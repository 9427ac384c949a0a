//! One connection that several users have at a time: SQLAlchemy's `SingletonThreadPool` and `StaticPool`, in which an SQLite database in
//! memory lives as long as its engine.

use std::cell::RefCell;
use std::rc::Rc;

use crate::db::Bound;
use crate::db::Connection;
use crate::db::Error;
use crate::db::Rows;

/// A connection that is given to everyone who asks.
#[derive(Clone)]
pub struct Shared(Rc<RefCell<Box<dyn Connection>>>);

impl Shared {
    /// Shares a connection.
    pub fn new(connection: Box<dyn Connection>) -> Self {
        Self(Rc::new(RefCell::new(connection)))
    }
}

impl Connection for Shared {
    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        self.0.borrow_mut().query(sql)
    }

    fn query_bound(&mut self, sql: &str, values: &Bound) -> Result<Rows, Error> {
        self.0.borrow_mut().query_bound(sql, values)
    }

    fn queue(&mut self, sql: String, tag: usize, expect_rows: Option<i64>) -> Result<(), Error> {
        self.0.borrow_mut().queue(sql, tag, expect_rows)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.0.borrow_mut().flush()
    }

    fn server_version(&self) -> (u32, u32) {
        self.0.borrow().server_version()
    }

    fn in_transaction(&self) -> bool {
        self.0.borrow().in_transaction()
    }

    fn take_notices(&mut self) -> Vec<(String, String)> {
        self.0.borrow_mut().take_notices()
    }

    fn begins_by_itself(&self) -> bool {
        self.0.borrow().begins_by_itself()
    }

    fn set_begin(&mut self, begin: Option<String>) -> Result<(), Error> {
        self.0.borrow_mut().set_begin(begin)
    }

    fn run_script(&mut self, sql: &str) -> Result<(), Error> {
        self.0.borrow_mut().run_script(sql)
    }
}
