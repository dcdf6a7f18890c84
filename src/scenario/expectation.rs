//! Whether what is expected holds, and in words what it is instead.

use serde_json::Value;

use super::answer::Answered;
use super::world::World;
use crate::engine::SourceId;
use crate::model::{Expectation, matches};

/// An expectation that doesn't hold.
pub(super) struct Differs {
    pub(super) expected: String,
    pub(super) found: String,
    /// What happened that matters.
    pub(super) lines: Vec<String>,
}

/// Who was asked last, and under which number.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The event; none: nobody took the request.
    pub(super) event: Option<u64>,
    /// The function.
    pub(super) function: String,
    /// The answer of the gateway itself, when nobody took the request.
    pub(super) refused: Option<Answered>,
    /// How it was asked, in words: `POST /checkout`.
    pub(super) what: String,
}

/// Returns what differs, if anything does.
pub(super) fn differs(world: &World, asked: &Asked, expectation: &Expectation) -> Option<Differs> {
    match expectation {
        Expectation::Status(expected) => {
            answer(world, asked, &format!("status {expected}"), |it| {
                (it.status != *expected)
                    .then(|| format!("status {}, with the body {}", it.status, it.body))
            })
        }
        Expectation::Body(expected) => {
            answer(world, asked, &format!("the body {expected}"), |it| {
                (!matches(expected, &it.body)).then(|| it.body.to_string())
            })
        }
        Expectation::Invoked {
            function,
            times,
            not,
        } => {
            let name = function.as_str();
            let count = world.calls.get(name).copied().unwrap_or(0);
            let holds = times.map_or(count > 0, |it| count == it) != *not;
            let expected = match (not, times) {
                (false, Some(n)) => format!("`{name}` invoked {}", often(*n)),
                (false, None) => format!("`{name}` invoked"),
                (true, Some(n)) => format!("`{name}` not invoked {}", often(*n)),
                (true, None) => format!("`{name}` not invoked"),
            };
            (!holds).then(|| Differs {
                expected,
                found: format!("it was invoked {}", often(count)),
                lines: world.history.about(&[name]),
            })
        }
        Expectation::Queue { queue, has, not } => {
            let name = queue.as_str();
            let source = world.plan.program.queue(name);
            let waiting = source.map_or(0, |it: SourceId| world.engine.source_view(it).waiting);
            let holds = (waiting == *has as usize) != *not;
            let no = if *not { "not " } else { "" };
            (!holds).then(|| Differs {
                expected: format!("queue `{name}` {no}to have {}", messages(*has as usize)),
                found: format!("it has {}", messages(waiting)),
                lines: world.history.about(&[name]),
            })
        }
        Expectation::Table { table, has, not } => {
            let name = table.as_str();
            let rows: Vec<Value> = world.rows(name).into_iter().map(Value::Object).collect();
            let holds = rows.iter().any(|it| matches(has, it)) != *not;
            let no = if *not { "not " } else { "" };
            let all: Vec<String> = rows.iter().map(Value::to_string).collect();
            (!holds).then(|| Differs {
                expected: format!("table `{name}` {no}to have {has}"),
                found: match all.as_slice() {
                    [] => "it is empty".to_owned(),
                    all => format!("it has {}", all.join(", ")),
                },
                lines: world.history.about(&[name]),
            })
        }
        Expectation::Bucket { bucket, has, not } => {
            let name = bucket.as_str();
            let keys = world.keys(name);
            let no = if *not { "not " } else { "" };
            (keys.contains(has) == *not).then(|| Differs {
                expected: format!("bucket `{name}` {no}to have `{has}`"),
                found: match keys.as_slice() {
                    [] => "it is empty".to_owned(),
                    keys => format!("it has `{}`", keys.join("`, `")),
                },
                lines: world.history.about(&[name]),
            })
        }
        Expectation::Instances { function, at_most } => {
            let name = function.as_str();
            let id = world.plan.program.function(name);
            let peak = id.and_then(|it| world.peaks.get(&it)).copied().unwrap_or(0);
            (peak > *at_most as usize).then(|| Differs {
                expected: format!("at most {at_most} instances of `{name}` at a time"),
                found: format!("there were {peak}"),
                lines: world.history.about(&[name]),
            })
        }
    }
}

fn answer(
    world: &World,
    asked: &Asked,
    expected: &str,
    differs: impl FnOnce(&Answered) -> Option<String>,
) -> Option<Differs> {
    let given = asked.event.and_then(|it| world.answers.get(&it));
    let found = match given.or(asked.refused.as_ref()) {
        Some(answered) => format!("it was answered {}", differs(answered)?),
        None => "it isn't answered yet: let time pass with `after`".to_owned(),
    };
    Some(Differs {
        expected: format!("`{}` answered with {expected}", asked.what),
        found,
        lines: world.history.about(&[&asked.function]),
    })
}

fn often(count: u32) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn messages(count: usize) -> String {
    match count {
        1 => "1 message".to_owned(),
        n => format!("{n} messages"),
    }
}
