//! Sub-commands that compare the models with the database, which aludel does not do: they say so and fail.

use clap::Args;

use crate::command::error::CommandError;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {}

/// The answer of what needs the application's models.
pub(crate) fn needs_models(name: &str) -> CommandError {
    CommandError::unsupported(format!(
        "`{name}` compares the application's models with the database: it needs the models as Python objects, which aludel does not load"
    ))
    .hint(format!("run `alembic {name}` in the project's virtualenv for it"))
    .hint("`aludel revision -m MESSAGE` makes an empty revision to fill in; `aludel current --check-heads` tells whether the database is at the newest revision")
}
