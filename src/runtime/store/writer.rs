//! The thread that writes: many changes in one commit, since each commit waits for the disk.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::saved::Progress;
use super::{Change, Disk, Record, StoreError};

/// What the thread is asked to do, in order.
pub(super) enum Command {
    /// Make changes; the number counts writes.
    Write(Vec<Change>, u64),
    /// Somebody waits for what was written.
    Hurry,
    Get(
        &'static str,
        Vec<u8>,
        oneshot::Sender<Result<Option<Vec<u8>>, StoreError>>,
    ),
    Scan(
        &'static str,
        Vec<u8>,
        oneshot::Sender<Result<Vec<Record>, StoreError>>,
    ),
    Close,
}

/// So long changes that nobody waits for are collected.
const LINGER: Duration = Duration::from_millis(10);
/// So many changes go into one commit at most.
const MOST: usize = 10_000;

/// What isn't written yet: of several changes of a record the last one counts.
#[derive(Default)]
struct Group {
    changes: BTreeMap<(&'static str, Vec<u8>), Option<Vec<u8>>>,
    number: u64,
    /// By when it should be written.
    due: Option<Instant>,
}

/// Carries out commands until it is told to close, or nobody is left to tell it.
pub(super) fn run(
    mut disk: Box<dyn Disk>,
    commands: &Receiver<Command>,
    progress: &watch::Sender<Progress>,
) {
    let mut group = Group::default();
    loop {
        match next(commands, &group) {
            Ok(Command::Write(changes, number)) => {
                group.add(changes, number);
                if group.changes.len() >= MOST {
                    group.write(&mut *disk, progress);
                }
            }
            Ok(Command::Hurry) => {
                if group.number > 0 {
                    group.due = Some(now());
                }
            }
            Ok(Command::Get(space, key, answer)) => {
                group.write(&mut *disk, progress);
                // Whoever asked may have gone away.
                let _ = answer.send(disk.get(space, &key));
            }
            Ok(Command::Scan(space, prefix, answer)) => {
                group.write(&mut *disk, progress);
                let _ = answer.send(disk.scan(space, &prefix));
            }
            Err(RecvTimeoutError::Timeout) => group.write(&mut *disk, progress),
            Ok(Command::Close) | Err(RecvTimeoutError::Disconnected) => {
                group.write(&mut *disk, progress);
                if progress.borrow().failed.is_none()
                    && let Err(error) = disk.close()
                {
                    progress.send_modify(|it| it.failed = Some(error));
                }
                return;
            }
        }
    }
}

/// Waits for the next command, or until the group is due.
fn next(commands: &Receiver<Command>, group: &Group) -> Result<Command, RecvTimeoutError> {
    match group.due {
        Some(due) => match commands.try_recv() {
            Ok(command) => Ok(command),
            Err(_) => commands.recv_timeout(due.saturating_duration_since(now())),
        },
        None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
    }
}

#[expect(clippy::disallowed_methods, reason = "the store has a clock")]
fn now() -> Instant {
    Instant::now()
}

impl Group {
    fn add(&mut self, changes: Vec<Change>, number: u64) {
        for change in changes {
            self.changes
                .insert((change.space, change.key), change.value);
        }
        self.number = number;
        self.due.get_or_insert_with(|| now() + LINGER);
    }

    /// Writes the group and tells how far it has come; after a failure nothing is written any more.
    fn write(&mut self, disk: &mut dyn Disk, progress: &watch::Sender<Progress>) {
        let group = std::mem::take(self);
        if group.number == 0 || progress.borrow().failed.is_some() {
            return;
        }
        let changes = group.changes.into_iter();
        let changes = changes.map(|((space, key), value)| Change { space, key, value });
        let changes: Vec<Change> = changes.collect();
        match disk.commit(&changes) {
            Ok(()) => progress.send_modify(|it| it.saved = group.number),
            Err(error) => progress.send_modify(|it| it.failed = Some(error)),
        }
    }
}
