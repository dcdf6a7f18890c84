//! The events of a source that could be handled now, in order, and how batches are cut from them.

use std::collections::VecDeque;

use super::clock::{Nanos, Time};
use super::event::Event;
use super::group::Groups;

/// How batches are cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// At most so many events.
    pub(super) size: usize,
    /// How long an incomplete batch waits for more.
    pub(super) window: Nanos,
    /// Whether a batch holds events of one group only.
    pub(super) apart: bool,
    /// The time of day.
    pub(super) now: Time,
}

impl Cut {
    /// Tells whether an incomplete batch whose first event waits since then may go.
    pub(super) fn ripe(self, since: Time) -> bool {
        since + self.window <= self.now
    }
}

/// Events that wait for an instance.
#[derive(Debug)]
pub(super) enum Line<P> {
    /// First come, first served.
    Plain(VecDeque<Event<P>>),
    /// In order within each group, one invocation of a group at a time.
    Grouped(Groups<P>),
}

impl<P> Line<P> {
    /// Returns an empty line.
    pub(super) fn new(grouped: bool) -> Self {
        if grouped {
            Line::Grouped(Groups::default())
        } else {
            Line::Plain(VecDeque::new())
        }
    }

    /// Returns how many events wait here.
    pub(super) fn len(&self) -> usize {
        match self {
            Line::Plain(events) => events.len(),
            Line::Grouped(groups) => groups.len(),
        }
    }

    /// Adds an event at the end.
    pub(super) fn push(&mut self, event: Event<P>, now: Time) {
        match self {
            Line::Plain(events) => events.push_back(event),
            Line::Grouped(groups) => groups.push(event, now),
        }
    }

    /// Returns how many batches could start now, were there instances enough.
    pub(super) fn batches(&self, cut: Cut) -> u64 {
        let batches = match self {
            Line::Plain(events) => {
                let (full, rest) = (events.len() / cut.size, events.len() % cut.size);
                let first = events.get(full * cut.size);
                let partial = rest > 0 && first.is_some_and(|it| cut.ripe(it.since));
                full + usize::from(partial)
            }
            Line::Grouped(groups) => groups.batches(cut),
        };
        batches as u64
    }

    /// Returns since when the next batch waits, and its first event, if one could start now.
    pub(super) fn head(&self, cut: Cut) -> Option<(Time, u64)> {
        match self {
            Line::Plain(events) => {
                let first = events.front()?;
                let starts = events.len() >= cut.size || cut.ripe(first.since);
                starts.then_some((first.since, first.id))
            }
            Line::Grouped(groups) => groups.head(cut),
        }
    }

    /// Takes the next batch.
    pub(super) fn take(&mut self, cut: Cut) -> Vec<Event<P>> {
        match self {
            Line::Plain(events) => {
                let count = events.len().min(cut.size);
                events.drain(..count).collect()
            }
            Line::Grouped(groups) => groups.take(cut),
        }
    }

    /// Returns when the incomplete batch at the end may go without being full.
    pub(super) fn ripens(&self, cut: Cut) -> Option<Time> {
        let since = match self {
            Line::Plain(events) => {
                let full = events.len() / cut.size * cut.size;
                events.get(full).map(|it| it.since)
            }
            Line::Grouped(groups) => groups.since(),
        };
        since.map(|it| it + cut.window).filter(|it| *it > cut.now)
    }

    /// Takes out all events that `goes` picks, in order.
    pub(super) fn extract(&mut self, now: Time, goes: &dyn Fn(&Event<P>) -> bool) -> Vec<Event<P>> {
        match self {
            Line::Plain(events) => {
                // What has expired is at the front when nothing was retried, so look there first.
                let mut gone = Vec::new();
                while events.front().is_some_and(goes) {
                    gone.extend(events.pop_front());
                }
                if events.iter().any(goes) {
                    let all = std::mem::take(events);
                    let (more, stay) = all.into_iter().partition::<Vec<_>, _>(|it| goes(it));
                    gone.extend(more);
                    *events = stay.into();
                }
                gone
            }
            Line::Grouped(groups) => groups.extract(now, goes),
        }
    }

    /// Returns the events in order.
    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = &Event<P>> + '_> {
        match self {
            Line::Plain(events) => Box::new(events.iter()),
            Line::Grouped(groups) => Box::new(groups.iter()),
        }
    }
}
