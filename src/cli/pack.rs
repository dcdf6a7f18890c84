//! The user's files that are packed with the functions.

#![expect(
    clippy::disallowed_methods,
    reason = "handler files are read from disk"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Failure, shown};
use crate::model::App;
use crate::source::Spanned;
use crate::target::{LayerFile, Package};

/// What is never packed, beside dot files.
const LEFT_OUT: [&str; 3] = ["build", "node_modules", "__pycache__"];

/// What tells a platform's installer which packages a handler needs.
const MANIFESTS: [&str; 2] = ["requirements.txt", "package.json"];

/// Tells whether a file or folder of this name is never packed.
pub(crate) fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || LEFT_OUT.contains(&name)
}

/// Reads every handler's folder, and the manifests beside the program. Folders in `outputs` are left out.
pub(crate) fn pack(root: &Path, app: &App, outputs: &[PathBuf]) -> Result<Package, Failure> {
    let mut packer = Packer {
        root: root.to_owned(),
        outputs: outputs
            .iter()
            .filter_map(|it| it.canonicalize().ok())
            .collect(),
        files: BTreeMap::new(),
        layers: BTreeMap::new(),
    };
    let handlers = app.functions.values().map(|it| it.handler.folder());
    for folder in handlers.collect::<BTreeSet<_>>() {
        packer.folder(folder)?;
    }
    let layers = app.layers.values().filter_map(|it| it.folder.as_ref());
    for folder in layers.map(Spanned::as_str).collect::<BTreeSet<_>>() {
        packer.layer(folder)?;
    }
    for manifest in MANIFESTS {
        if root.join(manifest).is_file() {
            packer.file(manifest)?;
        }
    }
    Ok(Package {
        files: packer.files,
        layers: packer.layers,
    })
}

struct Packer {
    root: PathBuf,
    outputs: Vec<PathBuf>,
    files: BTreeMap<String, Vec<u8>>,
    layers: BTreeMap<String, LayerFile>,
}

impl Packer {
    /// Packs all that is below a handler's folder.
    fn folder(&mut self, folder: &str) -> Result<(), Failure> {
        for inner in self.below(folder, is_left_out)? {
            if self.root.join(&inner).is_dir() {
                self.folder(&inner)?;
            } else {
                self.file(&inner)?;
            }
        }
        Ok(())
    }

    /// Packs all that is below a layer's folder: what is installed there is what the layer is for.
    fn layer(&mut self, folder: &str) -> Result<(), Failure> {
        let left_out = |name: &str| name.starts_with('.') || name == "__pycache__";
        for inner in self.below(folder, left_out)? {
            let path = self.root.join(&inner);
            if path.is_dir() {
                self.layer(&inner)?;
            } else {
                let file = LayerFile {
                    contents: fs::read(&path).map_err(Failure::file("read", &path))?,
                    executable: is_executable(&path),
                };
                self.layers.insert(inner, file);
            }
        }
        Ok(())
    }

    /// Returns what is in a folder, but for names that are left out.
    fn below(&self, folder: &str, left_out: impl Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
        let path = self.root.join(folder);
        // A folder that is reached twice, by a link, would be packed for ever.
        let real = path.canonicalize().map_err(Failure::file("read", &path))?;
        let around = path
            .ancestors()
            .skip(1)
            .filter_map(|it| it.canonicalize().ok());
        if around.into_iter().any(|it| it == real) && path.is_symlink() {
            let path = shown(&path);
            return Err(Failure::Machine(format!(
                "`{path}` is a link to a folder around it"
            )));
        }
        if self.outputs.contains(&real) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&path).map_err(Failure::file("read", &path))? {
            let entry = entry.map_err(Failure::file("read", &path))?;
            let Ok(name) = entry.file_name().into_string() else {
                let path = shown(&entry.path());
                return Err(Failure::Machine(format!(
                    "the name of `{path}` is not UTF-8"
                )));
            };
            if left_out(&name) {
                continue;
            }
            found.push(if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            });
        }
        Ok(found)
    }

    fn file(&mut self, path: &str) -> Result<(), Failure> {
        let from = self.root.join(path);
        let contents = fs::read(&from).map_err(Failure::file("read", &from))?;
        self.files.insert(path.to_owned(), contents);
        Ok(())
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    false
}
