//! The highest key that AUTOINCREMENT ever gave: it belongs to the table that is dropped, and a copy knows the rows that are left.

use num_traits::ToPrimitive;

use crate::ddl::Statement;
use crate::ops::OpEnv;
use crate::ops::recreate::ApplyBatch;
use crate::ops::recreate::losses::constant;
use crate::py::error::PyResult;
use crate::py::vm::Vm;
use crate::schema::literal::Literal;
use crate::schema::options::OptionValue;
use crate::schema::table::Table;

impl ApplyBatch {
    /// The number, where both tables count.
    pub(super) fn sequence(&self, vm: &Vm, env: &OpEnv, made: &Table) -> PyResult<Option<i64>> {
        let counts = made.options.get("sqlite_autoincrement");
        if !counts.is_some_and(OptionValue::is_truthy) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT 1 FROM {}sqlite_master WHERE name = 'sqlite_sequence'",
            self.prefix()
        );
        let is_there = !env
            .executor
            .query(vm, &Statement::Raw(sql))?
            .rows
            .is_empty();
        if !is_there {
            return Ok(None);
        }
        let sql = format!(
            "SELECT seq FROM {}sqlite_sequence WHERE name = {}",
            self.prefix(),
            constant(&self.table.name.name.text)
        );
        let rows = env.executor.query(vm, &Statement::Raw(sql))?.rows;
        Ok(match rows.first().and_then(|row| row.first()) {
            Some(Literal::Int(number)) => number.to_i64(),
            _ => None,
        })
    }

    /// Gives the new table the number, when its rows say less.
    pub(super) fn keep_sequence(
        &self,
        vm: &Vm,
        env: &OpEnv,
        made: &Table,
        before: Option<i64>,
    ) -> PyResult<()> {
        let Some(before) = before else {
            return Ok(());
        };
        if self
            .sequence(vm, env, made)?
            .is_some_and(|now| now >= before)
        {
            return Ok(());
        }
        let sequence = format!("{}sqlite_sequence", self.prefix());
        let name = constant(&self.table.name.name.text);
        for sql in [
            format!("DELETE FROM {sequence} WHERE name = {name}"),
            format!("INSERT INTO {sequence} (name, seq) VALUES ({name}, {before})"),
        ] {
            env.executor.run(vm, &Statement::Raw(sql))?;
        }
        Ok(())
    }
}
