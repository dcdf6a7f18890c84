//! Numbers for Prometheus, in its text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::payload::Payload;
use super::plan::Plan;
use crate::engine::{Engine, FunctionId, Nanos, Report, SourceId, Verdict};

/// Upper bounds of the buckets in which times are counted, in microseconds.
const BOUNDS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 10_000_000, 60_000_000,
];

#[derive(Debug, Default, Clone)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: Nanos,
}

impl Histogram {
    fn add(&mut self, value: Nanos) {
        let micros = value.0 / 1000;
        if let Some(bucket) = BOUNDS.iter().position(|it| micros <= *it)
            && let Some(bucket) = self.buckets.get_mut(bucket)
        {
            *bucket += 1;
        }
        self.count += 1;
        self.sum = self.sum + value;
    }
}

/// What has been counted since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    functions: BTreeMap<String, Counts>,
}

/// What has been counted of a function.
#[derive(Debug, Default)]
struct Counts {
    /// By trigger and outcome.
    invocations: BTreeMap<String, BTreeMap<&'static str, u64>>,
    cold: u64,
    /// `wait`, `init` and `func`.
    times: [Histogram; 3],
}

impl Metrics {
    /// Counts an invocation that is over.
    pub(super) fn count(&mut self, function: &str, trigger: &str, report: &Report) {
        let outcome = match report.verdict {
            Verdict::InitFailed => "init_failed",
            Verdict::Done
            | Verdict::Partial(_)
            | Verdict::Failed
            | Verdict::TimedOut
            | Verdict::Crashed => report.verdict.word(),
        };
        let counts = entry(&mut self.functions, function);
        *entry(&mut counts.invocations, trigger)
            .entry(outcome)
            .or_default() += 1;
        counts.cold += u64::from(report.cold);
        for (times, time) in counts
            .times
            .iter_mut()
            .zip([report.wait, report.init, report.func])
        {
            times.add(time);
        }
    }

    /// Returns everything in the Prometheus text format.
    pub(super) fn text(&self, plan: &Plan, engine: &Engine<Payload>) -> String {
        let mut page = Page::default();
        page.family(
            "fnc_invocations_total",
            "counter",
            "Invocations that are over",
        );
        for (function, counts) in &self.functions {
            for (trigger, outcomes) in &counts.invocations {
                for (outcome, count) in outcomes {
                    let labels = [
                        ("function", &**function),
                        ("trigger", trigger),
                        ("outcome", outcome),
                    ];
                    page.sample("fnc_invocations_total", &labels, *count);
                }
            }
        }
        page.family(
            "fnc_cold_starts_total",
            "counter",
            "Invocations that waited for a new instance",
        );
        for (function, counts) in &self.functions {
            page.sample(
                "fnc_cold_starts_total",
                &[("function", function)],
                counts.cold,
            );
        }
        self.histograms(&mut page);
        instances(&mut page, plan, engine);
        events(&mut page, plan, engine);
        page.0
    }

    fn histograms(&self, page: &mut Page) {
        let name = "fnc_invocation_seconds";
        page.family(
            name,
            "histogram",
            "Parts of an invocation: wait, init and func",
        );
        let parts = ["wait", "init", "func"];
        let all = self.functions.iter().flat_map(|(function, counts)| {
            let times = parts.into_iter().zip(&counts.times);
            times.map(move |(part, times)| (function, part, times))
        });
        for (function, part, times) in all {
            let mut below = 0;
            for (bound, count) in BOUNDS.iter().zip(times.buckets) {
                below += count;
                let bound = seconds(Nanos(bound * 1000));
                let labels = [("function", &**function), ("part", part), ("le", &bound)];
                page.sample("fnc_invocation_seconds_bucket", &labels, below);
            }
            let labels = [("function", &**function), ("part", part), ("le", "+Inf")];
            page.sample("fnc_invocation_seconds_bucket", &labels, times.count);
            let labels = [("function", &**function), ("part", part)];
            page.sample("fnc_invocation_seconds_sum", &labels, seconds(times.sum));
            page.sample("fnc_invocation_seconds_count", &labels, times.count);
        }
    }
}

/// Returns what a name stands for; a new name is copied once.
fn entry<'a, T: Default>(map: &'a mut BTreeMap<String, T>, name: &str) -> &'a mut T {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), T::default());
    }
    map.get_mut(name).expect("it was just put there")
}

fn instances(page: &mut Page, plan: &Plan, engine: &Engine<Payload>) {
    page.family("fnc_instances", "gauge", "Processes by function and state");
    for (at, function) in plan.functions.iter().enumerate() {
        let view = engine.function_view(FunctionId(at));
        let states = [
            ("starting", view.starting),
            ("idle", view.ready - view.busy),
            ("busy", view.busy),
            ("stopping", view.stopping),
        ];
        for (state, count) in states {
            let labels = [("function", &*function.name), ("state", state)];
            page.sample("fnc_instances", &labels, count);
        }
    }
}

fn events(page: &mut Page, plan: &Plan, engine: &Engine<Payload>) {
    let sources = || {
        plan.sources
            .iter()
            .enumerate()
            .map(|(at, it)| (SourceId(at), it))
    };
    page.family(
        "fnc_events_total",
        "counter",
        "Events by source and what became of them",
    );
    for (id, source) in sources() {
        let ledger = engine.source_view(id).ledger;
        let fates = [
            ("arrived", ledger.arrived),
            ("done", ledger.done),
            ("failed", ledger.failed),
            ("parked", ledger.parked),
            ("throttled", ledger.throttled),
            ("dropped", ledger.dropped),
        ];
        for (fate, count) in fates {
            let labels = [
                ("source", &*source.resource),
                ("trigger", &source.label),
                ("fate", fate),
            ];
            page.sample("fnc_events_total", &labels, count);
        }
    }
    page.family("fnc_events_waiting", "gauge", "Events that wait");
    for (id, source) in sources() {
        let labels = [("source", &*source.resource), ("trigger", &source.label)];
        page.sample(
            "fnc_events_waiting",
            &labels,
            engine.source_view(id).waiting,
        );
    }
    page.family(
        "fnc_events_oldest_seconds",
        "gauge",
        "Age of the oldest event that waits",
    );
    for (id, source) in sources() {
        let oldest = engine.source_view(id).oldest.unwrap_or(Nanos::ZERO);
        let labels = [("source", &*source.resource), ("trigger", &source.label)];
        page.sample("fnc_events_oldest_seconds", &labels, seconds(oldest));
    }
}

/// Returns a length of time in seconds, as a decimal.
fn seconds(time: Nanos) -> String {
    let (whole, micros) = (time.0 / 1_000_000_000, time.0 / 1000 % 1_000_000);
    let text = format!("{whole}.{micros:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let escaped = |it: &str| {
            it.replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
        };
        let labels = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
        let labels = labels.collect::<Vec<_>>().join(",");
        let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
    }
}
