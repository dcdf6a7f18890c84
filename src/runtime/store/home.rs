//! The folder `.fnc` beside a program: kept out of version control, and used by one run at a time.

#![expect(clippy::disallowed_methods, reason = "the store lives on disk")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

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
        wait_for(&lock)?;
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

/// Locks the file. What a killed run was about to start may hold its lock for a moment longer, so the lock of a
/// process that is gone is worth waiting for.
fn wait_for(lock: &File) -> Result<(), StoreError> {
    let mut waited = Duration::ZERO;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::file("lock", ".fnc/lock")(error));
            }
        }
        let process = process(lock);
        let patience = match process {
            Some(process) if is_alive(process) => Duration::from_millis(300),
            Some(_) | None => Duration::from_secs(10),
        };
        if waited >= patience {
            return Err(StoreError::InUse { process });
        }
        thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

/// Between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(20);

#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    let process = i32::try_from(process).ok();
    let process = process.and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|it| {
        let found = rustix::process::test_kill_process(it);
        !matches!(found, Err(rustix::io::Errno::SRCH))
    })
}

#[cfg(not(unix))]
fn is_alive(_process: u32) -> bool {
    true
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
    lock.rewind()?;
    write!(lock, "{}", std::process::id())
}

fn process(mut lock: &File) -> Option<u32> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.read_to_string(&mut text).ok()?;
    text.parse().ok()
}
