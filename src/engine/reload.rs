//! A changed program takes over: events and instances stay where their names still are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::Timers;
use super::event::{Event, Fate, Why};
use super::line::Line;
use super::program::{FunctionId, Kind, Program, SourceId};
use super::state::{FunctionState, Invocation, Phase, SourceState};
use super::{Action, Alarm, Engine, Payload};

/// What makes two sources of two programs the same: what kind, whose, and its name.
fn key(program: &Program, id: SourceId) -> Option<(u8, Option<&str>, &str, &str)> {
    let source = program.sources.get(id.0)?;
    let function = source.function.and_then(|it| program.functions.get(it.0));
    let owner = function.map(|it| it.name.as_str());
    let (kind, owner) = match source.kind {
        Kind::Http => (0, owner),
        Kind::Invoke => (1, owner),
        Kind::Queue => (2, None),
        Kind::Topic => (3, owner),
        Kind::Schedule(_) => (4, owner),
        Kind::Stream(_) => (5, owner),
        Kind::Table(_) => (6, owner),
        Kind::Bucket => (7, owner),
        Kind::Event => (8, owner),
    };
    Some((kind, owner, &source.name, &source.detail))
}

impl<P: Payload> Engine<P> {
    /// Replaces the program. Instances of `changed` and of removed functions take no more
    /// invocations; waiting events of removed sources are dropped.
    pub(super) fn reload(
        &mut self,
        program: Program,
        changed: &[FunctionId],
        out: &mut Vec<Action<P>>,
    ) {
        let mut program = program;
        self.profile.adapt(&mut program);
        let old = std::mem::replace(&mut self.program, program);
        let count = self.program.sources.len();
        let all = (0..count).map(SourceId);
        let find = |id: SourceId| {
            let wanted = key(&old, id)?;
            all.clone()
                .find(|it| key(&self.program, *it) == Some(wanted))
        };
        let moved: Vec<Option<SourceId>> = (0..old.sources.len())
            .map(|it| find(SourceId(it)))
            .collect();
        let place = |id: SourceId| moved.get(id.0).copied().flatten();

        let new = self.program.sources.iter();
        let new = new.map(|it| SourceState::new(it.fifo)).collect();
        let before = std::mem::replace(&mut self.sources, new);
        let mut arrivals = Vec::new();
        for (at, mut state) in before.into_iter().enumerate() {
            let mut line = state.line.extract(self.now, &|_| true);
            let mut later: Vec<Event<P>> = std::mem::take(&mut state.later).into_values().collect();
            for event in line.iter_mut().chain(&mut later) {
                event.origin = event.origin.and_then(place);
            }
            if let Some(to) = place(SourceId(at)) {
                let target = self.state_mut(to);
                (target.ledger, target.in_flight) = (state.ledger, state.in_flight);
                arrivals.push((to, line, later));
            } else {
                forget(SourceId(at), line.iter().chain(&later), out);
            }
        }
        self.move_functions(&old, changed, out);
        let lost = self.move_invocations(&place, out);
        self.restart_timers();
        for (to, line, later) in arrivals {
            self.readmit(to, line, later, &lost);
        }
        for invocation in lost {
            if let Some(to) = invocation.source {
                self.state_mut(to).in_flight -= 1;
                self.resolve(to, invocation.events, &|_| true, Why::Crashed, out);
            }
        }
    }

    fn move_functions(&mut self, old: &Program, changed: &[FunctionId], out: &mut Vec<Action<P>>) {
        let new = self
            .program
            .functions
            .iter()
            .map(|_| FunctionState::default());
        let before = std::mem::replace(&mut self.functions, new.collect());
        self.connect();
        let mut removed = Vec::new();
        for (function, mut pool) in old.functions.iter().zip(before) {
            let Some(id) = self.program.function(&function.name) else {
                removed.extend(pool.instances.into_keys());
                continue;
            };
            if changed.contains(&id) {
                for (number, instance) in &mut pool.instances {
                    instance.retired = true;
                    pool.free.remove(number);
                    if instance.running == 0 && instance.phase == Phase::Ready {
                        pool.idle.remove(&(instance.idle_since, *number));
                        instance.phase = Phase::Stopping;
                        out.push(Action::Stop { instance: *number });
                    }
                }
                (pool.strikes, pool.hold) = (0, None);
            }
            for number in pool.instances.keys() {
                self.instances.insert(*number, id);
            }
            pool.sources = std::mem::take(&mut self.pool_mut(id).sources);
            (pool.deadline, pool.idle_alarm, pool.review) = (None, None, None);
            *self.pool_mut(id) = pool;
        }
        for instance in removed {
            self.instances.remove(&instance);
            out.push(Action::Kill { instance });
        }
    }

    /// Takes invocations into the new program; returns those whose function is gone, but not their source.
    fn move_invocations(
        &mut self,
        place: &dyn Fn(SourceId) -> Option<SourceId>,
        out: &mut Vec<Action<P>>,
    ) -> Vec<Invocation<P>> {
        let mut lost = Vec::new();
        for (id, mut invocation) in std::mem::take(&mut self.invocations) {
            let (from, to) = (invocation.source, invocation.source.and_then(place));
            for event in &mut invocation.events {
                event.origin = event.origin.and_then(place);
            }
            invocation.source = to;
            if let Some(function) = self.instances.get(&invocation.instance) {
                invocation.function = *function;
                self.invocations.insert(id, invocation);
            } else if to.is_some() {
                lost.push(invocation);
            } else if let Some(from) = from {
                forget(from, invocation.events.iter(), out);
            }
        }
        lost
    }

    /// Sets every alarm anew, for the numbers of the new program.
    fn restart_timers(&mut self) {
        self.timers = Timers::default();
        self.start();
        for (id, invocation) in &mut self.invocations {
            if let Some(token) = invocation.hidden {
                invocation.hidden = Some(self.timers.set(token.at(), Alarm::Hidden(*id)));
            }
        }
        for (at, pool) in self.functions.iter_mut().enumerate() {
            let function = FunctionId(at);
            let first = pool.running.first().and_then(|it| self.invocations.get(it));
            pool.deadline = first.map(|it| self.timers.set(it.deadline, Alarm::Deadline(function)));
            if let Some(hold) = pool.hold {
                self.timers.set(hold, Alarm::Hold(function));
            }
            for (id, instance) in &mut pool.instances {
                if let Phase::Starting(token) = instance.phase {
                    instance.phase = Phase::Starting(self.timers.set(token.at(), Alarm::Init(*id)));
                }
            }
        }
    }

    /// Puts events where they were; they have been counted already.
    pub(super) fn readmit(
        &mut self,
        to: SourceId,
        line: Vec<Event<P>>,
        later: Vec<Event<P>>,
        lost: &[Invocation<P>],
    ) {
        let invocations = self.invocations.values().chain(lost);
        let own = invocations.filter(|it| it.source == Some(to));
        let busy: Vec<Arc<str>> = own.flat_map(Invocation::groups).collect();
        if let Line::Grouped(groups) = &mut self.state_mut(to).line {
            for name in &busy {
                groups.hold(name.clone());
            }
        }
        let mut waiting: BTreeMap<Arc<str>, Vec<Event<P>>> = BTreeMap::new();
        for event in line {
            let name = event.group.clone().unwrap_or_else(|| Arc::from(""));
            if self.source(to).fifo && !busy.contains(&name) {
                waiting.entry(name).or_default().push(event);
            } else {
                self.enqueue(to, event);
            }
        }
        for (name, events) in waiting {
            let until = events.iter().map(|it| it.since).max();
            if let Line::Grouped(groups) = &mut self.state_mut(to).line {
                groups.hold(name.clone());
            }
            self.release(to, &name, events, until);
        }
        for event in later {
            self.enqueue(to, event);
        }
        self.touch(to);
    }
}

/// Tells that events are gone with their source or function.
fn forget<'a, P: 'a>(
    source: SourceId,
    events: impl Iterator<Item = &'a Event<P>>,
    out: &mut Vec<Action<P>>,
) {
    out.extend(events.map(|it| Action::Settled {
        source,
        event: it.id,
        fate: Fate::Dropped(Why::Removed),
    }));
}
