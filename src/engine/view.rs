//! What can be seen of the engine from outside: counts for tables and metrics, and parked events.

use super::clock::{Nanos, Time};
use super::event::Event;
use super::ledger::Ledger;
use super::program::{FunctionId, SourceId};
use super::state::Phase;
use super::{Engine, Payload};

/// The instances of a function, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FunctionView {
    /// Loading their handler.
    pub starting: usize,
    /// Ready, be they busy or not.
    pub ready: usize,
    /// Ready and with something to do.
    pub busy: usize,
    /// Asked to end, not gone yet.
    pub stopping: usize,
    /// Invocations that go on.
    pub running: usize,
    /// Ready instances with a free slot.
    pub free: usize,
    /// The most invocations that any one instance handles.
    pub fullest: u32,
    /// Batches that could start now.
    pub startable: u64,
}

impl FunctionView {
    /// Returns how many are alive.
    pub fn alive(&self) -> usize {
        self.starting + self.ready + self.stopping
    }
}

/// The events of a source, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceView {
    /// What came in, and what became of it.
    pub ledger: Ledger,
    /// Waiting, be it for an instance or for their time.
    pub waiting: usize,
    /// How long the oldest waiting one has been here.
    pub oldest: Option<Nanos>,
}

/// An event that waits in a parking queue.
#[derive(Debug, Clone)]
pub struct Parked<'a, P> {
    /// The queue it waits in.
    pub queue: SourceId,
    /// Where it came from.
    pub origin: SourceId,
    /// Its number.
    pub event: u64,
    /// When it was parked.
    pub since: Time,
    /// What it carries.
    pub payload: &'a P,
}

impl<P: Payload> Engine<P> {
    /// Returns the time of the last input.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Returns the number that the next event gets.
    pub fn next_event(&self) -> u64 {
        self.numbers.event + 1
    }

    /// Leaves the numbers up to this one to others: events that come get higher ones.
    pub fn skip_events(&mut self, last: u64) {
        self.numbers.event = self.numbers.event.max(last);
    }

    /// Counts the instances of a function.
    pub fn function_view(&self, id: FunctionId) -> FunctionView {
        let pool = self.pool(id);
        let mut view = FunctionView {
            running: pool.running.len(),
            free: pool.free.len(),
            startable: self.load(id) - pool.running.len() as u64,
            ..FunctionView::default()
        };
        for instance in pool.instances.values() {
            view.fullest = view.fullest.max(instance.running);
            match instance.phase {
                Phase::Starting(_) => view.starting += 1,
                Phase::Ready => {
                    view.ready += 1;
                    view.busy += usize::from(instance.running > 0);
                }
                Phase::Stopping => view.stopping += 1,
            }
        }
        view
    }

    /// Counts the events of a source.
    pub fn source_view(&self, id: SourceId) -> SourceView {
        let state = self.state(id);
        let waiting = state.line.iter().chain(state.later.values());
        let oldest = waiting.map(|it| it.arrived).min();
        SourceView {
            ledger: state.ledger,
            waiting: state.waiting(),
            oldest: oldest.map(|it| self.now.since(it)),
        }
    }

    /// Returns how many events of a source wait.
    pub fn waiting(&self, id: SourceId) -> usize {
        self.state(id).waiting()
    }

    /// Tells whether nothing runs and no caller waits.
    pub fn is_quiet(&self) -> bool {
        let mut all = self.program.sources.iter().zip(&self.sources);
        let callers = all.any(|(rule, state)| rule.synchronous() && state.waiting() > 0);
        self.invocations.is_empty() && !callers
    }

    /// Returns the events that wait in parking queues, queue by queue.
    pub fn parked(&self) -> impl Iterator<Item = Parked<'_, P>> {
        let queues = self.sources.iter().enumerate();
        queues.flat_map(|(at, state)| {
            let waiting = state.line.iter().chain(state.later.values());
            waiting.filter_map(move |it: &Event<P>| {
                Some(Parked {
                    queue: SourceId(at),
                    origin: it.origin?,
                    event: it.id,
                    since: it.arrived,
                    payload: &it.payload,
                })
            })
        })
    }
}
