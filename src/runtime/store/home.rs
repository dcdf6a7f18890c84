//! The folder `.fnc` beside a program: kept out of version control, and used by one run at a time.

#![expect(clippy::disallowed_methods, reason = "the store lives on disk")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// The folder `.fnc`, locked for as long as this lives.
#[derive(Debug)]
pub struct Home {
    data: PathBuf,
    /// The system gives the lock back when the process ends, however it ends.
    _lock: File,
}

impl Home {
    /// Locks `.fnc` in the folder of a program; it is made if it isn't there.
    pub fn lock(program: &Path) -> Result<Home, StoreError> {
        let home = program.join(".fnc");
        fs::create_dir_all(&home).map_err(StoreError::file("make", ".fnc"))?;
        ignore(&home).map_err(StoreError::file("write", ".fnc/.gitignore"))?;
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(home.join("lock"))
            .map_err(StoreError::file("open", ".fnc/lock"))?;
        let data = home.join("data");
        let failed = StoreError::file("lock", ".fnc/lock");
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse {
                    process: process(&lock),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        sign(&lock).map_err(StoreError::file("write", ".fnc/lock"))?;
        Ok(Home { data, _lock: lock })
    }

    /// Deletes all that was kept.
    pub fn clear(&self) -> Result<(), StoreError> {
        match fs::remove_dir_all(&self.data) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::file("delete", ".fnc/data")(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Returns the folder for what is kept; it is made if it isn't there.
    pub(super) fn data(&self) -> Result<&Path, StoreError> {
        fs::create_dir_all(&self.data).map_err(StoreError::file("make", ".fnc/data"))?;
        Ok(&self.data)
    }
}

/// Keeps the folder out of version control: it holds messages and secrets.
fn ignore(home: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(home.join(".gitignore"));
    match file {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes down whose lock it is, for a message.
fn sign(mut lock: &File) -> std::io::Result<()> {
    lock.set_len(0)?;
    write!(lock, "{}", std::process::id())
}

fn process(mut lock: &File) -> Option<u32> {
    let mut text = String::new();
    lock.read_to_string(&mut text).ok()?;
    text.parse().ok()
}
