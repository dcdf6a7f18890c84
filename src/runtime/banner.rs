//! What is shown when a program starts: its routes, functions, limits and queues, and where to send events.

use std::fmt::Write as _;
use std::time::Duration;

use super::gateway::Routes;
use super::kept::Kept;
use super::plan::Plan;
use crate::engine::{Function, Kind, Program, SourceId, Time};
use crate::event;
use crate::model::{App, Queue, StreamTrigger, TriggerKind, duration_text};

/// Returns the text for a program that answers at `url`, and finds `kept` from earlier runs.
pub fn banner(plan: &Plan, url: &str, now: event::Time, kept: &Kept) -> String {
    let app = &plan.app;
    let mut text = String::new();
    let stage = app
        .stage
        .as_ref()
        .map_or(String::new(), |it| format!(", stage {it}"));
    let _ = writeln!(text, "{}{stage}, runs at {url}\n", app.name.value);
    let routes = Routes::of(app);
    let mut table = Table::new(["ROUTE", "", "FUNCTION"]);
    for (method, path, function) in routes.iter() {
        table.row([method.word(), path, function]);
    }
    table.write(&mut text);
    functions(app, &plan.program).write(&mut text);
    sources(app, &plan.program, now).write(&mut text);
    queues(app).write(&mut text);
    let mut table = Table::new(["KEPT", "EVENTS", ""]);
    for line in kept.lines(&plan.program) {
        let count = line.count.to_string();
        table.row([&line.source, &count, line.note]);
    }
    table.write(&mut text);
    let mut hints = Table::new(["", "", ""]);
    for (what, how) in hints_of(app, url, kept) {
        hints.row(["", what, &how]);
    }
    hints.write(&mut text);
    text
}

fn functions(app: &App, program: &Program) -> Table<5> {
    let mut table = Table::new(["FUNCTION", "RUNTIME", "INSTANCES", "TIMEOUT", "MEMORY"]);
    for (function, limits) in app.functions.values().zip(&program.functions) {
        table.row([
            function.name.as_str(),
            function.runtime.value.word(),
            &scale(limits),
            &duration_text(function.timeout.value),
            &function.memory.value.to_string(),
        ]);
    }
    table
}

/// Returns `0..5`, or `1..50, 10 events each`.
fn scale(function: &Function) -> String {
    let scale = function.scale;
    let range = format!("{}..{}", scale.min, scale.max);
    match scale.concurrency {
        1 => range,
        more => format!("{range}, {more} events each"),
    }
}

fn sources(app: &App, program: &Program, now: event::Time) -> Table<3> {
    let mut table = Table::new(["EVENTS", "FUNCTION", "HOW"]);
    for function in app.functions.values() {
        let name = function.name.as_str();
        for trigger in &function.triggers {
            match &trigger.kind {
                TriggerKind::Http(_) | TriggerKind::Bucket(_) | TriggerKind::Websocket(_) => {}
                // Its events are the platform's own.
                TriggerKind::Raw(it) => {
                    let what = format!("on {} {{ … }}", it.target.word());
                    table.row([&what, name, "not here: `fnc invoke` calls it"]);
                }
                TriggerKind::Stream(it) => {
                    table.row([&format!("stream {}", it.source.value), name, &log(it)]);
                }
                TriggerKind::Table(it) => {
                    let what = format!("table {} changed", it.source.value);
                    table.row([&what, name, &log(it)]);
                }
                TriggerKind::Event(it) => {
                    let what = format!("event {} from {}", it.event.value, it.bus.value);
                    table.row([&what, name, &pushed(function)]);
                }
                TriggerKind::Queue(it) => {
                    let within = within(it.within.value);
                    let at_once = it.concurrency.as_ref();
                    let at_once = at_once.map(|it| format!(", {} batches at once", it.value));
                    let how = format!(
                        "batches of {}{within}{}",
                        it.batch.value,
                        at_once.unwrap_or_default()
                    );
                    table.row([&format!("queue {}", it.queue.value), name, &how]);
                }
                TriggerKind::Topic(it) => {
                    let how = pushed(function);
                    table.row([&format!("topic {}", it.topic.value), name, &how]);
                }
                TriggerKind::Schedule(it) => {
                    let zone = it.zone.as_ref().map_or("UTC", |it| it.as_str());
                    let what = format!("{} in {zone}", it.cron.value.text);
                    let next = next(program, name, &it.cron.value.text, now);
                    table.row([&what, name, &format!("{next}, {}", pushed(function))]);
                }
                TriggerKind::Every(it) => {
                    let what = crate::engine::every_name(it);
                    let next = next(program, name, &what, now);
                    table.row([&what, name, &format!("{next}, {}", pushed(function))]);
                }
            }
        }
    }
    table
}

fn within(length: Duration) -> String {
    match length {
        none if none.is_zero() => String::new(),
        some => format!(" within {}", duration_text(some)),
    }
}

/// Returns how the records of a stream or a table are read.
fn log(it: &StreamTrigger) -> String {
    let retry = it.retry.as_ref().map(|it| {
        let then = it.value.park.as_ref();
        let then = then.map_or("dropped".to_owned(), |it| format!("to {}", it.value));
        format!("{} retries, then {then}", it.value.count)
    });
    let retry = retry.unwrap_or("retries while it is kept".to_owned());
    format!(
        "batches of {}{}, {retry}",
        it.batch.value,
        within(it.within.value)
    )
}

/// Returns what happens when an event that is pushed at a function fails.
fn pushed(function: &crate::model::Function) -> String {
    let retry = &function.retry.value;
    let then = retry.park.as_ref();
    let then = then.map_or("dropped".to_owned(), |it| format!("to {}", it.value));
    format!("{} retries, then {then}", retry.count)
}

fn next(program: &Program, function: &str, name: &str, now: event::Time) -> String {
    let Some(id) = program.function(function) else {
        return String::new();
    };
    let source = |it: SourceId| program.sources.get(it.0);
    let ticks = program
        .sources_of(id)
        .filter_map(source)
        .find_map(|it| match &it.kind {
            Kind::Schedule(ticks) if it.name == name => Some(ticks),
            Kind::Schedule(_)
            | Kind::Http
            | Kind::Invoke
            | Kind::Queue
            | Kind::Topic
            | Kind::Stream(_)
            | Kind::Table(_)
            | Kind::Bucket
            | Kind::Event => None,
        });
    let now = Time(u64::try_from(now.0).unwrap_or(0) * 1_000_000);
    match ticks.and_then(|it| it.after(now)) {
        Some(next) => format!("next {}", super::clock::stamp(next)),
        None => "never".to_owned(),
    }
}

fn queues(app: &App) -> Table<3> {
    let mut table = Table::new(["QUEUE", "RETRIES", "KEEPS"]);
    for queue in app.queues.values() {
        let keep = duration_text(queue.keep.value);
        table.row([queue.name.as_str(), &retries(app, queue), &keep]);
    }
    table
}

fn retries(app: &App, queue: &Queue) -> String {
    if app.consumers(queue.name.as_str()).next().is_none() {
        return "nobody reads it".to_owned();
    }
    let Some(retry) = &queue.retry else {
        return "until it is dropped".to_owned();
    };
    let retry = &retry.value;
    match &retry.park {
        Some(park) => format!("{}, then to {}", retry.count, park.value),
        None => retry.count.to_string(),
    }
}

fn hints_of(app: &App, url: &str, kept: &Kept) -> Vec<(&'static str, String)> {
    let resource = app
        .queues
        .keys()
        .next()
        .or_else(|| app.topics.keys().next());
    let port = url.rsplit_once(':').map_or("3000", |(_, port)| port);
    let option = if port == "3000" {
        String::new()
    } else {
        format!(" --port {port}")
    };
    let mut hints = Vec::new();
    if let Some(name) = resource {
        hints.push(("send an event", format!("fnc send {name} '{{}}'{option}")));
    }
    if !app.queues.is_empty() {
        hints.push(("what is parked", format!("fnc parked{option}")));
    }
    hints.push((
        "state, metrics",
        format!("{url}/_fnc/state, {url}/_fnc/metrics"),
    ));
    let messages = match kept.store() {
        Some(_) => "messages that wait are kept in .fnc/data",
        None => "messages are kept in memory and go with it",
    };
    hints.push(("to stop", format!("Ctrl-C; {messages}")));
    hints
}

/// Lines of cells, aligned; nothing when there are none.
struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    fn new(head: [&str; N]) -> Self {
        Table {
            rows: vec![head.map(ToOwned::to_owned)],
        }
    }

    fn row(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(ToOwned::to_owned));
    }

    fn write(&self, text: &mut String) {
        let [_, _, ..] = self.rows.as_slice() else {
            return;
        };
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &self.rows {
            let cells = row.iter().zip(widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            let line = line.join("  ");
            if !line.trim().is_empty() {
                let _ = writeln!(text, "  {}", line.trim_end());
            }
        }
        text.push('\n');
    }
}
