//! FN0533: order that ends in the middle of a chain.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Name, Thing, TriggerKind};

/// Notes what a function that takes events in order may send to without keeping it.
pub(super) fn check(function: &Function, app: &App, found: &mut Diagnostics) {
    let queue = |name: &str| app.queues.get(name).map(|it| it.fifo.value);
    let topic = |name: &str| app.topics.get(name).map(|it| it.fifo.value);
    let ordered = function.triggers.iter().find_map(|it| match &it.kind {
        TriggerKind::Queue(it) if queue(&it.queue.value) == Some(true) => Some(&it.queue),
        TriggerKind::Topic(it) if topic(&it.topic.value) == Some(true) => Some(&it.topic),
        TriggerKind::Queue(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    });
    let Some(ordered) = ordered else {
        return;
    };
    for grant in &function.can {
        let name = grant.resource.as_str();
        let fifo = match grant.of {
            Thing::Queue => queue(name),
            Thing::Topic => topic(name),
            Thing::Stream
            | Thing::Bucket
            | Thing::Table
            | Thing::Bus
            | Thing::Layer
            | Thing::Vpc
            | Thing::Function => None,
        };
        if fifo == Some(false) && !is_parking(app, name) {
            report(function, ordered, &grant.resource, grant.of, found);
        }
    }
}

/// Tells whether messages wait there because they failed, where order means nothing.
fn is_parking(app: &App, name: &str) -> bool {
    let queues = app.queues.values().filter_map(|it| it.retry.as_ref());
    let functions = app.functions.values().map(|it| &it.retry);
    let mut parks = queues
        .chain(functions)
        .filter_map(|it| it.value.park.as_ref());
    parks.any(|it| it.value == name)
}

fn report(function: &Function, from: &Name, to: &Name, of: Thing, found: &mut Diagnostics) {
    let (name, kind) = (&function.name.value, of.word());
    found.push(
        Diagnostic::new(
            Code::FN0533,
            format!("the order of `{}` ends at `{}`", from.value, to.value),
        )
        .label(to.span, format!("this {kind} is not fifo"))
        .label(from.span, format!("`{name}` takes these in order"))
        .help(format!(
            "fine when it doesn't matter there; else make it fifo: `{kind} {} {{ fifo … }}`",
            to.value
        )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn order_goes_on_or_is_said_to_end() {
        let program = |bills: &str| {
            format!(
                r#"
queue orders {{ fifo; retry 5 then failed }}
queue failed {{ fifo; keep 14d }}
queue bills {{ {bills} }}
queue parked {{ keep 14d }}
function order {{ handler "src/a.py:handle"; on queue orders; can send bills }}
function bill {{ handler "src/a.py:handle"; on queue bills }}
function tick {{ handler "src/a.py:handle"; on every 5m; retry 2 then parked }}"#
            )
        };
        finds(&program("retry 5 then parked"), "FN0533 at `bills`");
        finds(&program("fifo; retry 5 then failed"), "");
    }
}
