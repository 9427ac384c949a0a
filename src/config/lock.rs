//! Which SQLAlchemy a project is locked to: `[tool.aludel] sqlalchemy`, else the lock file nearest to the configuration.

use std::path::Path;
use std::path::PathBuf;

/// Lock files in which packages are tables with `name` and `version`.
const TABLES: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock"];
/// Folders above the configuration's that are looked into, at most.
const LEVELS: usize = 8;

/// The version, such as `2.0.36`, as it is written; `None` when nothing says it.
pub fn sqlalchemy_version(ini: &Path, toml: &Path) -> Option<String> {
    let chosen = std::fs::read_to_string(toml).ok();
    chosen
        .and_then(|text| tool_aludel(&text))
        .or_else(|| locked(&folder_of(ini)))
}

/// Whether the project wants pydantic 1: a lock file has it, or a requirement keeps it below 2.
pub fn wants_pydantic_1(ini: &Path) -> bool {
    const DECLARED: [&str; 3] = ["requirements.txt", "pyproject.toml", "Pipfile"];
    let folder = folder_of(ini);
    for folder in folder.ancestors().take(LEVELS) {
        let read = |name: &&str| std::fs::read_to_string(folder.join(name)).ok();
        let locked = TABLES
            .iter()
            .filter_map(read)
            .find_map(|text| in_tables(&text, "pydantic"));
        if let Some(version) = locked {
            return version.starts_with("1.");
        }
        if let Some(is_1) = DECLARED
            .iter()
            .filter_map(read)
            .find_map(|text| text.lines().find_map(requires_pydantic_1))
        {
            return is_1;
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    false
}

/// Whether a line is a requirement of pydantic, and if so whether of a version below 2: `pydantic==1.10`, `"pydantic<2"`, `pydantic = "^1.10"`.
fn requires_pydantic_1(line: &str) -> Option<bool> {
    let rest = line
        .trim_start_matches([' ', '\t', '"', '\''])
        .strip_prefix("pydantic")?;
    let rest = match rest.split_once(']') {
        Some((extras, rest)) if extras.starts_with('[') => rest,
        _ => rest,
    };
    let rest: String = rest
        .chars()
        .filter(|character| !matches!(character, ' ' | '"' | '\''))
        .collect();
    if !rest.starts_with(['=', '<', '>', '~', '!', '^']) {
        return None;
    }
    let version = rest.trim_start_matches(['=', '~', '^', '>']);
    Some(rest.contains("<2") || !rest.starts_with('>') && version.starts_with("1."))
}

/// `[tool.aludel] sqlalchemy` of a pyproject.toml.
fn tool_aludel(text: &str) -> Option<String> {
    let data: toml::Table = text.parse().ok()?;
    let table = data.get("tool")?.get("aludel")?;
    Some(table.get("sqlalchemy")?.as_str()?.to_owned())
}

fn folder_of(file: &Path) -> PathBuf {
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    std::path::absolute(&folder)
        .or_else(|_| std::env::current_dir())
        .unwrap_or(folder)
}

/// The nearest lock file that names SQLAlchemy, up to the repository's top.
fn locked(folder: &Path) -> Option<String> {
    for folder in folder.ancestors().take(LEVELS) {
        let found = TABLES
            .iter()
            .filter_map(|name| std::fs::read_to_string(folder.join(name)).ok())
            .find_map(|text| in_tables(&text, "sqlalchemy"))
            .or_else(|| {
                let text = std::fs::read_to_string(folder.join("requirements.txt")).ok()?;
                in_requirements(&text)
            });
        if found.is_some() || folder.join(".git").exists() {
            return found;
        }
    }
    None
}

/// The version in a lock file made of `[[package]]` tables. Read by lines: these files are long, and written by programs.
fn in_tables(text: &str, package: &str) -> Option<String> {
    let mut ours = false;
    for line in text.lines() {
        let Some((key, value)) = line.split_once(" = ") else {
            ours &= !line.starts_with("[[");
            continue;
        };
        let value = value.trim().trim_matches('"');
        match key {
            "name" => ours = value.eq_ignore_ascii_case(package),
            "version" if ours => return Some(value.to_owned()),
            _ => {}
        }
    }
    None
}

/// The version in `sqlalchemy==2.0.36`, extras and markers aside.
fn in_requirements(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, rest) = line.split_once("==")?;
        let name = name.split('[').next()?.trim();
        let version: String = rest
            .trim_start_matches('=')
            .trim_start()
            .chars()
            .take_while(|character| character.is_ascii_alphanumeric() || *character == '.')
            .collect();
        (name.eq_ignore_ascii_case("sqlalchemy") && !version.is_empty()).then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_every_kind_of_lock_file() {
        let uv = "version = 1\n\n[[package]]\nname = \"alembic\"\nversion = \"1.16.0\"\n\n[[package]]\nname = \"sqlalchemy\"\nversion = \"2.0.41\"\n";
        assert_eq!(in_tables(uv, "sqlalchemy").as_deref(), Some("2.0.41"));
        let poetry =
            "[[package]]\nname = \"SQLAlchemy\"\nversion = \"2.1.0b1\"\ndescription = \"x\"\n";
        assert_eq!(in_tables(poetry, "sqlalchemy").as_deref(), Some("2.1.0b1"));
        assert_eq!(
            in_tables(
                "[[package]]\nname = \"sqlalchemy-utils\"\nversion = \"0.41\"\n",
                "sqlalchemy"
            ),
            None
        );
        let requirements = "alembic==1.16.0\nsqlalchemy[asyncio]==2.0.36 ; python_version > '3'  # via -r x\nsqlalchemy-utils==0.41\n";
        assert_eq!(in_requirements(requirements).as_deref(), Some("2.0.36"));
        assert_eq!(in_requirements("sqlalchemy>=2\n"), None);
    }

    #[test]
    fn a_requirement_says_which_pydantic() {
        for line in [
            "pydantic==1.10.2",
            "pydantic[dotenv]~=1.9  # settings",
            "    \"pydantic<2\",",
            "pydantic = \"^1.10\"",
            "pydantic>=1.8,<2.0",
            "pydantic = \"1.10.*\"",
        ] {
            assert_eq!(requires_pydantic_1(line), Some(true), "{line}");
        }
        for line in [
            "pydantic==2.7.1",
            "pydantic>=1.8",
            "pydantic[email]>=2,<3",
            "pydantic = \"^2.5\"",
        ] {
            assert_eq!(requires_pydantic_1(line), Some(false), "{line}");
        }
        for line in [
            "pydantic",
            "pydantic-settings==2.1.0",
            "pydantic_core==2.1",
            "fastapi<2",
        ] {
            assert_eq!(requires_pydantic_1(line), None, "{line}");
        }
    }

    #[test]
    fn pyproject_comes_before_a_lock_file_and_the_search_ends_at_the_repository() {
        let top = tempfile::tempdir().expect("a folder");
        let inner = top.path().join("repository/backend");
        std::fs::create_dir_all(&inner).expect("folders");
        let requirements = |folder: &Path, text: &str| {
            std::fs::write(folder.join("requirements.txt"), text).expect("written");
        };
        let found =
            || sqlalchemy_version(&inner.join("alembic.ini"), &inner.join("pyproject.toml"));
        requirements(top.path(), "SQLAlchemy==2.0.1\n");
        assert_eq!(found().as_deref(), Some("2.0.1"));
        std::fs::create_dir(top.path().join("repository/.git")).expect("a folder");
        assert_eq!(found(), None);
        requirements(&inner, "SQLAlchemy==2.0.2\n");
        assert_eq!(found().as_deref(), Some("2.0.2"));
        std::fs::write(
            inner.join("pyproject.toml"),
            "[tool.aludel]\nsqlalchemy = \"2.1\"\n",
        )
        .expect("written");
        assert_eq!(found().as_deref(), Some("2.1"));
    }
}
