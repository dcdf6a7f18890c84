//! The bootstraps' files, which interpreters need on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::Language;

const FILES: [(&str, &str); 4] = [
    (
        "bootstrap.py",
        include_str!("../../../targets/local/bootstrap.py"),
    ),
    (
        "portable.py",
        include_str!("../../../targets/common/portable.py"),
    ),
    (
        "bootstrap.mjs",
        include_str!("../../../targets/local/bootstrap.mjs"),
    ),
    (
        "portable.mjs",
        include_str!("../../../targets/common/portable.mjs"),
    ),
];

/// Writes what isn't there yet into `.fnc/bootstrap` of the program's folder, and returns the file
/// to run.
#[expect(
    clippy::disallowed_methods,
    reason = "the runtime may write below .fnc"
)]
pub(super) fn written(program: &Path, language: Language) -> io::Result<PathBuf> {
    let folder = program.join(".fnc").join("bootstrap");
    for (name, text) in FILES {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|it| it == text.as_bytes()) {
            continue;
        }
        fs::create_dir_all(&folder)?;
        // Another run may read the file at this moment: it sees the old one or the new one.
        let new = folder.join(format!("{name}.{}", std::process::id()));
        fs::write(&new, text)?;
        fs::rename(&new, &path)?;
    }
    Ok(folder.join(match language {
        Language::Python => "bootstrap.py",
        Language::Node | Language::Other => "bootstrap.mjs",
    }))
}
