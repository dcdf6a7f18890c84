//! Auto-scaling, `N_instance = ceil(L_load / (C_instance × target))`, clamped to MIN..MAX; and the
//! life of instances. What is starting or stopping counts, so MAX holds at every instant.

use super::clock::{Time, Token};
use super::deliver::back_off;
use super::profile::Pool;
use super::program::{FunctionId, SourceId};
use super::state::{Instance, Phase};
use super::{Action, Alarm, Engine, Numbers, Payload};

impl<P: Payload> Engine<P> {
    /// Starts and stops instances until there are as many as wanted.
    pub(super) fn resize(&mut self, function: FunctionId, out: &mut Vec<Action<P>>) {
        let scale = self.function(function).scale;
        let min = if self.draining {
            0
        } else {
            scale.min.min(scale.max)
        };
        let loaded = self.wanted(function);
        let floor = min.max(loaded);
        let pool = self.pool(function);
        let all = pool.instances.values();
        let serves = |it: &&Instance| !it.retired && it.phase != Phase::Stopping;
        let serving = count(all.clone().filter(serves));
        let ready = count(
            all.clone()
                .filter(serves)
                .filter(|it| it.phase == Phase::Ready),
        );
        let alive = count(all);

        // After a failed start only waiting events, which fail one by one, start another.
        let want = match pool.hold {
            Some(hold) if hold > self.now => {
                if ready > 0 {
                    0
                } else {
                    loaded
                }
            }
            Some(_) | None => floor,
        };
        let room = scale.max.saturating_sub(alive);
        for _ in 0..want.saturating_sub(serving).min(room) {
            self.launch(function, out);
        }
        self.stop_idle(function, ready, floor, out);
        if self.profile.refuses() {
            self.refuse(function, out);
        }
    }

    /// Asks the platform's rule for the number of instances, MIN aside.
    fn wanted(&mut self, function: FunctionId) -> u32 {
        let scale = self.function(function).scale;
        let load = self.load(function);
        if let Some(instances) = self.profile.at_once(load, &scale) {
            return instances;
        }
        let pool = self.pool(function);
        let (mut ready, mut starting, mut stopping) = (0, 0, 0_u32);
        for instance in pool.instances.values() {
            match instance.phase {
                Phase::Stopping => stopping += 1,
                Phase::Starting(_) | Phase::Ready if instance.retired => stopping += 1,
                Phase::Starting(_) => starting += 1,
                Phase::Ready => ready += 1,
            }
        }
        let requests = |it: &SourceId| self.source(*it).kind.is_http();
        let told = Pool {
            now: self.now,
            load,
            serving: ready + starting,
            ready,
            room: scale.max.saturating_sub(ready + starting + stopping),
            scale,
            http: pool.sources.iter().any(requests),
        };
        let pool = self.pool_mut(function);
        let want = pool.policy.want(&told);
        let armed = pool.review.take();
        let mut again = want.again;
        if self.profile.refuses() {
            again = again
                .into_iter()
                .chain(self.look_at_pollers(function))
                .min();
        }
        if armed.map(Token::at) == again {
            self.pool_mut(function).review = armed;
        } else {
            if let Some(armed) = armed {
                self.timers.cancel(armed);
            }
            let token = again.map(|at| self.timers.set(at, Alarm::Review(function)));
            self.pool_mut(function).review = token;
        }
        want.instances
    }

    /// Lets the rule be asked again.
    pub(super) fn review(&mut self, function: FunctionId) {
        self.pool_mut(function).review = None;
        self.dirty.insert(function);
    }

    /// Takes note of what the pollers of queues see; returns when more of them look.
    fn look_at_pollers(&mut self, function: FunctionId) -> Option<Time> {
        let mut next = None;
        for source in self.pool(function).sources.clone() {
            if self.source(source).kind.is_queue() {
                let (now, cut) = (self.now, self.cut(source));
                let state = self.state_mut(source);
                let waiting = state.line.batches(cut) > 0;
                let more = state.pollers.look(now, waiting, state.in_flight);
                next = next.into_iter().chain(more).min();
            }
        }
        next
    }

    /// Refuses requests that neither an instance nor one that starts can take: nothing of them waits.
    fn refuse(&mut self, function: FunctionId, out: &mut Vec<Action<P>>) {
        let pool = self.pool(function);
        let coming = pool.instances.values();
        let coming = coming.filter(|it| matches!(it.phase, Phase::Starting(_)) && !it.retired);
        let coming = coming.count();
        let sources = pool.sources.iter().copied();
        let callers = sources.filter(|it| self.source(*it).synchronous());
        let callers: Vec<SourceId> = callers.collect();
        let mut waiting: Vec<(u64, SourceId)> = Vec::new();
        for source in callers {
            let line = self.state(source).line.iter();
            waiting.extend(line.map(|it| (it.id, source)));
        }
        if waiting.len() <= coming {
            return;
        }
        waiting.sort_unstable();
        for (event, source) in waiting.split_off(coming) {
            self.throttle(source, event, out);
        }
    }

    fn launch(&mut self, function: FunctionId, out: &mut Vec<Action<P>>) {
        let id = Numbers::next(&mut self.numbers.instance);
        let limit = self.now + self.function(function).init_limit;
        let token = self.timers.set(limit, Alarm::Init(id));
        let instance = Instance {
            phase: Phase::Starting(token),
            started: self.now,
            idle_since: self.now,
            running: 0,
            retired: false,
        };
        self.pool_mut(function).instances.insert(id, instance);
        self.instances.insert(id, function);
        out.push(Action::Start {
            function,
            instance: id,
        });
    }

    /// Stops instances that nobody needs, the one that has been idle longest first. Those that are
    /// still starting don't stand in for them: so many are ready, not on their way.
    fn stop_idle(
        &mut self,
        function: FunctionId,
        mut ready: u32,
        floor: u32,
        out: &mut Vec<Action<P>>,
    ) {
        let idle = self.profile.idle(&self.function(function).scale);
        while ready > floor
            && let Some((since, id)) = self.pool(function).idle.first().copied()
        {
            if since + idle > self.now && !self.draining {
                if self.pool(function).idle_alarm.is_none() {
                    let token = self.timers.set(since + idle, Alarm::Idle(function));
                    self.pool_mut(function).idle_alarm = Some(token);
                }
                return;
            }
            self.put_away(function, id);
            out.push(Action::Stop { instance: id });
            ready -= 1;
        }
    }

    pub(super) fn idle_alarm(&mut self, function: FunctionId) {
        self.pool_mut(function).idle_alarm = None;
        self.dirty.insert(function);
    }

    /// Makes an instance one that is ending.
    fn put_away(&mut self, function: FunctionId, id: u64) {
        let pool = self.pool_mut(function);
        let Some(instance) = pool.instances.get_mut(&id) else {
            return;
        };
        let before = std::mem::replace(&mut instance.phase, Phase::Stopping);
        let idle = (instance.idle_since, id);
        pool.free.remove(&id);
        pool.idle.remove(&idle);
        if let Phase::Starting(token) = before {
            self.timers.cancel(token);
        }
    }

    pub(super) fn kill(&mut self, function: FunctionId, id: u64, out: &mut Vec<Action<P>>) {
        self.put_away(function, id);
        out.push(Action::Kill { instance: id });
    }

    /// Takes a slot of an instance.
    pub(super) fn occupy(&mut self, function: FunctionId, id: u64) {
        let slots = self.function(function).scale.concurrency;
        let pool = self.pool_mut(function);
        let Some(instance) = pool.instances.get_mut(&id) else {
            return;
        };
        pool.idle.remove(&(instance.idle_since, id));
        instance.running += 1;
        if instance.running >= slots {
            pool.free.remove(&id);
        }
    }

    /// Gives a slot back.
    pub(super) fn release_slot(&mut self, function: FunctionId, id: u64, out: &mut Vec<Action<P>>) {
        let now = self.now;
        let slots = self.function(function).scale.concurrency;
        let pool = self.pool_mut(function);
        let Some(instance) = pool.instances.get_mut(&id) else {
            return;
        };
        instance.running -= 1;
        if instance.phase != Phase::Ready {
            return;
        }
        if instance.retired {
            if instance.running == 0 {
                self.put_away(function, id);
                out.push(Action::Stop { instance: id });
            }
            return;
        }
        if instance.running < slots {
            pool.free.insert(id);
        }
        if instance.running == 0 {
            instance.idle_since = now;
            pool.idle.insert((now, id));
        }
    }

    /// Takes note that an instance takes invocations, and gives it some.
    pub(super) fn ready(&mut self, id: u64, out: &mut Vec<Action<P>>) {
        let now = self.now;
        let Some(function) = self.instances.get(&id).copied() else {
            return;
        };
        let pool = self.pool_mut(function);
        let Some(instance) = pool.instances.get_mut(&id) else {
            return;
        };
        let Phase::Starting(token) = instance.phase else {
            return;
        };
        instance.phase = Phase::Ready;
        instance.idle_since = now;
        self.timers.cancel(token);
        if self
            .pool(function)
            .instances
            .get(&id)
            .is_some_and(|it| it.retired)
        {
            self.put_away(function, id);
            out.push(Action::Stop { instance: id });
        } else {
            let pool = self.pool_mut(function);
            pool.free.insert(id);
            pool.idle.insert((now, id));
        }
        self.dirty.insert(function);
        self.fresh = Some(id);
        self.decide(out);
        self.fresh = None;
    }

    /// Ends an instance that has nothing to do; one that has stays.
    pub(super) fn reclaim(&mut self, id: u64, out: &mut Vec<Action<P>>) {
        let Some(function) = self.instances.get(&id).copied() else {
            return;
        };
        let instance = self.pool(function).instances.get(&id);
        let idle = instance.is_some_and(|it| it.phase == Phase::Ready && it.running == 0);
        if idle {
            self.put_away(function, id);
            out.push(Action::Stop { instance: id });
            self.dirty.insert(function);
        }
    }

    /// Takes note that an instance is gone.
    pub(super) fn exited(&mut self, id: u64, out: &mut Vec<Action<P>>) {
        let Some(function) = self.instances.remove(&id) else {
            return;
        };
        self.dirty.insert(function);
        let instance = self.pool(function).instances.get(&id);
        let before = instance.map_or(Phase::Stopping, |it| it.phase);
        let running = instance.map_or(0, |it| it.running);
        self.put_away(function, id);
        match before {
            Phase::Stopping => {}
            Phase::Starting(_) => self.start_failed(function, id, out),
            Phase::Ready if running == 0 => self.strike(function),
            Phase::Ready => self.abandon(function, id, out),
        }
        self.pool_mut(function).instances.remove(&id);
    }

    pub(super) fn init_took_too_long(&mut self, id: u64, out: &mut Vec<Action<P>>) {
        let Some(function) = self.instances.get(&id).copied() else {
            return;
        };
        self.kill(function, id, out);
        self.start_failed(function, id, out);
        self.dirty.insert(function);
    }

    /// An instance didn't become ready: when no other one is, the events that wait longest fail.
    fn start_failed(&mut self, function: FunctionId, id: u64, out: &mut Vec<Action<P>>) {
        self.strike(function);
        let instances = self.pool(function).instances.keys();
        if !instances.clone().any(|it| self.is_ready(function, *it)) {
            self.fail_oldest(function, id, out);
        }
    }

    /// Waits longer each time before an instance is started ahead again.
    fn strike(&mut self, function: FunctionId) {
        let strikes = self.pool(function).strikes + 1;
        let hold = self.now + back_off(strikes);
        self.timers.set(hold, Alarm::Hold(function));
        let pool = self.pool_mut(function);
        pool.strikes = strikes;
        pool.hold = Some(hold);
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
