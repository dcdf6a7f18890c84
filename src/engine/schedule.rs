//! Function scheduling, `T_exec = T_wait + T_init + T_func`: the oldest event that can start goes to
//! the newest instance with a free slot.

use super::clock::Nanos;
use super::event::Why;
use super::program::{FunctionId, SourceId};
use super::state::{Invocation, Phase};
use super::{
    Action, Alarm, Delivery, Engine, Event, Invoke, Numbers, Outcome, Payload, Report, Verdict,
};

impl<P: Payload> Engine<P> {
    /// Starts what can be started.
    pub(super) fn dispatch(&mut self, function: FunctionId, out: &mut Vec<Action<P>>) {
        while let Some(instance) = self.pool(function).free.last().copied()
            && let Some(source) = self.oldest(function)
        {
            self.begin(function, source, instance, out);
        }
    }

    /// Returns how many batches of a source could start now, were there instances enough.
    fn startable(&self, source: SourceId) -> u64 {
        let rule = self.source(source);
        if self.draining && !rule.synchronous() {
            return 0;
        }
        let state = self.state(source);
        let mut allowed = rule.concurrency.unwrap_or(u32::MAX);
        if self.profile.refuses() && rule.kind.is_queue() {
            allowed = allowed.min(state.pollers.allowed(self.now));
        }
        let batches = state.line.batches(self.cut(source));
        batches.min(u64::from(allowed.saturating_sub(state.in_flight)))
    }

    /// Returns the load: what runs, and what could.
    pub(super) fn load(&self, function: FunctionId) -> u64 {
        let pool = self.pool(function);
        let waiting: u64 = pool.sources.iter().map(|it| self.startable(*it)).sum();
        waiting + pool.running.len() as u64
    }

    /// Returns the source whose next batch has waited longest.
    pub(super) fn oldest(&self, function: FunctionId) -> Option<SourceId> {
        let sources = self.pool(function).sources.iter().copied();
        let startable = sources.filter(|it| self.startable(*it) > 0);
        let heads = startable.filter_map(|it| {
            let head = self.state(it).line.head(self.cut(it))?;
            Some((head, it))
        });
        heads.min().map(|(_, source)| source)
    }

    /// Takes the next batch of a source.
    pub(super) fn take(&mut self, source: SourceId) -> Vec<Event<P>> {
        let cut = self.cut(source);
        let state = self.state_mut(source);
        let events = state.line.take(cut);
        state.ledger.running += events.len() as u64;
        self.arm_window(source);
        events
    }

    fn begin(
        &mut self,
        function: FunctionId,
        source: SourceId,
        instance: u64,
        out: &mut Vec<Action<P>>,
    ) {
        let now = self.now;
        let events = self.take(source);
        self.state_mut(source).in_flight += 1;
        let cold = self.fresh == Some(instance);
        let (wait, init) = self.waited(function, instance, &events, cold);
        self.occupy(function, instance);
        let id = Numbers::next(&mut self.numbers.invocation);
        let deadline = now + self.function(function).timeout;
        let hidden = self.source(source).hidden;
        let hidden = hidden.map(|it| self.timers.set(now + it, Alarm::Hidden(id)));
        let pool = self.pool(function);
        if pool.deadline.is_none() {
            let token = self.timers.set(deadline, Alarm::Deadline(function));
            self.pool_mut(function).deadline = Some(token);
        }
        self.pool_mut(function).running.insert(id);
        let delivery = |it: &Event<P>| Delivery {
            event: it.id,
            arrived: it.arrived,
            attempt: it.attempt,
            group: it.group.clone(),
            payload: it.payload.clone(),
        };
        out.push(Action::Invoke(Invoke {
            invocation: id,
            function,
            source,
            instance,
            deadline,
            events: events.iter().map(delivery).collect(),
        }));
        let invocation = Invocation {
            function,
            source: Some(source),
            instance,
            count: events.len(),
            attempt: events.iter().map(|it| it.attempt).max().unwrap_or(1),
            events,
            started: now,
            deadline,
            hidden,
            wait,
            init,
            cold,
        };
        self.invocations.insert(id, invocation);
    }

    /// Returns `T_wait` and `T_init` of events that an instance is about to handle.
    pub(super) fn waited(
        &self,
        function: FunctionId,
        instance: u64,
        events: &[Event<P>],
        cold: bool,
    ) -> (Nanos, Nanos) {
        let first = events.iter().map(|it| it.since).min();
        let waited = first.map_or(Nanos::ZERO, |it| self.now.since(it));
        let started = self.pool(function).instances.get(&instance);
        let init = started
            .filter(|_| cold)
            .map(|it| self.now.since(it.started));
        let init = init.unwrap_or(Nanos::ZERO).min(waited);
        (waited - init, init)
    }

    /// Takes note of a handler's answer; one that comes too late changes nothing.
    pub(super) fn ended(&mut self, id: u64, outcome: &Outcome, out: &mut Vec<Action<P>>) {
        let Some(invocation) = self.invocations.get(&id) else {
            return;
        };
        let events = &invocation.events;
        let known = |it: &u64| events.iter().any(|event| event.id == *it);
        let (failed, verdict) = match outcome {
            Outcome::Partial(list) if list.iter().all(known) => {
                let failed = events.iter().filter(|it| list.contains(&it.id)).count();
                match failed {
                    0 => (Some(Vec::new()), Verdict::Done),
                    n if n == events.len() => (None, Verdict::Failed),
                    n => (Some(list.clone()), Verdict::Partial(n)),
                }
            }
            Outcome::Done => (Some(Vec::new()), Verdict::Done),
            Outcome::Failed | Outcome::Partial(_) => (None, Verdict::Failed),
        };
        let function = invocation.function;
        if failed.is_some() {
            self.pool_mut(function).strikes = 0;
        }
        let fails = |it: &Event<P>| failed.as_ref().is_none_or(|list| list.contains(&it.id));
        self.close(id, verdict, &fails, Why::Raised, out);
    }

    /// Ends an invocation: reports it, frees its slot, and settles its events.
    pub(super) fn close(
        &mut self,
        id: u64,
        verdict: Verdict,
        fails: &dyn Fn(&Event<P>) -> bool,
        why: Why,
        out: &mut Vec<Action<P>>,
    ) {
        let Some(invocation) = self.invocations.remove(&id) else {
            return;
        };
        invocation
            .hidden
            .into_iter()
            .for_each(|it| self.timers.cancel(it));
        let function = invocation.function;
        self.pool_mut(function).running.remove(&id);
        self.release_slot(function, invocation.instance, out);
        self.dirty.insert(function);
        let Some(source) = invocation.source else {
            return;
        };
        self.state_mut(source).in_flight -= 1;
        out.push(Action::Ended(Report {
            invocation: Some(id),
            function,
            source,
            instance: invocation.instance,
            events: invocation.count,
            attempt: invocation.attempt,
            verdict,
            wait: invocation.wait,
            init: invocation.init,
            func: self.now.since(invocation.started),
            cold: invocation.cold,
        }));
        self.resolve(source, invocation.events, fails, why, out);
    }

    /// Kills the instances of invocations that have taken too long.
    pub(super) fn check_deadlines(&mut self, function: FunctionId, out: &mut Vec<Action<P>>) {
        self.pool_mut(function).deadline = None;
        loop {
            let Some(id) = self.pool(function).running.first().copied() else {
                return;
            };
            let Some(invocation) = self.invocations.get(&id) else {
                return;
            };
            if invocation.deadline > self.now {
                let alarm = Alarm::Deadline(function);
                let token = self.timers.set(invocation.deadline, alarm);
                self.pool_mut(function).deadline = Some(token);
                return;
            }
            let instance = invocation.instance;
            self.kill(function, instance, out);
            self.abandon(function, instance, out);
        }
    }

    /// Fails everything that an instance was handling; it is lost.
    pub(super) fn abandon(
        &mut self,
        function: FunctionId,
        instance: u64,
        out: &mut Vec<Action<P>>,
    ) {
        let lost = self.pool(function).running.iter().copied();
        let lost: Vec<u64> = lost
            .filter(|it| {
                self.invocations
                    .get(it)
                    .is_some_and(|it| it.instance == instance)
            })
            .collect();
        for id in lost {
            let late = self
                .invocations
                .get(&id)
                .is_some_and(|it| it.deadline <= self.now);
            let (verdict, why) = if late {
                (Verdict::TimedOut, Why::TimedOut)
            } else {
                (Verdict::Crashed, Why::Crashed)
            };
            self.close(id, verdict, &|_| true, why, out);
        }
    }

    /// Gives up the events of an invocation that hasn't answered while they were hidden.
    pub(super) fn unhide(&mut self, id: u64, out: &mut Vec<Action<P>>) {
        let Some(invocation) = self.invocations.get_mut(&id) else {
            return;
        };
        invocation.hidden = None;
        let events = std::mem::take(&mut invocation.events);
        if let Some(source) = invocation.source {
            self.resolve(source, events, &|_| true, Why::Hidden, out);
        }
    }

    /// Fails the events that have waited longest for an instance that can't be started.
    pub(super) fn fail_oldest(
        &mut self,
        function: FunctionId,
        instance: u64,
        out: &mut Vec<Action<P>>,
    ) {
        let Some(source) = self.oldest(function) else {
            return;
        };
        let events = self.take(source);
        let (wait, init) = self.waited(function, instance, &events, true);
        out.push(Action::Ended(Report {
            invocation: None,
            function,
            source,
            instance,
            events: events.len(),
            attempt: events.iter().map(|it| it.attempt).max().unwrap_or(1),
            verdict: Verdict::InitFailed,
            wait,
            init,
            func: Nanos::ZERO,
            cold: true,
        }));
        self.resolve(source, events, &|_| true, Why::InitFailed, out);
    }

    /// Tells whether an instance takes invocations.
    pub(super) fn is_ready(&self, function: FunctionId, instance: u64) -> bool {
        let instance = self.pool(function).instances.get(&instance);
        instance.is_some_and(|it| it.phase == Phase::Ready && !it.retired)
    }
}
