//! Expressions on PostgreSQL: sqlalchemy/dialects/postgresql/base.py `PGCompiler`.

use crate::dialect::Base;
use crate::dialect::Binds;
use crate::dialect::CompileError;
use crate::dialect::expr::SqlCompiler;
use crate::dialect::postgresql::Postgresql;
use crate::schema::expr::Expr;

impl SqlCompiler for Postgresql {
    fn expr_sql(&self, expr: &Expr) -> Result<String, CompileError> {
        crate::dialect::sql::compile(self, expr)
    }

    fn ddl_expr_sql(&self, expr: &Expr, self_group: bool) -> Result<String, CompileError> {
        crate::dialect::sql::compile_ddl(self, expr, self_group)
    }

    fn render_string(&self, text: &str) -> String {
        let mut text = text.replace('\'', "''");
        if self.settings().double_percent {
            text = text.replace('%', "%%");
        }
        // base.py PGCompiler.render_literal_value: 2.0 assumes backslash escapes until a server says otherwise.
        if self.is_2_0() && self.settings().binds != Binds::Driver {
            text = text.replace('\\', "\\\\");
        }
        format!("'{text}'")
    }
}
