//! FN0820: a physical name that AWS doesn't take.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Name, Place};

/// What a service takes as a name: its title, characters beside letters and digits, and lengths.
struct Rule {
    of: &'static str,
    also: &'static str,
    least: usize,
    most: usize,
}

const fn rule(of: &'static str, also: &'static str, least: usize, most: usize) -> Rule {
    Rule {
        of,
        also,
        least,
        most,
    }
}

// The services' API references: CreateQueue, CreateTopic, CreateStream, CreateTable, CreateEventBus, CreateFunction;
// "Amazon S3 User Guide", "General purpose bucket naming rules".
const QUEUE: Rule = rule("SQS", "-_", 1, 80);
const TOPIC: Rule = rule("SNS", "-_", 1, 256);
const STREAM: Rule = rule("Kinesis", "-_.", 1, 128);
const BUCKET: Rule = rule("S3", "-.", 3, 63);
const TABLE: Rule = rule("DynamoDB", "-_.", 3, 255);
const BUS: Rule = rule("EventBridge", "-_.", 1, 256);
const FUNCTION: Rule = rule("Lambda", "-_", 1, 64);
const FIFO: &str = ".fifo";

/// Compares every `named`, and the names of indexes, with what the service takes.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut resource = |place: &Place, rule: &Rule, fifo: bool| {
        if let Some(name) = &place.named {
            compare(name, rule, fifo, found);
        }
    };
    for it in app.queues.values() {
        resource(&it.place, &QUEUE, it.fifo.value);
    }
    for it in app.topics.values() {
        resource(&it.place, &TOPIC, it.fifo.value);
    }
    app.streams
        .values()
        .for_each(|it| resource(&it.place, &STREAM, false));
    app.buckets
        .values()
        .for_each(|it| resource(&it.place, &BUCKET, false));
    app.tables
        .values()
        .for_each(|it| resource(&it.place, &TABLE, false));
    app.buses
        .values()
        .for_each(|it| resource(&it.place, &BUS, false));
    let functions = app.functions.values();
    for name in functions.filter_map(|it| it.named.as_ref()) {
        compare(name, &FUNCTION, false, found);
    }
    for index in app.tables.values().flat_map(|it| &it.indexes) {
        compare(&index.name, &TABLE, false, found);
    }
}

fn compare(name: &Name, rule: &Rule, fifo: bool, found: &mut Diagnostics) {
    let text = name.as_str();
    let stem = if fifo {
        text.strip_suffix(FIFO).unwrap_or(text)
    } else {
        text
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || rule.also.contains(c);
    let lower = rule.of == BUCKET.of;
    let ends = |c: char| c.is_ascii_alphanumeric();
    let label = if let Some(wrong) = stem.chars().find(|it| !legal(*it)) {
        format!("`{wrong}` is not allowed")
    } else if fifo && !text.ends_with(FIFO) {
        format!("the name of what keeps order ends with `{FIFO}`")
    } else if lower && text.chars().any(|it| it.is_ascii_uppercase()) {
        "small letters only".to_owned()
    } else if lower && !(text.starts_with(ends) && text.ends_with(ends)) {
        "a letter or a digit at both ends".to_owned()
    } else if lower && ["..", ".-", "-."].iter().any(|it| text.contains(it)) {
        "no `.` beside `.` or `-`".to_owned()
    } else if text.len() < rule.least || text.len() > rule.most {
        format!("{} to {} characters", rule.least, rule.most)
    } else {
        return;
    };
    let message = format!("{} takes no name such as `{text}`", rule.of);
    let help = format!("letters, digits and `{}` are allowed", rule.also);
    found.push(
        Diagnostic::new(Code::FN0820, message)
            .label(name.span, label)
            .help(help),
    );
}
