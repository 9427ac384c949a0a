//! The post-write hooks of a configuration: alembic/config.py `get_hooks_list`.

use indexmap::IndexMap;

use crate::config::Config;
use crate::config::Error;

/// One hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// `type`, `options`, `entrypoint`, …
    pub options: IndexMap<String, String>,
}

impl Config {
    /// The hooks, in order: of the ini file when it has a section for them.
    ///
    /// # Errors
    /// A value that cannot be read.
    pub fn hooks(&self) -> Result<Vec<Hook>, Error> {
        let Some(section) = self.get_section("post_write_hooks", &[])? else {
            return self.toml.hooks();
        };
        let names = super::split_legacy(section.get("hooks").map_or("", String::as_str), false);
        let hook = |name: String| {
            let start = format!("{name}.");
            let options = section
                .iter()
                .filter_map(|(key, value)| {
                    Some((key.strip_prefix(&start)?.to_owned(), value.clone()))
                })
                .collect();
            Hook { name, options }
        };
        Ok(names
            .into_iter()
            .filter(|name| !name.is_empty())
            .map(hook)
            .collect())
    }
}
