//! Events of an earlier run take their places again.

use std::collections::BTreeMap;

use super::event::Event;
use super::program::SourceId;
use super::{Engine, Payload};

impl<P: Payload> Engine<P> {
    /// Takes in events that were kept. They keep their numbers, their attempts and what is left of their
    /// waits; what counts for them otherwise is the program as it is now.
    pub(super) fn restore(&mut self, events: Vec<(SourceId, Event<P>)>) {
        let mut by_source: BTreeMap<SourceId, Vec<Event<P>>> = BTreeMap::new();
        for (source, event) in events {
            self.numbers.event = self.numbers.event.max(event.id);
            by_source.entry(source).or_default().push(event);
        }
        for (source, mut events) in by_source {
            let rule = self.source(source);
            let (now, fifo, log) = (self.now, rule.fifo, rule.is_log());
            // A group is in order of arrival, and what is tried again is its first; elsewhere it queues anew.
            events.sort_by_key(|it| (if fifo { it.arrived } else { it.since }, it.id));
            self.state_mut(source).ledger.arrived += events.len() as u64;
            let waits = |it: &Event<P>| it.since > now && !(log || fifo && it.attempt > 1);
            let (later, line) = events.into_iter().partition(waits);
            self.readmit(source, line, later, &[]);
        }
    }
}
