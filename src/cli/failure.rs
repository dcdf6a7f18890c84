//! How a command ends, and the exit code that says so.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::runtime::store::StoreError;

/// What a command came to when the machine and the user did their part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is as it should be.
    Done,
    /// The program has errors, or a check found a difference.
    Faulty,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Faulty => ExitCode::from(1),
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command was called in a way that has no meaning.
    #[error("{0}")]
    Usage(String),
    /// The machine failed: a file, a port, a process.
    #[error("{0}")]
    Machine(String),
    /// What a run keeps could not be kept, or read again.
    #[error("{code}: {0}\n  help: {help}; `fnc explain {code}` says more", code = .0.code().name(), help = .0.help())]
    Store(#[from] StoreError),
    /// A file could not be read, written or removed.
    #[error("cannot {verb} `{path}`: {error}")]
    File {
        /// What was tried.
        verb: &'static str,
        /// The file, as shown.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

impl Failure {
    /// Returns a function that makes a failure of an I/O error: `read(path).map_err(Failure::file("read", path))`.
    pub(crate) fn file(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
        let path = shown(path);
        move |error| Failure::File { verb, path, error }
    }

    /// Returns the exit code that stands for it.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Machine(_) | Failure::Store(_) | Failure::File { .. } => ExitCode::from(3),
        }
    }
}

/// Returns a path as messages show it, with `/` between folders and no `./` in front.
pub(crate) fn shown(path: &Path) -> String {
    let path: PathBuf = path.components().collect();
    let text = path.to_string_lossy().replace('\\', "/");
    match text.strip_prefix("./") {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_plainly() {
        for (path, text) in [
            ("./a/b.fn", "a/b.fn"),
            ("a//b/./c", "a/b/c"),
            (".", "."),
            ("/x/y", "/x/y"),
        ] {
            assert_eq!(shown(Path::new(path)), text);
        }
    }
}
