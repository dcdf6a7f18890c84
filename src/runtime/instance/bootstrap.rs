//! The bootstraps' files, which interpreters need on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::Language;
use crate::target::shared::{self, File, files};

const BOOTSTRAPS: [File; 2] = files!("local": "bootstrap.py" "bootstrap.mjs");
/// What lays layers under a function's own code, as on AWS.
const LAYERS: [File; 2] = files!("aws": "layers.py" "layers.mjs");

/// Writes what isn't there yet into `.fnc/bootstrap` of the program's folder, and returns the file
/// to run.
#[expect(
    clippy::disallowed_methods,
    reason = "the runtime may write below .fnc"
)]
pub(super) fn written(program: &Path, language: Language) -> io::Result<PathBuf> {
    let folder = program.join(".fnc").join("bootstrap");
    let contract = shared::CONTRACT_PYTHON
        .into_iter()
        .chain(shared::CONTRACT_NODE);
    let portable = shared::PYTHON
        .into_iter()
        .chain(shared::NODE)
        .chain(contract);
    let portable = portable.map(|(name, text)| (folder.join("_fnc").join(name), text));
    let own = BOOTSTRAPS.into_iter().chain(LAYERS);
    let own = own.map(|(name, text)| (folder.join(name), text));
    for (path, text) in portable.chain(own) {
        if fs::read(&path).is_ok_and(|it| it == text.as_bytes()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        // Another run may read the file at this moment: it sees the old one or the new one.
        let mut new = path.clone().into_os_string();
        new.push(format!(".{}", std::process::id()));
        fs::write(&new, text)?;
        fs::rename(&new, &path)?;
    }
    Ok(folder.join(match language {
        Language::Python => "bootstrap.py",
        Language::Node | Language::Other => "bootstrap.mjs",
    }))
}
