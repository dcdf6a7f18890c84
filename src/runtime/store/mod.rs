//! What outlives a run: records that are named by a space and a key, in `.fnc/data` beside the program.
//!
//! A space is whatever one kind of thing needs: messages are one. To keep a new kind of thing, take a new name for
//! a space and say what its keys and values hold; nothing here looks inside.
//!
//! - [`Store::write`] takes changes, in order, and never waits: what is written together is kept together or not
//!   at all. A thread of its own writes many changes at once.
//! - [`Store::saved`] gives a [`Saved`], whose wait is over when all that was written so far is on disk. Whoever
//!   promises something (a message is accepted) waits for it first.
//! - [`Store::get`] and [`Store::scan`] see all that was written before they were called.
//! - After the first failure nothing is written any more; [`Store::failure`] tells of it, and the run ends.
//!
//! [`Database`] is the one real [`Disk`]: SQLite with a write-ahead log that is flushed at every commit.

mod change;
mod database;
mod disk;
mod error;
mod home;
mod saved;
mod writer;

use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use tokio::sync::{oneshot, watch};

pub use change::{Change, Record};
pub use database::Database;
pub use disk::Disk;
pub use error::StoreError;
pub use home::Home;
pub use saved::Saved;

use saved::Progress;
use writer::Command;

/// Records that are kept.
#[derive(Debug)]
pub struct Store {
    queue: Mutex<Queue>,
    progress: watch::Receiver<Progress>,
    writer: Mutex<Option<thread::JoinHandle<()>>>,
}

/// What goes to the thread that writes.
#[derive(Debug)]
struct Queue {
    commands: mpsc::Sender<Command>,
    /// So many times something was written.
    written: u64,
}

impl Store {
    /// Opens the store of a folder, which stays locked until the store is closed or dropped.
    pub fn open(home: Home) -> Result<Store, StoreError> {
        let database = Database::open(&home)?;
        Store::on(Box::new(database), Some(home))
    }

    /// Returns a store on any disk.
    pub fn on(disk: Box<dyn Disk>, home: Option<Home>) -> Result<Store, StoreError> {
        let (commands, waiting) = mpsc::channel();
        let (sender, progress) = watch::channel(Progress::default());
        let writer = thread::Builder::new().name("store".to_owned());
        let writer = writer.spawn(move || {
            writer::run(disk, &waiting, &sender);
            drop(home);
        });
        Ok(Store {
            queue: Mutex::new(Queue {
                commands,
                written: 0,
            }),
            progress,
            writer: Mutex::new(Some(writer.map_err(StoreError::thread)?)),
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes, all of them or none, after those that were made before.
    pub fn write(&self, changes: Vec<Change>) {
        let mut queue = self.queue();
        queue.written += 1;
        let number = queue.written;
        // A writer that is gone has said so: nothing is saved any more.
        let _ = queue.commands.send(Command::Write(changes, number));
    }

    /// Asks for all that was written so far to be on disk soon; the answer tells when it is.
    pub fn saved(&self) -> Saved {
        let queue = self.queue();
        let _ = queue.commands.send(Command::Hurry);
        Saved::after(queue.written, self.progress.clone())
    }

    /// Returns the value of a key.
    pub async fn get(
        &self,
        space: &'static str,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let (answer, waiting) = oneshot::channel();
        self.ask(Command::Get(space, key.to_vec(), answer));
        waiting.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Returns all records of a space whose keys begin so, in the order of their keys.
    pub async fn scan(
        &self,
        space: &'static str,
        prefix: &[u8],
    ) -> Result<Vec<Record>, StoreError> {
        let (answer, waiting) = oneshot::channel();
        self.ask(Command::Scan(space, prefix.to_vec(), answer));
        waiting.await.unwrap_or(Err(StoreError::Closed))
    }

    fn ask(&self, command: Command) {
        // The answer's sender goes with a writer that is gone, which is an answer too.
        let _ = self.queue().commands.send(command);
    }

    /// Waits until something can't be written, and tells what; forever when all goes well.
    pub async fn failure(&self) -> StoreError {
        let mut progress = self.progress.clone();
        let failed = progress.wait_for(|it| it.failed.is_some()).await;
        match failed.ok().and_then(|it| it.failed.clone()) {
            Some(error) => error,
            // It was closed, so nothing can fail any more.
            None => std::future::pending().await,
        }
    }

    /// Writes what isn't written yet and closes; what is written afterwards is not kept.
    pub fn close(&self) -> Result<(), StoreError> {
        self.ask(Command::Close);
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if writer.is_some_and(|it| it.join().is_err()) {
            return Err(StoreError::Closed);
        }
        match &self.progress.borrow().failed {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
