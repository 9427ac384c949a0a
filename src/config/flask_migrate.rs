//! The configuration of Flask-Migrate, whose `flask db` finds its folder without Alembic's ways: `migrations/alembic.ini`, which does not
//! say where its scripts are, for that is its own folder. flask_migrate/__init__.py `Migrate.get_config`.

use std::path::Path;
use std::path::PathBuf;

use super::Files;

/// The folder that Flask-Migrate makes when it is not told another name.
const FOLDER: &str = "migrations";

impl Files {
    /// These files; or, where nobody named one and the working directory has no configuration, that of Flask-Migrate, if it is there.
    pub fn or_of_flask_migrate(self, names: &[String], environment: Option<&str>) -> Self {
        let is_named = !names.is_empty() || environment.is_some_and(|name| !name.is_empty());
        let has_table =
            std::fs::read_to_string(&self.toml).is_ok_and(|text| text.contains("[tool.alembic"));
        let ini = Path::new(FOLDER).join("alembic.ini");
        if is_named || has_table || self.ini.exists() || script_folder(&ini).is_none() {
            return self;
        }
        Self { ini, ..self }
    }
}

/// The folder of an ini file, where env.py stands beside it.
pub(super) fn script_folder(ini: &Path) -> Option<PathBuf> {
    let folder = match ini.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    (ini.is_file() && folder.join("env.py").is_file()).then(|| folder.to_owned())
}
