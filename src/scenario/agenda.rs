//! What is going to happen in virtual time, in order.

use std::collections::BTreeMap;

use crate::engine::Time;

/// Happenings by their time; those of one time in the order in which they were planned.
#[derive(Debug)]
pub(super) struct Agenda<T> {
    list: BTreeMap<(Time, u64), T>,
    sequence: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Agenda {
            list: BTreeMap::new(),
            sequence: 0,
        }
    }
}

impl<T> Agenda<T> {
    /// Plans something.
    pub(super) fn plan(&mut self, at: Time, what: T) {
        self.sequence += 1;
        self.list.insert((at, self.sequence), what);
    }

    /// Returns when the next thing happens.
    pub(super) fn next(&self) -> Option<Time> {
        self.list.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next thing that happens by `now`.
    pub(super) fn due(&mut self, now: Time) -> Option<T> {
        let first = self.list.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
