//! When a transaction begins: `MigrationContext.begin_transaction` as one pure decision. alembic/runtime/migration.py begin_transaction.

/// What decides.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    /// `--sql`.
    pub as_sql: bool,
    /// Called around one step (`_per_migration=True`) instead of by env.py around the run.
    pub per_migration: bool,
    /// `transaction_per_migration` of `context.configure`.
    pub transaction_per_migration: bool,
    /// The dialect's, or `context.configure`'s, `transactional_ddl`.
    pub transactional_ddl: bool,
    /// The connection was already in a transaction when `context.configure` got it.
    pub in_external_transaction: bool,
    /// A transaction of this context is open.
    pub in_transaction: bool,
}

/// What `begin_transaction` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: somebody else's transaction, or one begins at the other level.
    Nothing,
    /// Print `BEGIN;` now and `COMMIT;` at the end.
    Print,
    /// Begin on the connection now, commit at the end (roll back on an error).
    Begin,
}

/// The decision table.
pub fn decide(now: Situation) -> Decision {
    if now.in_external_transaction {
        return Decision::Nothing;
    }
    let transaction_now = if now.transactional_ddl {
        now.per_migration == now.transaction_per_migration
    } else {
        now.per_migration
    };
    match (transaction_now, now.transactional_ddl, now.as_sql) {
        (false, _, _) | (true, false, true) => Decision::Nothing,
        (true, false, false) if now.in_transaction => Decision::Nothing,
        (true, true, true) => Decision::Print,
        (true, false | true, false) => Decision::Begin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Situation = Situation {
        as_sql: false,
        per_migration: false,
        transaction_per_migration: false,
        transactional_ddl: true,
        in_external_transaction: false,
        in_transaction: false,
    };

    #[test]
    fn one_transaction_around_the_run_by_default() {
        assert_eq!(decide(RUN), Decision::Begin);
        assert_eq!(
            decide(Situation {
                per_migration: true,
                ..RUN
            }),
            Decision::Nothing
        );
        assert_eq!(
            decide(Situation {
                as_sql: true,
                ..RUN
            }),
            Decision::Print
        );
    }

    #[test]
    fn one_transaction_around_each_step_when_asked() {
        let run = Situation {
            transaction_per_migration: true,
            ..RUN
        };
        assert_eq!(decide(run), Decision::Nothing);
        assert_eq!(
            decide(Situation {
                per_migration: true,
                ..run
            }),
            Decision::Begin
        );
        assert_eq!(
            decide(Situation {
                per_migration: true,
                as_sql: true,
                ..run
            }),
            Decision::Print
        );
    }

    #[test]
    fn non_transactional_ddl_commits_each_step_online_and_prints_nothing_offline() {
        let run = Situation {
            transactional_ddl: false,
            ..RUN
        };
        assert_eq!(decide(run), Decision::Nothing);
        let step = Situation {
            per_migration: true,
            ..run
        };
        assert_eq!(decide(step), Decision::Begin);
        assert_eq!(
            decide(Situation {
                in_transaction: true,
                ..step
            }),
            Decision::Nothing
        );
        assert_eq!(
            decide(Situation {
                as_sql: true,
                ..step
            }),
            Decision::Nothing
        );
    }

    #[test]
    fn an_external_transaction_is_left_alone() {
        assert_eq!(
            decide(Situation {
                in_external_transaction: true,
                ..RUN
            }),
            Decision::Nothing
        );
    }
}
