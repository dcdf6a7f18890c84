//! What the engine remembers of functions, sources, instances and invocations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::clock::{Nanos, Time, Token};
use super::event::Event;
use super::ledger::Ledger;
use super::line::Line;
use super::profile::{Policy, Pollers, Profile};
use super::program::{Function, FunctionId, Source, SourceId};
use super::{Engine, Payload};

/// The events of a source.
#[derive(Debug)]
pub(super) struct SourceState<P> {
    /// What could be handled now.
    pub(super) line: Line<P>,
    /// What waits for its delay or its next attempt, by when that ends, then in order.
    pub(super) later: BTreeMap<(Time, u64), Event<P>>,
    pub(super) ledger: Ledger,
    /// Invocations of this source that go on.
    pub(super) in_flight: u32,
    pub(super) due: Option<Token>,
    pub(super) window: Option<Token>,
    pub(super) expiry: Option<Token>,
    /// What reads the queue, where the platform limits that.
    pub(super) pollers: Pollers,
}

impl<P> SourceState<P> {
    pub(super) fn new(fifo: bool) -> Self {
        SourceState {
            line: Line::new(fifo),
            later: BTreeMap::new(),
            ledger: Ledger::default(),
            in_flight: 0,
            due: None,
            window: None,
            expiry: None,
            pollers: Pollers::default(),
        }
    }

    /// Returns how many events wait, be it for an instance or for their time.
    pub(super) fn waiting(&self) -> usize {
        self.line.len() + self.later.len()
    }
}

/// The instances of a function.
#[derive(Debug, Default)]
pub(super) struct FunctionState {
    /// Its sources, in the order of the program.
    pub(super) sources: Vec<SourceId>,
    pub(super) instances: BTreeMap<u64, Instance>,
    /// Ready instances with a free slot, by age.
    pub(super) free: BTreeSet<u64>,
    /// Ready instances with nothing to do, by since when.
    pub(super) idle: BTreeSet<(Time, u64)>,
    /// Running invocations, oldest first.
    pub(super) running: BTreeSet<u64>,
    pub(super) deadline: Option<Token>,
    pub(super) idle_alarm: Option<Token>,
    /// Instances that failed to start, one after the other.
    pub(super) strikes: u32,
    /// Until when no instance is started ahead.
    pub(super) hold: Option<Time>,
    /// The platform's rule, and what it remembers.
    pub(super) policy: Policy,
    /// When the rule is to be asked again.
    pub(super) review: Option<Token>,
}

/// A process that handles invocations.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) phase: Phase,
    pub(super) started: Time,
    /// Since when it has nothing to do, if it has nothing to do.
    pub(super) idle_since: Time,
    pub(super) running: u32,
    /// Its program has changed: it takes no more invocations.
    pub(super) retired: bool,
}

/// Where an instance stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It loads its handler; the alarm is for when that takes too long.
    Starting(Token),
    /// It takes invocations.
    Ready,
    /// It was asked to end, or killed, and isn't gone yet.
    Stopping,
}

/// A call of a handler that goes on.
#[derive(Debug)]
pub(super) struct Invocation<P> {
    pub(super) function: FunctionId,
    /// None when the source is no longer part of the program.
    pub(super) source: Option<SourceId>,
    pub(super) instance: u64,
    /// What it handles; empty when its events are no longer hidden, and so no longer its own.
    pub(super) events: Vec<Event<P>>,
    pub(super) count: usize,
    pub(super) attempt: u32,
    pub(super) started: Time,
    pub(super) deadline: Time,
    pub(super) hidden: Option<Token>,
    pub(super) wait: Nanos,
    pub(super) init: Nanos,
    pub(super) cold: bool,
}

impl<P> Invocation<P> {
    /// Returns the groups of its events, each once.
    pub(super) fn groups(&self) -> BTreeSet<Arc<str>> {
        let name = |it: &Event<P>| it.group.clone().unwrap_or_else(|| Arc::from(""));
        self.events.iter().map(name).collect()
    }
}

const KNOWN: &str = "numbers of functions and sources come from the program itself";

impl<P: Payload> Engine<P> {
    pub(super) fn source(&self, id: SourceId) -> &Source {
        self.program.sources.get(id.0).expect(KNOWN)
    }

    pub(super) fn function(&self, id: FunctionId) -> &Function {
        self.program.functions.get(id.0).expect(KNOWN)
    }

    pub(super) fn state(&self, id: SourceId) -> &SourceState<P> {
        self.sources.get(id.0).expect(KNOWN)
    }

    pub(super) fn state_mut(&mut self, id: SourceId) -> &mut SourceState<P> {
        self.sources.get_mut(id.0).expect(KNOWN)
    }

    pub(super) fn pool(&self, id: FunctionId) -> &FunctionState {
        self.functions.get(id.0).expect(KNOWN)
    }

    pub(super) fn pool_mut(&mut self, id: FunctionId) -> &mut FunctionState {
        self.functions.get_mut(id.0).expect(KNOWN)
    }

    /// Tells each function which sources feed it.
    pub(super) fn connect(&mut self) {
        for (at, pool) in self.functions.iter_mut().enumerate() {
            pool.sources = self.program.sources_of(FunctionId(at)).collect();
            if self.profile != Profile::Portable && matches!(pool.policy, Policy::AtOnce) {
                pool.policy = self.profile.policy(self.now);
            }
        }
    }
}
