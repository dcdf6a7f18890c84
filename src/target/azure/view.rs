//! What the templates of an app's entries print.

use serde::Serialize;

use super::arm::cosmos::{DATABASE, LEASES};
use super::binding::{Member, members};
use super::cors::{Preflights, preflights};
use super::entry::{Entry, Start};
use super::names::{entity, inbox};
use super::plan::FunctionApp;
use super::settings::{CONNECTION, COSMOS, EVENT_HUBS};
use crate::model::{
    App, Function, Language, Method, Route, RouteSegment, StartFrom, StreamTrigger,
};

/// How often a table is asked for changes where the program doesn't say how long they may wait.
const POLL_MS: u64 = 1000;

/// All entries of one app.
#[derive(Debug, Serialize)]
pub(super) struct EntriesView {
    names: Vec<String>,
    functions: Vec<FunctionView>,
    pub(super) entries: Vec<EntryView>,
}

#[derive(Debug, Serialize)]
struct FunctionView {
    name: String,
    symbol: String,
}

/// One entry; just one of `http`, `queue`, `topic`, `stream`, `table` and `timer` is there.
#[derive(Debug, Serialize)]
pub(super) struct EntryView {
    pub(super) name: String,
    function: String,
    symbol: String,
    at: usize,
    doc: Vec<String>,
    /// What the trigger says in Azure's own words.
    extra: Vec<Member>,
    pub(super) http: Option<HttpView>,
    pub(super) queue: Option<QueueView>,
    pub(super) topic: Option<TopicView>,
    pub(super) stream: Option<StreamView>,
    table: Option<TableView>,
    pub(super) timer: Option<TimerView>,
    /// The policy by which a failed call is made again; Azure knows it for timers and logs.
    pub(super) retry: Option<RetryView>,
}

#[derive(Debug, Serialize)]
pub(super) struct HttpView {
    pub(super) route: String,
    pub(super) methods: Vec<&'static str>,
    pub(super) level: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct QueueView {
    pub(super) connection: &'static str,
    pub(super) name: String,
    pub(super) sessions: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct TopicView {
    pub(super) connection: &'static str,
    pub(super) name: String,
    pub(super) subscription: String,
    pub(super) sessions: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct StreamView {
    pub(super) connection: &'static str,
    pub(super) name: String,
    pub(super) group: String,
}

#[derive(Debug, Serialize)]
pub(super) struct TableView {
    pub(super) connection: &'static str,
    database: &'static str,
    container: String,
    leases: &'static str,
    /// What the leases of this entry begin with; no name of the program has a dot.
    prefix: String,
    batch: u32,
    poll_ms: u64,
    /// Whether reading begins with what is there already.
    oldest: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct TimerView {
    pub(super) schedule: String,
}

#[derive(Debug, Serialize)]
pub(super) struct RetryView {
    /// A string in Python, a number in Node, as their libraries want it.
    pub(super) count: serde_json::Value,
}

/// Returns the view of an app's entries.
pub(super) fn entries_view(app: &App, function_app: &FunctionApp<'_>) -> EntriesView {
    let language = function_app.profile.runtime.language();
    let entries = function_app.entries();
    let functions = function_app.functions.iter();
    let preflights = preflights(function_app);
    EntriesView {
        names: functions.clone().map(|it| it.name.value.clone()).collect(),
        functions: functions
            .map(|it| FunctionView {
                name: it.name.value.clone(),
                symbol: shim(&it.name.value),
            })
            .collect(),
        entries: entries
            .iter()
            .map(|(function, entry)| view(app, language, function, entry, &preflights))
            .collect(),
    }
}

/// Returns a variable's name in JavaScript; a name of the program alone may be a word of the language.
fn shim(function: &str) -> String {
    format!("{function}_shim")
}

fn view(
    app: &App,
    language: Language,
    function: &Function,
    entry: &Entry<'_>,
    preflights: &Preflights,
) -> EntryView {
    let name = &function.name.value;
    let mut view = EntryView {
        name: entry.name.clone(),
        function: name.clone(),
        symbol: match language {
            Language::Python => format!("{name}_{}", entry.at),
            Language::Node | Language::Other => shim(name),
        },
        at: entry.at,
        doc: entry.doc.lines().map(comment).collect(),
        extra: members(language, entry.hatches),
        http: None,
        queue: None,
        topic: None,
        stream: None,
        table: None,
        timer: None,
        retry: None,
    };
    let level = |python, node| match language {
        Language::Python => python,
        Language::Node | Language::Other => node,
    };
    match &entry.start {
        Start::Http(it) => {
            let mut methods = methods(it.method.value);
            let options = Method::Options.word();
            if preflights.of(name, entry.at).is_some() && !methods.contains(&options) {
                methods.push(options);
            }
            view.http = Some(HttpView {
                route: route(&it.route.value),
                methods,
                level: level("ANONYMOUS", "anonymous"),
            });
        }
        Start::Invoke => {
            view.http = Some(HttpView {
                route: format!("_fnc/invoke/{name}"),
                methods: vec!["POST"],
                level: level("FUNCTION", "function"),
            });
        }
        Start::Queue(it) => {
            let queue = app.queues.get(&it.queue.value);
            view.queue = Some(QueueView {
                connection: CONNECTION,
                name: entity(&it.queue.value),
                sessions: queue.is_some_and(|it| it.fifo.value),
            });
        }
        Start::Topic(it) => {
            let topic = app.topics.get(&it.topic.value);
            view.topic = Some(TopicView {
                connection: CONNECTION,
                name: entity(&it.topic.value),
                subscription: entity(name),
                sessions: topic.is_some_and(|it| it.fifo.value),
            });
        }
        Start::Timer(it) => {
            view.timer = Some(TimerView {
                schedule: it.timer.ncrontab.clone(),
            });
            view.retry = retry(language, i64::from(function.retry.value.count));
        }
        Start::Stream(it) => {
            view.stream = Some(StreamView {
                connection: EVENT_HUBS,
                name: entity(it.source.as_str()),
                group: entity(name),
            });
            view.retry = retry(language, attempts(it));
        }
        Start::Table(it) => {
            view.table = Some(TableView {
                connection: COSMOS,
                database: DATABASE,
                container: entity(it.source.as_str()),
                leases: LEASES,
                prefix: format!("{}.", entry.name),
                batch: it.batch.value.max(1),
                poll_ms: poll_ms(it),
                oldest: it.from.value == StartFrom::Oldest,
            });
            view.retry = retry(language, attempts(it));
        }
        Start::Bucket(_) | Start::Event(_) => {
            let source = entry.start.pushed_by().unwrap_or_default();
            view.queue = Some(QueueView {
                connection: CONNECTION,
                name: inbox(name, entry, source),
                sessions: false,
            });
        }
    }
    view
}

/// Returns how long the host waits before it asks again for changes of a table where there were none.
fn poll_ms(it: &StreamTrigger) -> u64 {
    let within = u64::try_from(it.within.value.as_millis()).unwrap_or(u64::MAX);
    if within == 0 { POLL_MS } else { within }
}

/// Returns how often a batch of a log is tried again; -1: for ever.
fn attempts(it: &StreamTrigger) -> i64 {
    // Where a batch is tried in halves the shim counts, of each record by itself.
    let retry = it.retry.as_ref().filter(|_| !it.split_on_error.value);
    retry.map_or(-1, |it| i64::from(it.value.count))
}

fn retry(language: Language, count: i64) -> Option<RetryView> {
    let view = RetryView {
        count: match language {
            Language::Python => count.to_string().into(),
            Language::Node | Language::Other => count.into(),
        },
    };
    (count != 0).then_some(view)
}

/// Returns a line of documentation as the rest of a comment's line: nothing in it ends the line.
fn comment(line: &str) -> String {
    let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    line.replace(ends, " ").trim().to_owned()
}

fn methods(method: Method) -> Vec<&'static str> {
    match method {
        Method::Any => {
            let all = Method::ALL.into_iter().filter(|it| *it != Method::Any);
            all.map(Method::word).collect()
        }
        Method::Get
        | Method::Head
        | Method::Post
        | Method::Put
        | Method::Patch
        | Method::Delete
        | Method::Options => vec![method.word()],
    }
}

/// Returns a path as a route of ASP.NET's: no `/` in front, `{*rest}` for what follows.
///
/// An empty route would mean the function's name, so `/` is a segment that has to be empty.
fn route(route: &Route) -> String {
    if route.segments.is_empty() {
        return "{root:maxlength(0)?}".to_owned();
    }
    let segment = |it: &RouteSegment| match it {
        RouteSegment::Literal(it) => it.replace('{', "{{").replace('}', "}}"),
        RouteSegment::Param(it) => format!("{{{it}}}"),
        RouteSegment::Rest(it) => format!("{{*{it}}}"),
    };
    let segments: Vec<_> = route.segments.iter().map(segment).collect();
    segments.join("/")
}
