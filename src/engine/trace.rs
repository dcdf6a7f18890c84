//! What happened, as text: a line for every input and every action, the same for the same inputs.

use std::fmt::Write;

use super::clock::Time;
use super::event::Fate;
use super::program::{FunctionId, Program, SourceId};
use super::{Action, Input, Invoke, Outcome, Payload, Report, Verdict};

/// A trace in the making.
#[derive(Debug, Clone)]
pub struct Trace {
    start: Time,
    text: String,
}

impl Trace {
    /// Returns an empty trace whose times count from `start`, in seconds.
    pub fn new(start: Time) -> Self {
        Trace {
            start,
            text: String::new(),
        }
    }

    /// Returns the lines so far.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn line(&mut self, now: Time, mark: &str, what: &str) {
        let nanos = now.since(self.start).0;
        let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        let fraction = format!("{rest:09}");
        let fraction = fraction.trim_end_matches('0');
        let fraction = format!("{fraction:0<3}");
        writeln!(self.text, "{seconds:>4}.{fraction} {mark} {what}")
            .expect("writing to a string does not fail");
    }

    /// Writes down an input.
    pub fn input<P: Payload>(&mut self, program: &Program, now: Time, input: &Input<P>) {
        let what = match input {
            Input::Wake => return,
            Input::Start => "start".to_owned(),
            Input::Arrive { source, group, .. } => {
                let group = group
                    .as_ref()
                    .map_or(String::new(), |it| format!(" group {it}"));
                format!("arrive {}{group}", label(program, *source))
            }
            Input::Publish { topic, .. } => {
                let topic = program.topics.get(topic.0);
                format!("publish {}", topic.map_or("?", |it| &it.name))
            }
            Input::Spread { to, .. } => {
                let to: Vec<String> = to.iter().map(|it| label(program, *it)).collect();
                format!("bring to {}", to.join(", "))
            }
            Input::PassOver { source } => format!("pass over in {}", label(program, *source)),
            Input::Restore { events } => format!("restore {} events", events.len()),
            Input::Fire { source } => format!("fire {}", label(program, *source)),
            Input::Ready { instance } => format!("ready #{instance}"),
            Input::Ended {
                invocation,
                outcome,
            } => match outcome {
                Outcome::Done => format!("answer call {invocation}"),
                Outcome::Failed => format!("answer call {invocation}: failed"),
                Outcome::Partial(list) => format!("answer call {invocation}: failed {list:?}"),
            },
            Input::Exited { instance } => format!("exited #{instance}"),
            Input::Reclaim { instance } => format!("reclaim #{instance}"),
            Input::Withdraw { event, .. } => format!("withdraw {event}"),
            Input::Redrive { queue, .. } => format!("redrive {}", label(program, *queue)),
            Input::Reload { .. } => "reload".to_owned(),
            Input::Drain => "drain".to_owned(),
        };
        self.line(now, ">", &what);
    }

    /// Writes down actions.
    pub fn actions<P: Payload>(&mut self, program: &Program, now: Time, actions: &[Action<P>]) {
        for action in actions {
            let what = match action {
                // It says again what the other lines say, for those who keep events.
                Action::Keep { .. } => continue,
                Action::Start { function, instance } => {
                    format!("start {}#{instance}", name(program, *function))
                }
                Action::Stop { instance } => format!("stop #{instance}"),
                Action::Kill { instance } => format!("kill #{instance}"),
                Action::Invoke(invoke) => invoked(program, invoke),
                Action::Ended(report) => ended(program, report),
                Action::Settled {
                    source,
                    event,
                    fate,
                } => settled(program, self.start, *source, *event, *fate),
                Action::Accepted { source, event } => {
                    format!("event {event} on {}", label(program, *source))
                }
            };
            self.line(now, " ", &what);
        }
    }
}

fn name(program: &Program, id: FunctionId) -> &str {
    program.functions.get(id.0).map_or("?", |it| &it.name)
}

/// Names a source: the queue, or what of which function.
fn label(program: &Program, id: SourceId) -> String {
    let Some(source) = program.sources.get(id.0) else {
        return "?".to_owned();
    };
    match (&source.kind, source.function) {
        (super::Kind::Queue, _) | (_, None) => source.name.clone(),
        (_, Some(function)) => format!("{}/{}", name(program, function), source.name),
    }
}

fn invoked<P>(program: &Program, invoke: &Invoke<P>) -> String {
    let event = |it: &super::Delivery<P>| match it.attempt {
        1 => it.event.to_string(),
        n => format!("{} (attempt {n})", it.event),
    };
    let events: Vec<String> = invoke.events.iter().map(event).collect();
    format!(
        "call {} {}#{} {} [{}]",
        invoke.invocation,
        name(program, invoke.function),
        invoke.instance,
        label(program, invoke.source),
        events.join(", ")
    )
}

fn ended(program: &Program, report: &Report) -> String {
    let call = report
        .invocation
        .map_or("no call".to_owned(), |it| format!("call {it}"));
    let verdict = match report.verdict {
        Verdict::Partial(failed) => format!("{failed} of {} failed", report.events),
        Verdict::Done
        | Verdict::Failed
        | Verdict::TimedOut
        | Verdict::Crashed
        | Verdict::InitFailed => report.verdict.word().to_owned(),
    };
    format!(
        "{call} {} {verdict}: wait {} init {} func {}{}",
        name(program, report.function),
        report.wait,
        report.init,
        report.func,
        if report.cold { " cold" } else { "" }
    )
}

fn settled(program: &Program, start: Time, source: SourceId, event: u64, fate: Fate) -> String {
    let source = label(program, source);
    match fate {
        Fate::Done => format!("event {event} of {source} done"),
        Fate::Retry(at, why) => format!(
            "event {event} of {source} {}, again at {}",
            why.words(),
            at.since(start)
        ),
        Fate::Split(at, why) => format!(
            "event {event} of {source} {}, again with half of its batch at {}",
            why.words(),
            at.since(start)
        ),
        Fate::Parked(queue, why) => format!(
            "event {event} of {source} {}, parked in {}",
            why.words(),
            label(program, queue)
        ),
        Fate::Failed(why) => format!("event {event} of {source} {}, given up", why.words()),
        Fate::Dropped(why) => format!("event {event} of {source} dropped: {}", why.words()),
        Fate::Redriven(origin) => {
            format!(
                "event {event} of {source} sent back to {}",
                label(program, origin)
            )
        }
    }
}
