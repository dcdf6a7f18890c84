//! FN0542: an external queue or topic whose name says another thing of its order than the program does.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Name, Place, Setting, Target};

const FIFO: &str = ".fifo";

/// Compares `fifo` with the names of external queues and topics: SQS and SNS let those that keep an order, and no
/// others, end in `.fifo` ("Amazon SQS API Reference", `CreateQueue`; "Amazon SNS API Reference", `CreateTopic`).
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let queues = app.queues.values();
    let queues = queues.map(|it| ("queue", &it.name, &it.place, &it.fifo));
    let topics = app.topics.values();
    let topics = topics.map(|it| ("topic", &it.name, &it.place, &it.fifo));
    for (kind, name, place, fifo) in queues.chain(topics) {
        resource(kind, name, place, fifo, found);
    }
}

fn resource(kind: &str, name: &Name, place: &Place, fifo: &Setting<bool>, found: &mut Diagnostics) {
    let address = place.external.as_ref();
    let Some(address) = address.and_then(|it| it.addresses.get(&Target::Aws)) else {
        return;
    };
    // The name behind an export is known only when deployed.
    let Some(written) = address.get("arn").or_else(|| address.get("name")) else {
        return;
    };
    let (message, help) = match (written.value.ends_with(FIFO), fifo.value) {
        (true, false) => (
            "keeps an order that the program doesn't know of",
            "add `fifo` to its block",
        ),
        (false, true) => (
            "is said to be `fifo`, and can't be",
            "leave `fifo` out, or name the one that ends in `.fifo`",
        ),
        (true, true) | (false, false) => return,
    };
    let message = format!("the external {kind} `{}` {message}", name.value);
    let mut finding = Diagnostic::new(Code::FN0542, message)
        .label(
            written.span,
            "on AWS the name of a fifo, and of no other, ends in `.fifo`",
        )
        .help(help);
    if let Some(span) = fifo.span() {
        finding = finding.label(span, "said here");
    }
    found.push(finding);
}
