//! FN0408: a queue consumed by two functions.

use super::flow::QueueUse;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Queue;

/// Reports every consumer after the first; the same function twice is FN0411.
pub(super) fn check(queue: &Queue, used: &QueueUse<'_>, found: &mut Diagnostics) {
    let Some(((first, first_trigger), others)) = used.consumers.split_first() else {
        return;
    };
    let mut last = first;
    for (function, trigger) in others {
        if function.name == last.name {
            continue;
        }
        last = function;
        let name = &queue.name.value;
        found.push(
            Diagnostic::new(
                Code::FN0408,
                format!(
                    "`{name}` is consumed by `{}` and by `{}`",
                    first.name.value, function.name.value
                ),
            )
            .label(trigger.queue.span, "consumed again here")
            .label(first_trigger.queue.span, "first consumed here")
            .help("a message goes to one of them only: give each a queue, or publish to a topic, which both get"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn a_queue_has_one_consumer() {
        let source = r#"
queue orders { retry 5 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders }
function ship { handler "src/ship.py:handle"; on queue orders }"#;
        finds(source, "FN0408 at `orders`");
    }

    #[test]
    fn stages_are_looked_at_one_by_one() {
        let source = r#"
stage dev, prod
queue orders { retry 5 then failed }
queue failed { keep 14d }
function bill when stage == "dev" { handler "src/bill.py:handle"; on queue orders }
function ship when stage == "prod" { handler "src/ship.py:handle"; on queue orders }"#;
        finds(source, "");
    }
}
