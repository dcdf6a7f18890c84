//! What is told while a program runs: a line for each invocation, and what its processes write.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::broadcast;

use super::clock::stamp;
use crate::engine::{Fate, Nanos, Report, Time, Verdict};

/// Takes lines for a person to read; must not block for long.
pub trait Journal: Send + Sync {
    /// Takes a line about an invocation, an instance or the program.
    fn line(&self, line: &str);
}

/// So many invocations a slow reader of the stream may be behind.
const BACKLOG: usize = 1024;

/// Everybody who wants to know.
pub(super) struct Listeners {
    journal: Arc<dyn Journal>,
    stream: broadcast::Sender<Arc<str>>,
    widths: (usize, usize),
}

/// An invocation that is over, in names.
pub(super) struct Over<'a> {
    pub(super) now: Time,
    pub(super) function: &'a str,
    pub(super) trigger: &'a str,
    pub(super) request_id: &'a str,
    pub(super) report: Report,
    /// What became of the events that failed, in words.
    pub(super) fates: Vec<String>,
}

impl Listeners {
    pub(super) fn new(journal: Arc<dyn Journal>) -> Self {
        Listeners {
            journal,
            stream: broadcast::Sender::new(BACKLOG),
            widths: (0, 0),
        }
    }

    /// Aligns lines for functions and triggers of these lengths.
    pub(super) fn align(&mut self, function: usize, trigger: usize) {
        self.widths = (function, trigger);
    }

    pub(super) fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.stream.subscribe()
    }

    /// Tells something about the program.
    pub(super) fn say(&self, line: &str) {
        self.journal.line(line);
    }

    /// Tells a line that an instance wrote, or something about it.
    pub(super) fn instance(&self, function: &str, instance: u64, line: &str) {
        self.journal
            .line(&format!("{function} #{instance} | {line}"));
    }

    /// Tells that an invocation is over.
    pub(super) fn over(&self, over: &Over) {
        let Over { report, now, .. } = over;
        let mut line = String::with_capacity(160);
        let verdict = match report.verdict {
            Verdict::Partial(failed) => format!("{failed}/{} failed", report.events),
            Verdict::Done
            | Verdict::Failed
            | Verdict::TimedOut
            | Verdict::Crashed
            | Verdict::InitFailed => report.verdict.word().to_owned(),
        };
        let (function, trigger) = self.widths;
        let _ = write!(
            line,
            "{} {:function$}  {:trigger$}  {verdict:7}  wait {} + init {} + func {}  attempt {}  #{}",
            clock(*now),
            over.function,
            over.trigger,
            Short(report.wait),
            Short(report.init),
            Short(report.func),
            report.attempt,
            report.instance,
        );
        if report.events > 1 {
            let _ = write!(line, "  {} events", report.events);
        }
        for fate in &over.fates {
            let _ = write!(line, "  {fate}");
        }
        self.journal.line(&line);
        if self.stream.receiver_count() > 0 {
            // Nobody listens any more: that is no fault.
            let _ = self.stream.send(self.json(over).into());
        }
    }

    #[expect(clippy::unused_self, reason = "it belongs to the stream")]
    fn json(&self, over: &Over) -> String {
        let Over { report, .. } = over;
        #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
        let millis = |it: Nanos| (it.0 / 1000) as f64 / 1000.0;
        json!({
            "time": stamp(over.now),
            "function": over.function,
            "trigger": over.trigger,
            "request_id": over.request_id,
            "outcome": report.verdict.word(),
            "events": report.events,
            "attempt": report.attempt,
            "instance": report.instance,
            "cold": report.cold,
            "wait_ms": millis(report.wait),
            "init_ms": millis(report.init),
            "func_ms": millis(report.func),
            "fates": over.fates,
        })
        .to_string()
    }
}

/// Returns what became of an event, unless that goes without saying.
pub(super) fn fate(fate: Fate, now: Time, queue: impl FnOnce(usize) -> String) -> Option<String> {
    match fate {
        Fate::Done => None,
        Fate::Retry(at, _) => Some(format!("again in {}", Short(at.since(now)))),
        Fate::Split(at, _) => Some(format!("halved, again in {}", Short(at.since(now)))),
        Fate::Parked(to, _) => Some(format!("parked in {}", queue(to.0))),
        Fate::Failed(_) => Some("given up".to_owned()),
        Fate::Dropped(why) => Some(format!("dropped: {}", why.words())),
        Fate::Redriven(to) => Some(format!("sent back to {}", queue(to.0))),
    }
}

/// Returns the time of day in UTC: `08:30:00.125`.
fn clock(now: Time) -> String {
    let millis = now.0 / 1_000_000 % 86_400_000;
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!(
        "{:02}:{:02}:{seconds:02}.{millis:03}",
        minutes / 60,
        minutes % 60
    )
}

/// A length of time with three digits or so: `0`, `0.35ms`, `12.4ms`, `1.24s`.
pub(super) struct Short(pub(super) Nanos);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.0 / 1000;
        match micros {
            0 => f.write_str("0ms"),
            1..10_000 => write!(f, "{}.{:02}ms", micros / 1000, micros % 1000 / 10),
            10_000..1_000_000 => write!(f, "{}.{}ms", micros / 1000, micros % 1000 / 100),
            _ => write!(
                f,
                "{}.{:02}s",
                micros / 1_000_000,
                micros % 1_000_000 / 10_000
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let short = |it: u64| Short(Nanos(it * 1000)).to_string();
        assert_eq!(short(0), "0ms");
        assert_eq!(short(350), "0.35ms");
        assert_eq!(short(12_449), "12.4ms");
        assert_eq!(short(1_240_000), "1.24s");
        assert_eq!(clock(Time(1_767_225_600_125_000_000)), "00:00:00.125");
    }
}
