//! `list_templates`: alembic/command.py list_templates.

use clap::Args;
use serde_json::json;

use crate::command::error::CommandError;
use crate::command::init::templates::TEMPLATES;
use crate::command::json;
use crate::command::session::Session;

/// List available templates.
#[derive(Debug, Args)]
pub struct ListTemplatesArgs {}

/// Runs it.
pub fn run(session: &Session, _args: &ListTemplatesArgs) -> Result<(), CommandError> {
    let output = &session.output;
    if session.globals.json {
        let found = TEMPLATES
            .iter()
            .map(|template| json!({"name": template.name, "synopsis": template.synopsis()}))
            .collect();
        json::print(output, "list_templates", &[("templates", found)]);
        return Ok(());
    }
    output.print("Available templates:\n");
    for template in TEMPLATES {
        output.print(&format!("{} - {}", template.name, template.synopsis()));
    }
    output.print("\nTemplates are used via the 'init' command, e.g.:");
    output.print("\n  alembic init --template generic ./scripts");
    Ok(())
}
