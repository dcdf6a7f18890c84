//! Whatever happens, and wherever the log of the store ends: what was accepted by then is there.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::engine::{
    Action, Engine, Function, FunctionId, Input, Nanos, Outcome, Profile, Retry, Scale, Ticks,
    Topic, TopicId,
};
use crate::model::{Cron, Thing};
use crate::runtime::store::tests::{Model, state};

const START: Time = Time(1_767_225_600_000_000_000);

/// A function with a queue, a fifo queue, a topic and a schedule; what fails is parked, or dropped.
fn program() -> Program {
    let mut program = Program::default();
    program.functions.push(Function {
        name: "work".to_owned(),
        scale: Scale {
            min: 2,
            max: 3,
            concurrency: 1,
            target: 100,
            idle: Nanos::SECOND,
        },
        timeout: Nanos::SECOND,
        init_limit: Nanos::SECOND,
    });
    let minutely = Ticks::new(&Cron::parse("* * * * *").unwrap(), None).unwrap();
    let kinds = [
        ("jobs", Kind::Queue),
        ("rows", Kind::Queue),
        ("news", Kind::Topic),
        ("* * * * *", Kind::Schedule(Box::new(minutely))),
        ("http", Kind::Http),
    ];
    for (name, kind) in kinds {
        let mut source = Source::new(name, Some(FunctionId(0)), kind);
        source.batch = 3;
        source.fifo = name == "rows";
        source.retry = Retry {
            more: Some(1),
            then: (name != "news").then_some(SourceId(5)),
        };
        program.sources.push(source);
    }
    program
        .sources
        .push(Source::new("parked", None, Kind::Queue));
    program.topics.push(Topic {
        of: Thing::Topic,
        name: "news".to_owned(),
        subscribers: vec![SourceId(2)],
    });
    program
}

fn message(number: u64) -> Payload {
    Payload::Message(Arc::new(Sent {
        id: format!("m{number}"),
        time: START,
        message: Message {
            body: Bytes::from(format!("body\nof {number}")),
            binary: number.is_multiple_of(2),
            attributes: vec![("kind".to_owned(), format!("\"{number}\"\n"))],
            group: Some(format!("g{}", number % 2)),
            ..Message::default()
        },
        log: None,
    }))
}

/// What a test makes happen.
#[derive(Debug, Clone, Copy)]
enum Step {
    Send(usize),
    Publish,
    Answer(u8),
    Crash,
    Wait(u64),
    Redrive,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2usize).prop_map(Step::Send),
        1 => Just(Step::Publish),
        5 => any::<u8>().prop_map(Step::Answer),
        1 => Just(Step::Crash),
        3 => prop_oneof![1..50u64, 500..70_000u64].prop_map(Step::Wait),
        1 => Just(Step::Redrive),
    ];
    proptest::collection::vec(step, 1..80)
}

/// Drives an engine as the runtime does, and remembers after each step what should be there.
struct Run {
    engine: Engine<Payload>,
    now: Time,
    kept: Kept,
    /// Calls that go on, with their instances.
    calls: BTreeMap<u64, (u64, Vec<u64>)>,
    sent: u64,
    expected: BTreeMap<Vec<u8>, Vec<u8>>,
    history: Vec<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl Run {
    fn input(&mut self, input: Input<Payload>) {
        let mut actions = Vec::new();
        self.engine.step(self.now, input, &mut actions);
        let program = self.engine.program().clone();
        let mut ready = Vec::new();
        for action in actions {
            match action {
                Action::Keep { source, event } => {
                    self.kept.keep(&program, source, &event);
                    let value = encode(&program, source, &event).unwrap();
                    self.expected.insert(key(event.id).to_vec(), value);
                }
                Action::Settled {
                    source,
                    event,
                    fate,
                } => {
                    self.kept.settled(&program, source, event, fate);
                    if matches!(fate, Fate::Done | Fate::Failed(_) | Fate::Dropped(_)) {
                        self.expected.remove(key(event).as_slice());
                    }
                }
                Action::Start { instance, .. } => ready.push(Input::Ready { instance }),
                Action::Invoke(invoke) => {
                    let events = invoke.events.iter().map(|it| it.event).collect();
                    self.calls
                        .insert(invoke.invocation, (invoke.instance, events));
                }
                Action::Stop { instance } | Action::Kill { instance } => {
                    self.calls.retain(|_, it| it.0 != instance);
                    ready.push(Input::Exited { instance });
                }
                Action::Ended(_) | Action::Accepted { .. } => {}
            }
        }
        let mark = self.history.len() as u64;
        self.kept
            .changes
            .push(Change::put("step", [], mark.to_be_bytes().into()));
        self.kept.write();
        self.history.push(self.expected.clone());
        for input in ready {
            self.input(input);
        }
    }

    fn happen(&mut self, step: Step) {
        match step {
            Step::Send(queue) => {
                self.sent += 1;
                self.input(Input::Arrive {
                    source: SourceId(queue),
                    payload: message(self.sent),
                    group: (queue == 1).then(|| Arc::from(format!("g{}", self.sent % 2))),
                    delay: self.sent.is_multiple_of(3).then_some(Nanos::SECOND),
                });
            }
            Step::Publish => {
                self.sent += 1;
                self.input(Input::Publish {
                    topic: TopicId(0),
                    payload: message(self.sent),
                    group: None,
                    passed_over: Vec::new(),
                });
            }
            Step::Answer(how) => {
                let Some((invocation, (_, events))) = self.calls.pop_first() else {
                    return;
                };
                let outcome = match how % 3 {
                    0 => Outcome::Done,
                    1 => Outcome::Failed,
                    _ => Outcome::Partial(events.into_iter().step_by(2).collect()),
                };
                self.input(Input::Ended {
                    invocation,
                    outcome,
                });
            }
            Step::Crash => {
                if let Some((_, (instance, _))) = self.calls.pop_first() {
                    self.calls.retain(|_, it| it.0 != instance);
                    self.input(Input::Exited { instance });
                }
            }
            Step::Wait(millis) => {
                self.now = self.now + Nanos::millis(millis);
                self.input(Input::Wake);
            }
            Step::Redrive => self.input(Input::Redrive {
                queue: SourceId(5),
                events: None,
            }),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_prefix_of_the_log_holds_what_was_accepted_by_then(steps in steps(), pauses: u64) {
        let disk = Model::default();
        let store = Store::on(Box::new(disk.clone()), None).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut run = Run {
            engine: Engine::new(program(), Profile::Portable, START),
            now: START,
            kept: runtime.block_on(Kept::of(store)).unwrap(),
            calls: BTreeMap::new(),
            sent: 0,
            expected: BTreeMap::new(),
            history: Vec::new(),
        };
        run.input(Input::Start);
        for (at, step) in steps.into_iter().enumerate() {
            run.happen(step);
            if pauses >> (at % 64) & 1 == 1 {
                // What is promised is in the log.
                runtime.block_on(run.kept.saved().wait()).unwrap();
                let commits = disk.commits.lock().unwrap();
                prop_assert_eq!(&state(&commits, SPACE), &run.expected);
            }
        }
        run.kept.close().unwrap().close().unwrap();
        let commits = disk.commits.lock().unwrap();
        for length in 1..=commits.len() {
            let prefix = &commits[..length];
            let mark = state(prefix, "step").into_values().next().unwrap();
            let step = usize::try_from(u64::from_be_bytes(mark.try_into().unwrap())).unwrap();
            let found = state(prefix, SPACE);
            // Nothing is torn: it is the state after some step, all of it.
            prop_assert_eq!(&found, &run.history[step]);
            // And it is read as it was written, and finds its place in the program.
            let program = program();
            let places = places(&program);
            for (key, value) in found {
                let record = Record { key, value };
                let stored = decode(&record).unwrap();
                let mut event = stored.event.clone();
                event.origin = stored.origin.map(|it| places[&it]);
                let again = encode(&program, places[&stored.source], &event);
                prop_assert_eq!(again, Some(record.value));
            }
        }
        let last = run.history.len() - 1;
        prop_assert_eq!(&state(&commits, SPACE), &run.history[last]);
    }
}
