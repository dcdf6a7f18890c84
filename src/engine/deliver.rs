//! Event processing, `N_event = Σ E_i`: how events come in, wait, fail, are tried again and parked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::{Nanos, Time, Token};
use super::event::{Event, Fate, Why};
use super::line::{Cut, Line};
use super::program::{Kind, SourceId, TopicId};
use super::{Action, Alarm, Engine, Numbers, Payload};

/// The wait before attempt k + 1: 1 s × 2^(k−1), at most 5 min.
pub(super) fn back_off(attempt: u32) -> Nanos {
    let doubled = Nanos::SECOND.0 << attempt.saturating_sub(1).min(9);
    Nanos(doubled).min(Nanos::seconds(300))
}

/// Looking for expired events costs time, so it is done at most so often while an event is kept.
const SWEEPS: u64 = 1024;

impl<P: Payload> Engine<P> {
    /// Returns how batches of a source are cut now.
    pub(super) fn cut(&self, source: SourceId) -> Cut {
        let rule = self.source(source);
        Cut {
            size: rule.batch.max(1) as usize,
            window: rule.window,
            apart: rule.is_log(),
            now: self.now,
        }
    }

    pub(super) fn arrive(
        &mut self,
        source: SourceId,
        payload: P,
        group: Option<Arc<str>>,
        delay: Option<Nanos>,
        out: &mut Vec<Action<P>>,
    ) {
        let rule = self.source(source);
        let delay = delay.unwrap_or(rule.delay);
        let group = match &rule.kind {
            Kind::Stream(log) | Kind::Table(log) => Some(log.lane(group.as_deref())),
            Kind::Http
            | Kind::Invoke
            | Kind::Queue
            | Kind::Topic
            | Kind::Bucket
            | Kind::Event
            | Kind::Schedule(_) => group,
        };
        let event = Event {
            id: Numbers::next(&mut self.numbers.event),
            payload,
            arrived: self.now,
            since: self.now + delay,
            attempt: 1,
            origin: None,
            group,
        };
        out.push(Action::Accepted {
            source,
            event: event.id,
        });
        self.admit(source, event, out);
    }

    pub(super) fn publish(
        &mut self,
        topic: TopicId,
        payload: &P,
        group: Option<&Arc<str>>,
        passed_over: &[SourceId],
        out: &mut Vec<Action<P>>,
    ) {
        let topic = self.program.topics.get(topic.0);
        let subscribers = topic.map_or_else(Vec::new, |it| it.subscribers.clone());
        self.spread(&subscribers, payload, group, passed_over, out);
    }

    /// Brings a copy of an event to each of these sources.
    pub(super) fn spread(
        &mut self,
        to: &[SourceId],
        payload: &P,
        group: Option<&Arc<str>>,
        passed_over: &[SourceId],
        out: &mut Vec<Action<P>>,
    ) {
        for source in to {
            if passed_over.contains(source) {
                self.pass_over(*source);
                continue;
            }
            self.arrive(*source, payload.clone(), group.cloned(), None, out);
        }
    }

    /// Counts an event that the source's filter doesn't pass.
    pub(super) fn pass_over(&mut self, source: SourceId) {
        let ledger = &mut self.state_mut(source).ledger;
        ledger.arrived += 1;
        ledger.done += 1;
    }

    /// Makes the event of a schedule that was planned for `planned`.
    pub(super) fn fire(&mut self, source: SourceId, planned: Time, out: &mut Vec<Action<P>>) {
        self.arrive(source, P::tick(planned), None, None, out);
    }

    /// Fires a schedule in turn and plans the next tick; ticks that were slept through are not made up.
    pub(super) fn tick(&mut self, source: SourceId, planned: Time, out: &mut Vec<Action<P>>) {
        if self.draining {
            return;
        }
        self.fire(source, planned, out);
        if let Kind::Schedule(ticks) = &self.source(source).kind
            && let Some(next) = ticks.after(self.now)
        {
            self.timers.set(next, Alarm::Tick(source, next));
        }
    }

    /// Takes an event into a source.
    fn admit(&mut self, source: SourceId, event: Event<P>, out: &mut Vec<Action<P>>) {
        self.state_mut(source).ledger.arrived += 1;
        self.keep(source, &event, out);
        self.enqueue(source, event);
        self.touch(source);
    }

    fn keep(&self, source: SourceId, event: &Event<P>, out: &mut Vec<Action<P>>) {
        if !self.source(source).synchronous() {
            let event = event.clone();
            out.push(Action::Keep { source, event });
        }
    }

    /// Puts an event into the line of its source, or aside until its time has come.
    pub(super) fn enqueue(&mut self, source: SourceId, event: Event<P>) {
        let now = self.now;
        self.arm_expiry(source, event.arrived);
        if event.since > now {
            let key = (event.since, Numbers::next(&mut self.numbers.set_aside));
            self.state_mut(source).later.insert(key, event);
            self.arm_due(source);
        } else {
            self.state_mut(source).line.push(event, now);
        }
    }

    /// Notes that the function of a source may have something new to do.
    pub(super) fn touch(&mut self, source: SourceId) {
        self.arm_window(source);
        if let Some(function) = self.source(source).function {
            self.dirty.insert(function);
        }
    }

    fn arm_due(&mut self, source: SourceId) {
        let state = self.state(source);
        let later = state.later.keys().next().map(|(at, _)| *at);
        let blocked = match &state.line {
            Line::Plain(_) => None,
            Line::Grouped(groups) => groups.next(),
        };
        let next = later.into_iter().chain(blocked).min();
        let armed = state.due;
        if armed.map(Token::at) == next {
            return;
        }
        if let Some(armed) = armed {
            self.timers.cancel(armed);
        }
        let token = next.map(|at| self.timers.set(at, Alarm::Due(source)));
        self.state_mut(source).due = token;
    }

    /// Moves events whose time has come into the line.
    pub(super) fn due(&mut self, source: SourceId) {
        let now = self.now;
        let state = self.state_mut(source);
        state.due = None;
        while let Some(entry) = state.later.first_entry()
            && entry.key().0 <= now
        {
            let event = entry.remove();
            state.line.push(event, now);
        }
        if let Line::Grouped(groups) = &mut state.line {
            groups.wake(now);
        }
        self.arm_due(source);
        self.touch(source);
    }

    /// Sets the alarm for an incomplete batch; it can only come too early, and is then set anew.
    pub(super) fn arm_window(&mut self, source: SourceId) {
        let cut = self.cut(source);
        let state = self.state(source);
        if cut.window == Nanos::ZERO || state.window.is_some() {
            return;
        }
        if let Some(at) = state.line.ripens(cut) {
            let token = self.timers.set(at, Alarm::Window(source));
            self.state_mut(source).window = Some(token);
        }
    }

    pub(super) fn window_over(&mut self, source: SourceId) {
        self.state_mut(source).window = None;
        self.touch(source);
    }

    fn arm_expiry(&mut self, source: SourceId, arrived: Time) {
        let Some(keep) = self.source(source).keep else {
            return;
        };
        let sweep = Nanos(keep.0 / SWEEPS);
        let at = (arrived + keep).max(self.now + sweep);
        let armed = self.state(source).expiry;
        if armed.is_some_and(|it| it.at() <= at) {
            return;
        }
        if let Some(armed) = armed {
            self.timers.cancel(armed);
        }
        let token = self.timers.set(at, Alarm::Expiry(source));
        self.state_mut(source).expiry = Some(token);
    }

    /// Drops what has waited for longer than the source keeps it.
    pub(super) fn expire(&mut self, source: SourceId, out: &mut Vec<Action<P>>) {
        self.state_mut(source).expiry = None;
        let (now, keep) = (self.now, self.source(source).keep);
        let old = |it: &Event<P>| keep.is_some_and(|keep| it.arrived + keep <= now);
        self.drop_events(source, Why::Expired, &old, out);
        let state = self.state(source);
        let waiting = state.line.iter().chain(state.later.values());
        if let Some(oldest) = waiting.map(|it| it.arrived).min() {
            self.arm_expiry(source, oldest);
        }
    }

    /// Forgets a caller's event if it hasn't been started.
    pub(super) fn withdraw(&mut self, source: SourceId, event: u64, out: &mut Vec<Action<P>>) {
        self.drop_events(source, Why::Withdrawn, &|it| it.id == event, out);
    }

    /// Refuses a caller's event: the platform has no room for it.
    pub(super) fn throttle(&mut self, source: SourceId, event: u64, out: &mut Vec<Action<P>>) {
        for gone in self.extract(source, &|it| it.id == event) {
            self.state_mut(source).ledger.throttled += 1;
            out.push(Action::Settled {
                source,
                event: gone.id,
                fate: Fate::Dropped(Why::Throttled),
            });
        }
    }

    fn drop_events(
        &mut self,
        source: SourceId,
        why: Why,
        goes: &dyn Fn(&Event<P>) -> bool,
        out: &mut Vec<Action<P>>,
    ) {
        let gone = self.extract(source, goes);
        self.state_mut(source).ledger.dropped += gone.len() as u64;
        out.extend(gone.iter().map(|it| Action::Settled {
            source,
            event: it.id,
            fate: Fate::Dropped(why),
        }));
    }

    /// Takes waiting events out of a source.
    pub(super) fn extract(
        &mut self,
        source: SourceId,
        goes: &dyn Fn(&Event<P>) -> bool,
    ) -> Vec<Event<P>> {
        let now = self.now;
        let state = self.state_mut(source);
        let mut gone = state.line.extract(now, goes);
        let later = state.later.iter();
        let keys: Vec<_> = later
            .filter(|(_, it)| goes(it))
            .map(|(key, _)| *key)
            .collect();
        gone.extend(keys.iter().filter_map(|key| state.later.remove(key)));
        self.arm_due(source);
        self.touch(source);
        gone
    }

    /// Ends the handling of events: those that `failed` picks are tried again, parked or dropped.
    pub(super) fn resolve(
        &mut self,
        source: SourceId,
        events: Vec<Event<P>>,
        failed: &dyn Fn(&Event<P>) -> bool,
        why: Why,
        out: &mut Vec<Action<P>>,
    ) {
        self.state_mut(source).ledger.running -= events.len() as u64;
        let rule = self.source(source);
        if rule.is_log() {
            self.resolve_log(source, events, failed, why, out);
            return;
        }
        let fifo = rule.fifo;
        let mut groups: BTreeMap<Arc<str>, Vec<Event<P>>> = BTreeMap::new();
        for event in events {
            let name = event.group.clone().unwrap_or_else(|| Arc::from(""));
            let group = fifo.then(|| groups.entry(name).or_default());
            if !failed(&event) {
                self.state_mut(source).ledger.done += 1;
                out.push(Action::Settled {
                    source,
                    event: event.id,
                    fate: Fate::Done,
                });
            } else if let Some(event) = self.fail(source, event, why, out) {
                match group {
                    Some(group) => group.push(event),
                    None => self.enqueue(source, event),
                }
            }
        }
        for (name, failed) in groups {
            let until = failed.iter().map(|it| it.since).max();
            self.release(source, &name, failed, until);
        }
        self.touch(source);
    }

    /// Ends the handling of a batch of a log: its order holds, so all from the first failure on is tried again, together
    /// or in two halves.
    fn resolve_log(
        &mut self,
        source: SourceId,
        events: Vec<Event<P>>,
        failed: &dyn Fn(&Event<P>) -> bool,
        why: Why,
        out: &mut Vec<Action<P>>,
    ) {
        let lane = events.first().and_then(|it| it.group.clone());
        let lane = lane.unwrap_or_else(|| Arc::from(""));
        let first = events.iter().position(failed).unwrap_or(events.len());
        let count = events.len() - first;
        let halves = count > 1 && self.source(source).split_on_error;
        let mut again = Vec::new();
        for (at, mut event) in events.into_iter().enumerate() {
            if at < first {
                self.state_mut(source).ledger.done += 1;
                out.push(Action::Settled {
                    source,
                    event: event.id,
                    fate: Fate::Done,
                });
            } else if halves {
                // Looking for the record that fails is no attempt: Lambda Developer Guide, "Kinesis", "Error handling".
                event.since = self.now + back_off(event.attempt);
                out.push(Action::Settled {
                    source,
                    event: event.id,
                    fate: Fate::Split(event.since, why),
                });
                self.keep(source, &event, out);
                again.push(event);
            } else {
                again.extend(self.fail(source, event, why, out));
            }
        }
        let chunks = match again.len() {
            it if halves => [it.div_ceil(2), it / 2],
            it => [it, 0],
        };
        let until = again.iter().map(|it| it.since).max();
        if let Line::Grouped(groups) = &mut self.state_mut(source).line {
            groups.keep_together(&lane, &chunks);
        }
        self.release(source, &lane, again, until);
        self.touch(source);
    }

    /// Lets go on a fifo group; what failed comes first again, when its wait is over.
    pub(super) fn release(
        &mut self,
        source: SourceId,
        name: &Arc<str>,
        failed: Vec<Event<P>>,
        until: Option<Time>,
    ) {
        let now = self.now;
        for event in &failed {
            self.arm_expiry(source, event.arrived);
        }
        if let Line::Grouped(groups) = &mut self.state_mut(source).line {
            groups.release(name, failed, until, now);
        }
        self.arm_due(source);
    }

    /// Decides what becomes of an event that failed; returns it if it is to be tried again.
    fn fail(
        &mut self,
        source: SourceId,
        mut event: Event<P>,
        why: Why,
        out: &mut Vec<Action<P>>,
    ) -> Option<Event<P>> {
        let rule = self.source(source).retry;
        let id = event.id;
        let settled = |fate| Action::Settled {
            source,
            event: id,
            fate,
        };
        if rule.more.is_none_or(|more| event.attempt <= more) {
            event.since = self.now + self.profile.back_off(self.source(source), event.attempt);
            event.attempt += 1;
            out.push(settled(Fate::Retry(event.since, why)));
            self.keep(source, &event, out);
            return Some(event);
        }
        if let Some(queue) = rule.then {
            self.state_mut(source).ledger.parked += 1;
            out.push(settled(Fate::Parked(queue, why)));
            self.transfer(queue, Some(source), event, out);
        } else {
            self.state_mut(source).ledger.failed += 1;
            out.push(settled(Fate::Failed(why)));
        }
        None
    }

    /// Moves an event to another source, where it begins anew.
    fn transfer(
        &mut self,
        to: SourceId,
        origin: Option<SourceId>,
        event: Event<P>,
        out: &mut Vec<Action<P>>,
    ) {
        let moved = Event {
            arrived: self.now,
            since: self.now + self.source(to).delay,
            attempt: 1,
            origin,
            ..event
        };
        self.admit(to, moved, out);
    }

    pub(super) fn redrive(
        &mut self,
        queue: SourceId,
        events: Option<&[u64]>,
        out: &mut Vec<Action<P>>,
    ) {
        let chosen = |it: &Event<P>| events.is_none_or(|list| list.contains(&it.id));
        let back = self.extract(queue, &|it| it.origin.is_some() && chosen(it));
        for event in back {
            let Some(origin) = event.origin else { continue };
            self.state_mut(queue).ledger.done += 1;
            out.push(Action::Settled {
                source: queue,
                event: event.id,
                fate: Fate::Redriven(origin),
            });
            self.transfer(origin, None, event, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_five_minutes() {
        let seconds: Vec<u64> = [1, 2, 3, 9, 10, 1000]
            .map(|it| back_off(it).0 / Nanos::SECOND.0)
            .into();
        assert_eq!(seconds, [1, 2, 4, 256, 300, 300]);
    }
}
