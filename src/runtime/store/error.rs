//! Why something could not be kept.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::diagnostic::Code;

/// Why something could not be kept, or read again.
#[derive(Debug, Clone)]
pub enum StoreError {
    /// Another run uses the folder.
    InUse {
        /// The number of its process, if it says so.
        process: Option<u32>,
    },
    /// What is there is not what was written.
    Damaged(Arc<str>),
    /// The disk is full.
    Full,
    /// A file can't be read, made or written.
    Failed(Arc<str>),
    /// Another version wrote it, in a form that this one doesn't know.
    Foreign(i64),
    /// The run ends.
    Closed,
}

impl StoreError {
    /// Returns a function that makes an error of what the system says about a file.
    pub(super) fn file(verb: &'static str, name: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            if error.kind() == io::ErrorKind::StorageFull {
                return StoreError::Full;
            }
            StoreError::Failed(format!("cannot {verb} `{name}`: {error}").into())
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
    pub(super) fn thread(error: io::Error) -> Self {
        StoreError::Failed(format!("cannot start a thread: {error}").into())
    }

    /// Returns the code that explains it.
    pub fn code(&self) -> Code {
        match self {
            StoreError::InUse { .. } => Code::FN1101,
            StoreError::Damaged(_) => Code::FN1102,
            StoreError::Full | StoreError::Failed(_) | StoreError::Closed => Code::FN1103,
            StoreError::Foreign(_) => Code::FN1104,
        }
    }

    /// Returns what to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            StoreError::InUse { .. } => {
                "stop it, or add `--ephemeral`: then nothing is kept and nothing is locked"
            }
            StoreError::Damaged(_) => {
                "put a copy of `.fnc/data` in its place, or start anew with `--fresh`, which deletes all messages"
            }
            StoreError::Full => {
                "make room and run again: every message that was accepted is still there"
            }
            StoreError::Failed(_) | StoreError::Closed => {
                "run again when that is mended: every message that was accepted is still there"
            }
            StoreError::Foreign(_) => {
                "use that version, or start anew with `--fresh`, which deletes all messages"
            }
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::InUse { process } => {
                f.write_str("another `fnc run` uses this folder's data")?;
                process.map_or(Ok(()), |it| write!(f, " (process {it})"))
            }
            StoreError::Damaged(what) => write!(f, "the store in `.fnc/data` is damaged: {what}"),
            StoreError::Full => {
                f.write_str("the store in `.fnc/data` can't be written: the disk is full")
            }
            StoreError::Failed(what) => {
                write!(f, "the store in `.fnc/data` can't be used: {what}")
            }
            StoreError::Foreign(version) => write!(
                f,
                "the store in `.fnc/data` has format {version}, which this version of fnc doesn't know"
            ),
            StoreError::Closed => f.write_str("the store in `.fnc/data` is closed"),
        }
    }
}

impl std::error::Error for StoreError {}
