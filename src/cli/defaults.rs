//! `fnc check --explain-defaults`: what holds where the program says nothing.

use std::fmt::Display;

use crate::model::{App, Function, Origin, Queue, Setting, TriggerKind, duration_text};

/// Returns the settings that a stage of the program leaves to its `defaults` block or to the language, as lines.
pub(crate) fn defaults(app: &App) -> Vec<String> {
    let mut lines = Vec::new();
    for queue in app.queues.values() {
        section(&mut lines, "queue", &queue.name.value, of_queue(queue));
    }
    for function in app.functions.values() {
        let settings = of_function(function);
        section(&mut lines, "function", &function.name.value, settings);
    }
    lines
}

fn section(lines: &mut Vec<String>, kind: &str, name: &str, settings: Vec<Option<String>>) {
    let mut settings = settings.into_iter().flatten().peekable();
    if settings.peek().is_some() {
        lines.push(format!("{kind} {name}"));
        lines.extend(settings);
    }
}

fn of_queue(queue: &Queue) -> Vec<Option<String>> {
    let retry = match queue.retry {
        None => Some(line("retry", "until `keep` ends", "language")),
        Some(_) => None,
    };
    vec![
        retry,
        shown("keep", &queue.keep, |it| duration_text(*it)),
        shown("delay", &queue.delay, |it| duration_text(*it)),
        shown("hidden", &queue.hidden, |it| duration_text(*it)),
        shown("max_size", &queue.max_size, ToString::to_string),
    ]
}

fn of_function(function: &Function) -> Vec<Option<String>> {
    let scale = &function.scale;
    let mut settings = vec![
        shown("runtime", &function.runtime, ToString::to_string),
        shown("memory", &function.memory, ToString::to_string),
        shown("timeout", &function.timeout, |it| duration_text(*it)),
        shown("scale", &scale.max, |max| match max {
            Some(max) => format!("{}..{max}", scale.min.value),
            None => format!("{}..", scale.min.value),
        }),
        shown("concurrency", &scale.concurrency, ToString::to_string),
        shown("target", &scale.target, |it| format!("{it}%")),
        shown("idle", &scale.idle, |it| duration_text(*it)),
    ];
    if function.has_pushed() {
        settings.push(shown("retry", &function.retry, |it| match &it.park {
            Some(park) => format!("{} then {}", it.count, park.value),
            None => format!("{}, then dropped", it.count),
        }));
    }
    for trigger in &function.triggers {
        match &trigger.kind {
            TriggerKind::Queue(it) => {
                settings.push(shown("batch", &it.batch, ToString::to_string));
                settings.push(shown("within", &it.within, |it| duration_text(*it)));
            }
            TriggerKind::Http(it) => settings.push(shown("auth", &it.auth, |_| "none".to_owned())),
            TriggerKind::Schedule(it) if it.zone.is_none() => {
                settings.push(Some(line("zone", "UTC", "language")));
            }
            TriggerKind::Schedule(_) | TriggerKind::Every(_) | TriggerKind::Topic(_) => {}
        }
    }
    settings
}

/// Returns the line of a setting that isn't written in its place.
fn shown<T>(word: &str, setting: &Setting<T>, text: impl Fn(&T) -> String) -> Option<String> {
    let origin = match setting.origin {
        Origin::Written(_) => return None,
        Origin::Defaults(_) => "defaults",
        Origin::Language => "language",
    };
    Some(line(word, text(&setting.value), origin))
}

fn line(word: &str, value: impl Display, origin: &str) -> String {
    let said = format!("{word} {value}");
    format!("  {said:<28} // {origin}")
}
