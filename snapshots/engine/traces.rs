//! Small programs and what the scheduler does with them: language in, trace out. Times are in seconds.

use std::sync::Arc;

use fnc::check::{Choices, HandlerFiles, check};
use fnc::engine::{Input, Invoke, Nanos, Outcome, Program, lower};
use fnc::model::duration_value;
use fnc::source::Sources;
use fnc::syntax::parse;

use super::world::{Model, World};
use crate::harness::snapshot;

/// Handler files that hold whatever is asked for.
struct AnyHandler;

impl HandlerFiles for AnyHandler {
    fn read(&self, _: &str) -> Option<String> {
        Some("def handle(event, context): pass\n".to_owned())
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

fn program(text: &str) -> Program {
    let mut sources = Sources::default();
    let id = sources.add("app.fn", text);
    let parsed = parse(sources.get(id).unwrap());
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let checked = check(&[parsed.file], &Choices::default(), &AnyHandler);
    let errors = fnc::diagnostic::has_errors(&checked.diagnostics);
    assert!(!errors, "{:?}", checked.diagnostics);
    lower(&checked.app.unwrap(), u32::MAX).unwrap()
}

/// Handlers that take 100 ms, instances that are ready after 200 ms, and what goes wrong with them.
struct Handlers {
    /// How calls go, in turn; afterwards all are done.
    calls: Vec<(u64, Option<Outcome>)>,
    /// How starts go, in turn; afterwards all are good.
    starts: Vec<bool>,
}

impl Model for Handlers {
    fn init(&mut self, _: u64) -> (Nanos, bool) {
        let good = self.starts.is_empty() || self.starts.remove(0);
        (Nanos::millis(200), good)
    }

    fn call(&mut self, _: &Invoke<()>) -> (Nanos, Option<Outcome>) {
        if self.calls.is_empty() {
            return (Nanos::millis(100), Some(Outcome::Done));
        }
        let (millis, outcome) = self.calls.remove(0);
        (Nanos::millis(millis), outcome)
    }

    fn stop(&mut self) -> Nanos {
        Nanos::millis(10)
    }
}

/// A program that runs on the virtual clock.
struct Stage {
    name: &'static str,
    text: &'static str,
    world: World<Handlers>,
}

fn stage(name: &'static str, text: &'static str) -> Stage {
    troubled(name, text, Vec::new(), Vec::new())
}

fn troubled(
    name: &'static str,
    text: &'static str,
    calls: Vec<(u64, Option<Outcome>)>,
    starts: Vec<bool>,
) -> Stage {
    let handlers = Handlers { calls, starts };
    let world = World::new(program(text), handlers, true);
    Stage { name, text, world }
}

impl Stage {
    fn send(mut self, queue: &str, group: Option<&str>) -> Self {
        let source = self.world.engine.program().queue(queue).unwrap();
        self.world.input(Input::Arrive {
            source,
            payload: (),
            group: group.map(Arc::from),
            delay: None,
        });
        self
    }

    fn request(mut self) -> Self {
        let sources = &self.world.engine.program().sources;
        let at = sources.iter().position(|it| it.name == "http").unwrap();
        self.world.input(Input::Arrive {
            source: fnc::engine::SourceId(at),
            payload: (),
            group: None,
            delay: None,
        });
        self
    }

    fn publish(mut self, topic: &str) -> Self {
        let topic = self.world.engine.program().topic(topic).unwrap();
        self.world.input(Input::Publish {
            topic,
            payload: (),
            group: None,
            passed_over: Vec::new(),
        });
        self
    }

    fn redrive(mut self, queue: &str) -> Self {
        let queue = self.world.engine.program().queue(queue).unwrap();
        self.world.input(Input::Redrive {
            queue,
            events: None,
        });
        self
    }

    fn crash(mut self) -> Self {
        self.world.crash(0);
        self
    }

    fn after(mut self, duration: &str) -> Self {
        let millis = duration_value(duration).unwrap().as_millis();
        self.world
            .run_for(Nanos::millis(u64::try_from(millis).unwrap()));
        self
    }

    /// Compares program and trace with the snapshot.
    fn shows(self) {
        let text = format!("{}\n\n{}", self.text.trim(), self.world.trace.as_str());
        snapshot("run", self.name, text.trim_end());
    }
}

#[test]
fn requests_start_instances_and_idle_ones_stop() {
    stage(
        "scale",
        r#"
app web
function page {
  handler "page.py:handle"
  on http GET "/" { auth none }
  scale 0..2 { idle 30s }
}"#,
    )
    .request()
    .request()
    .request()
    .after("10s")
    .request()
    .after("1m")
    .shows();
}

#[test]
fn the_minimum_is_kept_ready_and_a_crash_replaced() {
    stage(
        "minimum",
        r#"
app web
function page {
  handler "page.py:handle"
  on http GET "/" { auth none }
  scale 1..2 { concurrency 2 }
}"#,
    )
    .after("1s")
    .request()
    .request()
    .crash()
    .after("1s")
    .crash()
    .after("5s")
    .shows();
}

#[test]
fn an_incomplete_batch_waits_for_more() {
    let mut stage = stage(
        "batch",
        r#"
app jobs
queue work { retry 1 then dead }
queue dead
function do_it {
  handler "work.py:handle"
  on queue work { batch 3 within 5s }
  scale 0..4
}"#,
    );
    for _ in 0..4 {
        stage = stage.send("work", None);
    }
    stage.after("10s").shows();
}

#[test]
fn what_fails_waits_twice_as_long_each_time_and_is_parked_and_sent_back() {
    let fails = (100, Some(Outcome::Failed));
    let half = (100, Some(Outcome::Partial(vec![1])));
    troubled(
        "retry",
        r#"
app jobs
queue work { retry 2 then dead }
queue dead
function do_it {
  handler "work.py:handle"
  on queue work { batch 2 }
  scale 0..1
}"#,
        vec![fails.clone(), half, fails],
        vec![],
    )
    .send("work", None)
    .after("50ms")
    .send("work", None)
    .after("1m")
    .redrive("dead")
    .after("1m")
    .shows();
}

#[test]
fn a_call_that_takes_too_long_is_killed_with_its_instance() {
    troubled(
        "timeout",
        r#"
app jobs
queue work { retry 1 then dead }
queue dead
function do_it {
  handler "work.py:handle"
  timeout 2s
  on queue work { batch 1 }
  scale 0..1 { idle 1s }
}"#,
        vec![(60_000, Some(Outcome::Done))],
        vec![],
    )
    .send("work", None)
    .send("work", None)
    .after("10s")
    .shows();
}

#[test]
fn a_group_waits_for_its_first_message() {
    troubled(
        "groups",
        r#"
app jobs
queue work { fifo; retry 1 then dead }
queue dead { fifo }
function do_it {
  handler "work.py:handle"
  on queue work { batch 1 }
  scale 0..4
}"#,
        vec![(100, Some(Outcome::Failed))],
        vec![],
    )
    .send("work", Some("a"))
    .send("work", Some("a"))
    .send("work", Some("b"))
    .after("10s")
    .shows();
}

#[test]
fn schedules_tick_from_midnight_and_in_their_zone() {
    let fails = (100, Some(Outcome::Failed));
    troubled(
        "schedule",
        r#"
app clock
function quarter {
  handler "tick.py:handle"
  on every 6h
  scale 0..1
}
function morning {
  handler "tick.py:handle"
  on schedule "30 7 * * MON-FRI" in "Europe/Berlin"
  retry 1
  scale 0..1
}"#,
        vec![fails.clone(), fails],
        vec![],
    )
    .after("13h")
    .shows();
}

#[test]
fn every_subscriber_gets_a_copy() {
    stage(
        "topic",
        r#"
app news
topic news
function read { handler "a.py:handle"; on topic news; scale 0..1 }
function file { handler "a.py:handle"; on topic news; scale 0..1 }"#,
    )
    .publish("news")
    .after("1s")
    .shows();
}

#[test]
fn batches_of_a_queue_are_limited_apart_from_instances() {
    let mut stage = stage(
        "concurrency",
        r#"
app jobs
queue work { retry 1 then dead }
queue dead
function do_it {
  handler "work.py:handle"
  on queue work { batch 1; concurrency 2 }
  on http GET "/" { auth none }
  scale 0..4
}"#,
    );
    for _ in 0..4 {
        stage = stage.send("work", None);
    }
    stage.request().after("2s").shows();
}

#[test]
fn messages_are_held_back_and_dropped_when_they_are_too_old() {
    let fails = (100, Some(Outcome::Failed));
    troubled(
        "keep",
        r#"
app jobs
queue work { delay 2s; keep 1m }
function do_it {
  handler "work.py:handle"
  on queue work { batch 1 }
  scale 0..1 { idle 1s }
}"#,
        vec![fails; 9],
        vec![],
    )
    .send("work", None)
    .after("2m")
    .shows();
}

#[test]
fn events_fail_when_no_instance_can_be_started() {
    troubled(
        "init",
        r#"
app web
function page {
  handler "page.py:handle"
  on http GET "/" { auth none }
  scale 1..2
}"#,
        vec![],
        vec![false, false, false],
    )
    .request()
    .after("10s")
    .shows();
}
