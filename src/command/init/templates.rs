//! What the shipped templates of 1.20.1 write, recorded by fixtures/init/record.py. Alembic is under the MIT licence, Copyright 2009-2026 Michael Bayer.

/// What stands for the folder of the scripts in a configuration file.
const LOCATION: &str = "${script_location}";

/// One template.
#[derive(Debug)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// `script.py.mako`, itself a template: of the revision files.
    pub script: &'static str,
    /// `README`; its first line is what `list_templates` shows.
    pub readme: &'static str,
    /// `env.py`.
    pub env: &'static str,
    ini: &'static str,
    toml: Option<&'static str>,
}

impl Template {
    /// The first line of the README.
    pub fn synopsis(&self) -> &'static str {
        self.readme.lines().next().unwrap_or_default().trim_end()
    }

    /// `alembic.ini` for a project whose scripts are in `location`.
    pub fn ini(&self, location: &str) -> String {
        self.ini.replace(LOCATION, location)
    }

    /// What goes into `pyproject.toml`, where the template has something for it.
    pub fn toml(&self, location: &str) -> Option<String> {
        Some(self.toml?.replace(LOCATION, location))
    }
}

macro_rules! template {
    ($name:literal, $toml:expr) => {
        Template {
            name: $name,
            script: include_str!(concat!("templates/", $name, "/script.py.mako")),
            readme: include_str!(concat!("templates/", $name, "/README")),
            env: include_str!(concat!("templates/", $name, "/env.py")),
            ini: include_str!(concat!("templates/", $name, "/alembic.ini")),
            toml: $toml,
        }
    };
}

/// All of them, by name.
pub static TEMPLATES: &[Template] = &[
    template!("async", None),
    template!("generic", None),
    template!("multidb", None),
    template!(
        "pyproject",
        Some(include_str!("templates/pyproject/pyproject.toml"))
    ),
    template!(
        "pyproject_async",
        Some(include_str!("templates/pyproject_async/pyproject.toml"))
    ),
];
