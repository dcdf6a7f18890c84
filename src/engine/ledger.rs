//! The book of a source: every event that came in is accounted for.

/// `N_event`: what came in, and what became of it.
///
/// At every moment `arrived = done + failed + parked + throttled + dropped + waiting + running`.
/// A parked event has left its source and arrived at the parking queue; one that is sent back has
/// left the parking queue (`done` there: it was taken) and arrives anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Came in.
    pub arrived: u64,
    /// Handled.
    pub done: u64,
    /// Gone after the last attempt.
    pub failed: u64,
    /// Moved to a parking queue after the last attempt.
    pub parked: u64,
    /// Refused because there was no room.
    pub throttled: u64,
    /// Gone without a last attempt: expired or withdrawn.
    pub dropped: u64,
    /// Being handled now.
    pub running: u64,
}

impl Ledger {
    /// Returns how many must be waiting for the book to be right.
    pub fn waiting(&self) -> u64 {
        let gone = self.done + self.failed + self.parked + self.throttled + self.dropped;
        self.arrived.saturating_sub(gone + self.running)
    }
}

impl std::ops::AddAssign for Ledger {
    fn add_assign(&mut self, other: Ledger) {
        self.arrived += other.arrived;
        self.done += other.done;
        self.failed += other.failed;
        self.parked += other.parked;
        self.throttled += other.throttled;
        self.dropped += other.dropped;
        self.running += other.running;
    }
}
