//! The connection service file (`PGSERVICE`): libpq's fe-connect.c `parseServiceInfo`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use indexmap::IndexMap;

use crate::db::Error;
use crate::db::options::problem;

/// Adds the settings of the named service below what was given already.
pub(super) fn apply(
    values: &mut IndexMap<String, String>,
    environment: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let named = |option: &str, variable: &str| {
        let given = values.get(option).or_else(|| environment.get(variable));
        given.filter(|value| !value.is_empty()).cloned()
    };
    let Some(service) = named("service", "PGSERVICE") else {
        return Ok(());
    };
    let own = named("servicefile", "PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| {
            let home = environment.get("HOME")?;
            Some(PathBuf::from(home).join(".pg_service.conf"))
        });
    let system = environment
        .get("PGSYSCONFDIR")
        .map_or("/etc/postgresql-common", String::as_str);
    let system = PathBuf::from(system).join("pg_service.conf");
    for file in own.into_iter().chain([system]) {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        if let Some(found) = section(&text, &service) {
            for (name, value) in found {
                values.entry(name).or_insert(value);
            }
            return Ok(());
        }
    }
    Err(problem(format!(
        "definition of service \"{service}\" not found"
    )))
}

fn section(text: &str, service: &str) -> Option<Vec<(String, String)>> {
    let heading = format!("[{service}]");
    let mut lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != heading);
    lines.next()?;
    let settings = lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    Some(settings.collect())
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn only_the_named_section_is_read() {
        let text = "[a]\nhost=one\n# note\n\n[b]\nhost = two\nport=6\n[c]\nhost=three\n";
        let found = section(text, "b").expect("section b");
        let expected = [("host", "two"), ("port", "6")];
        assert_eq!(found, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(section(text, "d"), None);
    }
}
