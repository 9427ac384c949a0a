//! Where an importable package lives: for `script_location = package:folder`. Nothing is imported; the folders that Python would search are looked through.

use std::path::Path;
use std::path::PathBuf;

use crate::config::error::Error;
use crate::config::error::repr;

/// The folder of a package.
pub fn find(package: &str, prepend: &[PathBuf]) -> Result<PathBuf, Error> {
    let relative: PathBuf = package.split('.').collect();
    let mut namespace = None;
    for folder in search_path(prepend) {
        let candidate = folder.join(&relative);
        if candidate.join("__init__.py").is_file() {
            return Ok(candidate);
        }
        if candidate.is_dir() && namespace.is_none() {
            namespace = Some(candidate);
        }
    }
    namespace.ok_or_else(|| {
        Error::python(
            "ModuleNotFoundError",
            format!("No module named {}", repr(package)),
        )
    })
}

/// `prepend_sys_path`, `PYTHONPATH`, then the active virtualenv with what its `.pth` files name.
pub fn search_path(prepend: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders = prepend.to_vec();
    if let Some(paths) = std::env::var_os("PYTHONPATH") {
        folders.extend(std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()));
    }
    for home in ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .iter()
        .filter_map(std::env::var_os)
    {
        for site in site_packages(Path::new(&home)) {
            folders.push(site.clone());
            folders.extend(path_files(&site));
        }
    }
    folders
}

/// `lib/python3.x/site-packages` of a virtualenv.
pub fn site_packages(home: &Path) -> Vec<PathBuf> {
    let mut folders = vec![home.join("Lib").join("site-packages")];
    if let Ok(entries) = std::fs::read_dir(home.join("lib")) {
        let mut versions: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path().join("site-packages"))
            .collect();
        versions.sort();
        folders.extend(versions);
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The folders that `.pth` files add: how editable installs work.
fn path_files(site: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(site) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "pth"))
        .collect();
    files.sort();
    let texts = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok());
    let lines: Vec<String> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let is_code = |line: &str| {
        line.is_empty()
            || line.starts_with('#')
            || line.starts_with("import ")
            || line.starts_with("import\t")
    };
    lines
        .iter()
        .map(|line| line.trim_end())
        .filter(|line| !is_code(line))
        .map(|line| site.join(line))
        .filter(|path| path.is_dir())
        .collect()
}
