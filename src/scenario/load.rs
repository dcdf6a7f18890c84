//! What a simulation models: which events come, how often, and how long handlers take.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::diagnostic::closest;
use crate::engine::{Kind, Program, SourceId, TopicId};
use crate::model::{App, Language, Rate, Unit, number};

/// A load, as a file gives it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Load {
    /// How long events come.
    #[serde(rename = "for")]
    pub(crate) length: Option<String>,
    /// The events.
    #[serde(default)]
    pub(crate) arrivals: Vec<Arrivals>,
    /// How handlers behave, by function.
    #[serde(default)]
    pub(crate) handlers: BTreeMap<String, Behaviour>,
}

/// Events that come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arrivals {
    /// A function, a queue or a topic.
    pub(crate) to: String,
    /// How often: `200/s`.
    pub(crate) rate: Option<String>,
    /// So many at once, at the beginning.
    #[serde(default)]
    pub(crate) burst: u64,
    /// How they are spread.
    #[serde(default)]
    pub(crate) spread: Spread,
    /// When they begin; at once.
    pub(crate) from: Option<String>,
    /// When they end; at the end.
    pub(crate) until: Option<String>,
}

/// How random values are spread around their mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Spread {
    /// Independent of each other: times between events, or of calls, are exponential.
    #[default]
    Random,
    /// All the same.
    Even,
}

/// How a handler behaves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// How long a call takes on average.
    takes: Option<String>,
    /// How that varies.
    #[serde(default)]
    spread: Spread,
    /// How long an instance takes to be ready.
    start: Option<String>,
    /// How many calls fail: `1%`.
    fails: Option<String>,
}

/// Where events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    Source(SourceId),
    Topic(TopicId),
}

/// Events that come, made precise.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) aim: Aim,
    /// The mean time between two, in nanoseconds; none: only the burst.
    pub(super) gap: Option<f64>,
    pub(super) spread: Spread,
    pub(super) burst: u64,
    pub(super) from: Duration,
    pub(super) until: Duration,
}

/// How a handler behaves, made precise.
#[derive(Debug, Clone)]
pub(super) struct Handler {
    pub(super) takes: Duration,
    pub(super) spread: Spread,
    pub(super) start: Duration,
    /// In percent.
    pub(super) fails: u32,
}

/// A load that fits a program.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) length: Duration,
    pub(super) streams: Vec<Stream>,
    /// In the order of the program's functions.
    pub(super) handlers: Vec<Handler>,
}

const DEFAULT_LENGTH: Duration = Duration::from_mins(10);

impl Load {
    /// Returns the load that `expect RATE taking D` speaks of.
    pub(crate) fn expected(app: &App) -> Self {
        let mut load = Load::default();
        for function in app.functions.values() {
            if let Some(expect) = &function.expect {
                load.arrivals.push(Arrivals {
                    to: function.name.value.clone(),
                    rate: Some(expect.rate.to_string()),
                    burst: 0,
                    spread: Spread::Random,
                    from: None,
                    until: None,
                });
            }
        }
        load
    }

    /// Returns the load made precise for a program; `Err` says what doesn't fit.
    pub(super) fn plan(&self, app: &App, program: &Program) -> Result<Plan, String> {
        let length = duration("for", self.length.as_deref(), DEFAULT_LENGTH)?;
        let streams = self.arrivals.iter();
        let streams = streams
            .map(|it| it.stream(program, length))
            .collect::<Result<_, _>>()?;
        let known = |name: &String| app.functions.contains_key(name.as_str());
        if let Some(name) = self.handlers.keys().find(|it| !known(it)) {
            let names = app.functions.keys().map(String::as_str);
            return Err(unknown("function", name, names));
        }
        let mut handlers = Vec::new();
        for function in app.functions.values() {
            let given = self
                .handlers
                .get(function.name.as_str())
                .cloned()
                .unwrap_or_default();
            let expected = function.expect.as_ref().map(|it| it.taking);
            let takes = duration(
                "takes",
                given.takes.as_deref(),
                expected.unwrap_or(DEFAULT_TIME),
            )?;
            let usual = match function.runtime.value.language() {
                Language::Python => Duration::from_millis(93),
                // Whatever else it is: no measurement stands for all of them.
                Language::Node | Language::Other => Duration::from_millis(144),
            };
            handlers.push(Handler {
                takes,
                spread: given.spread,
                start: duration("start", given.start.as_deref(), usual)?,
                fails: match given.fails.as_deref().map(number) {
                    None => 0,
                    Some(Ok(Unit::Percent(it))) if it <= 100 => it,
                    Some(_) => return Err("`fails` takes a percentage such as \"1%\"".to_owned()),
                },
            });
        }
        Ok(Plan {
            length,
            streams,
            handlers,
        })
    }
}

/// How long a call takes when nobody says.
const DEFAULT_TIME: Duration = Duration::from_millis(100);

impl Arrivals {
    fn stream(&self, program: &Program, length: Duration) -> Result<Stream, String> {
        let gap = match self.rate.as_deref() {
            None => None,
            Some(text) => match number(text) {
                Ok(Unit::Rate(Rate { events, per })) if events > 0 => Some(
                    per.as_secs_f64() * 1e9 / f64::from(u32::try_from(events).unwrap_or(u32::MAX)),
                ),
                _ => {
                    return Err(format!(
                        "`rate` takes a rate such as \"200/s\", not `{text}`"
                    ));
                }
            },
        };
        Ok(Stream {
            aim: aim(program, &self.to)?,
            gap,
            spread: self.spread,
            burst: self.burst,
            from: duration("from", self.from.as_deref(), Duration::ZERO)?,
            until: duration("until", self.until.as_deref(), length)?.min(length),
        })
    }
}

/// Returns where events for a name go: of a function that line which a caller would take first.
fn aim(program: &Program, name: &str) -> Result<Aim, String> {
    if let Some(queue) = program.queue(name) {
        return Ok(Aim::Source(queue));
    }
    if let Some(topic) = program.topic(name) {
        return Ok(Aim::Topic(topic));
    }
    let Some(function) = program.function(name) else {
        let functions = program.functions.iter().map(|it| it.name.as_str());
        let sources = program.sources.iter();
        let queues = sources.filter(|it| matches!(it.kind, Kind::Queue));
        let topics = program.topics.iter().map(|it| it.name.as_str());
        let names = functions
            .chain(queues.map(|it| it.name.as_str()))
            .chain(topics);
        return Err(unknown("function, queue or topic", name, names));
    };
    let rank = |it: &SourceId| {
        let kind = program.sources.get(it.0).map(|it| &it.kind);
        kind.map_or(9, |kind| match kind {
            Kind::Http => 0,
            Kind::Queue => 1,
            Kind::Topic => 2,
            Kind::Stream(_) | Kind::Table(_) | Kind::Bucket | Kind::Event => 3,
            Kind::Invoke => 4,
            Kind::Schedule(_) => 5,
        })
    };
    let first = program.sources_of(function).min_by_key(rank);
    first
        .map(Aim::Source)
        .ok_or_else(|| format!("nothing can be sent to `{name}`"))
}

fn duration(what: &str, given: Option<&str>, default: Duration) -> Result<Duration, String> {
    match given.map(number) {
        None => Ok(default),
        Some(Ok(Unit::Duration(it))) => Ok(it),
        Some(_) => Err(format!("`{what}` takes a duration such as \"10m\"")),
    }
}

fn unknown<'a>(kind: &str, name: &str, names: impl Iterator<Item = &'a str>) -> String {
    match closest(name, names) {
        Some(near) => format!("there is no {kind} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {kind} `{name}`"),
    }
}
