//! Fifo groups: order is kept within a group, and a group that is being handled, or waits for the
//! next attempt of its first event, holds back all that comes after.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::clock::Time;
use super::event::Event;
use super::line::Cut;

/// The groups of a line.
#[derive(Debug)]
pub(super) struct Groups<P> {
    by_name: BTreeMap<Arc<str>, Group<P>>,
    /// The groups that could be handled now, and since when.
    ready: VecDeque<(Time, Arc<str>)>,
    /// The groups that wait for an attempt, by when it comes.
    blocked: BTreeSet<(Time, Arc<str>)>,
    count: usize,
}

#[derive(Debug)]
struct Group<P> {
    events: VecDeque<Event<P>>,
    state: State,
    /// So many invocations handle events of it: one, but for a queue that has just become fifo.
    holders: usize,
    /// When the first of its events may be tried again.
    until: Option<Time>,
    /// How many of its first events make the next batches, the next one last: what failed together is tried together.
    chunks: Vec<usize>,
}

impl<P> Group<P> {
    /// Returns how many events its next batch takes, and whether that is all it may take.
    fn next_batch(&self, size: usize) -> (usize, bool) {
        let waiting = self.events.len();
        match self.chunks.last() {
            Some(chunk) => (waiting.min(*chunk), true),
            None => (waiting.min(size), waiting >= size),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It waits for an instance.
    Ready,
    /// It is being handled.
    Busy,
    /// It waits for the next attempt of its first event.
    Blocked(Time),
}

impl<P> Default for Groups<P> {
    fn default() -> Self {
        Groups {
            by_name: BTreeMap::new(),
            ready: VecDeque::new(),
            blocked: BTreeSet::new(),
            count: 0,
        }
    }
}

impl<P> Groups<P> {
    /// Returns how many events wait here.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds an event at the end of its group.
    pub(super) fn push(&mut self, event: Event<P>, now: Time) {
        self.count += 1;
        let name = event.group.clone().unwrap_or_else(|| Arc::from(""));
        if let Some(group) = self.by_name.get_mut(&name) {
            group.events.push_back(event);
            return;
        }
        let group = Group {
            events: VecDeque::from([event]),
            state: State::Ready,
            holders: 0,
            until: None,
            chunks: Vec::new(),
        };
        self.by_name.insert(name.clone(), group);
        self.ready.push_back((now, name));
    }

    /// Returns how many batches could start now: each takes whole groups, or a part of its last one.
    pub(super) fn batches(&self, cut: Cut) -> usize {
        if cut.apart {
            let ready = self.ready.iter();
            return ready.filter(|it| self.starts_alone(it, cut)).count();
        }
        let (mut batches, mut room, mut ripe) = (0, 0, false);
        for (since, name) in &self.ready {
            let length = self.by_name.get(name).map_or(0, |it| it.events.len());
            if room == 0 {
                (room, ripe) = (cut.size, cut.ripe(*since));
            }
            room -= room.min(length);
            batches += usize::from(room == 0);
        }
        batches + usize::from(room > 0 && ripe)
    }

    /// Returns since when the next batch waits, and its first event, if one could start now.
    pub(super) fn head(&self, cut: Cut) -> Option<(Time, u64)> {
        if cut.apart {
            let mut ready = self.ready.iter();
            let (since, name) = ready.find(|it| self.starts_alone(it, cut))?;
            let first = self.by_name.get(name)?.events.front()?;
            return Some((*since, first.id));
        }
        let (since, name) = self.ready.front()?;
        let first = self.by_name.get(name)?.events.front()?;
        let starts = cut.ripe(*since) || self.batches(cut) > 0;
        starts.then_some((*since, first.id))
    }

    /// Tells whether a group that waits since then makes a batch of its own now.
    fn starts_alone(&self, (since, name): &(Time, Arc<str>), cut: Cut) -> bool {
        let group = self.by_name.get(name);
        group.is_some_and(|it| it.next_batch(cut.size).1 || cut.ripe(*since))
    }

    /// Takes the next batch of one group.
    fn take_alone(&mut self, cut: Cut) -> Vec<Event<P>> {
        let at = self.ready.iter().position(|it| self.starts_alone(it, cut));
        let Some((since, name)) = at.and_then(|it| self.ready.remove(it)) else {
            return Vec::new();
        };
        let Some(group) = self.by_name.get_mut(&name) else {
            return Vec::new();
        };
        let (count, _) = group.next_batch(cut.size);
        group.chunks.pop();
        group.state = State::Busy;
        group.holders = 1;
        group.until = None;
        self.count -= count;
        let taken = group.events.drain(..count);
        taken
            .map(|event| Event {
                since: since.max(event.since),
                ..event
            })
            .collect()
    }

    /// Makes the events that have just failed together the next batches of their group: the first of `chunks` first.
    pub(super) fn keep_together(&mut self, name: &Arc<str>, chunks: &[usize]) {
        if let Some(group) = self.by_name.get_mut(name) {
            group
                .chunks
                .extend(chunks.iter().rev().filter(|it| **it > 0));
        }
    }

    /// Returns since when the first group waits.
    pub(super) fn since(&self) -> Option<Time> {
        self.ready.front().map(|(since, _)| *since)
    }

    /// Takes the next batch; its groups are busy until they are released.
    pub(super) fn take(&mut self, cut: Cut) -> Vec<Event<P>> {
        if cut.apart {
            return self.take_alone(cut);
        }
        let size = cut.size;
        let mut batch = Vec::new();
        while batch.len() < size
            && let Some((since, name)) = self.ready.pop_front()
        {
            let Some(group) = self.by_name.get_mut(&name) else {
                continue;
            };
            let room = (size - batch.len()).min(group.events.len());
            group.state = State::Busy;
            group.holders = 1;
            group.until = None;
            let taken = group.events.drain(..room);
            batch.extend(taken.map(|event| Event {
                since: since.max(event.since),
                ..event
            }));
        }
        self.count -= batch.len();
        batch
    }

    /// Makes a group busy with one invocation more, be there events of it or not.
    pub(super) fn hold(&mut self, name: Arc<str>) {
        self.ready.retain(|(_, it)| *it != name);
        let group = self.by_name.entry(name).or_insert_with(|| Group {
            events: VecDeque::new(),
            state: State::Busy,
            holders: 0,
            until: None,
            chunks: Vec::new(),
        });
        group.state = State::Busy;
        group.holders += 1;
    }

    /// Ends the handling of a group: `failed` goes back to its head, and it waits until `until`.
    pub(super) fn release(
        &mut self,
        name: &Arc<str>,
        failed: Vec<Event<P>>,
        until: Option<Time>,
        now: Time,
    ) {
        let Some(group) = self.by_name.get_mut(name) else {
            return;
        };
        self.count += failed.len();
        for event in failed.into_iter().rev() {
            group.events.push_front(event);
        }
        group.until = group.until.max(until);
        group.holders = group.holders.saturating_sub(1);
        if group.holders > 0 {
            return;
        }
        let until = group.until.take();
        if let Some(until) = until.filter(|it| *it > now && !group.events.is_empty()) {
            group.state = State::Blocked(until);
            self.blocked.insert((until, name.clone()));
        } else {
            self.unblock(name, now);
        }
    }

    fn unblock(&mut self, name: &Arc<str>, now: Time) {
        let Some(group) = self.by_name.get_mut(name) else {
            return;
        };
        if group.events.is_empty() {
            self.by_name.remove(name);
        } else {
            group.state = State::Ready;
            self.ready.push_back((now, name.clone()));
        }
    }

    /// Returns when the next blocked group may go on.
    pub(super) fn next(&self) -> Option<Time> {
        self.blocked.first().map(|(until, _)| *until)
    }

    /// Lets go on the groups whose wait is over.
    pub(super) fn wake(&mut self, now: Time) {
        while let Some((until, _)) = self.blocked.first()
            && *until <= now
            && let Some((_, name)) = self.blocked.pop_first()
        {
            self.unblock(&name, now);
        }
    }

    /// Takes out all events that `goes` picks, group by group.
    pub(super) fn extract(&mut self, now: Time, goes: &dyn Fn(&Event<P>) -> bool) -> Vec<Event<P>> {
        let mut gone = Vec::new();
        let mut emptied = Vec::new();
        for (name, group) in &mut self.by_name {
            let first = group.events.front().map(|it| it.id);
            let all = std::mem::take(&mut group.events);
            let (more, stay) = all.into_iter().partition::<Vec<_>, _>(|it| goes(it));
            gone.extend(more);
            group.events = stay.into();
            let moved = first != group.events.front().map(|it| it.id);
            if group.events.is_empty() || (moved && group.state != State::Ready) {
                emptied.push((name.clone(), group.state));
            }
        }
        self.count -= gone.len();
        for (name, state) in emptied {
            match state {
                State::Busy => {}
                State::Ready => {
                    self.ready.retain(|(_, it)| *it != name);
                    self.unblock(&name, now);
                }
                State::Blocked(until) => {
                    self.blocked.remove(&(until, name.clone()));
                    let events = self.by_name.get(&name).map(|it| it.events.iter());
                    let until = events.and_then(|it| it.map(|event| event.since).max());
                    self.release(&name, Vec::new(), until, now);
                }
            }
        }
        gone
    }

    /// Returns the events, group by group.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Event<P>> {
        self.by_name.values().flat_map(|it| it.events.iter())
    }
}
