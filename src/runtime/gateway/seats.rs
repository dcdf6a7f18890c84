//! Which connections may be given up when there are too many: those whose request hasn't come in yet, and those that
//! wait for their next one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Connections that wait for their client, the longest first.
#[derive(Debug, Default)]
pub(super) struct Seats {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    connections: BTreeMap<u64, Arc<Notify>>,
}

impl Seats {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connection that has waited for its client the longest; none may.
    pub(super) fn give_up(&self) {
        if let Some((_, end)) = self.waiting().connections.pop_first() {
            end.notify_one();
        }
    }
}

/// The seat of one connection.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    end: Arc<Notify>,
    /// Its place among those that wait.
    place: Mutex<Option<u64>>,
}

impl Seat {
    /// Returns the seat of a new connection, which waits.
    pub(super) fn new(seats: &Arc<Seats>) -> Seat {
        let seat = Seat {
            seats: Arc::clone(seats),
            end: Arc::default(),
            place: Mutex::default(),
        };
        seat.waits();
        seat
    }

    /// Ends when the connection is given up.
    pub(super) async fn given_up(&self) {
        self.end.notified().await;
    }

    /// From now on it waits for its client.
    pub(super) fn waits(&self) {
        let mut waiting = self.seats.waiting();
        waiting.last += 1;
        let place = waiting.last;
        waiting.connections.insert(place, Arc::clone(&self.end));
        let before = self.place().replace(place);
        if let Some(before) = before {
            waiting.connections.remove(&before);
        }
    }

    /// From now on its client waits for an answer, and it stays.
    pub(super) fn works(&self) {
        let mut waiting = self.seats.waiting();
        if let Some(place) = self.place().take() {
            waiting.connections.remove(&place);
        }
    }

    fn place(&self) -> MutexGuard<'_, Option<u64>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.works();
    }
}
