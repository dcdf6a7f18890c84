//! FN0505: a queue that is sent to, but that nobody consumes.

use super::flow::QueueUse;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Queue;

/// Reports a queue with senders and no consumer, unless others park in it, where messages are meant to wait.
pub(super) fn check(queue: &Queue, used: &QueueUse<'_>, found: &mut Diagnostics) {
    if !used.consumers.is_empty() || used.parked_in {
        return;
    }
    let Some((sender, grant)) = used.senders.first() else {
        return;
    };
    let name = &queue.name.value;
    found.push(
        Diagnostic::new(
            Code::FN0505,
            format!("nothing takes the messages of `{name}`"),
        )
        .label(queue.name.span, "no function starts on this queue")
        .label(grant.span, format!("`{}` sends to it", sender.name.value))
        .help(format!(
            "write `on queue {name}` in the function that handles them"
        )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn somebody_takes_what_is_sent() {
        let source = r#"
queue orders { keep 1d }
function a { handler "src/a.py:handle"; on http POST "/a" { auth none }; can send orders }"#;
        finds(source, "FN0505 at `orders`");
    }

    #[test]
    fn a_parking_queue_needs_no_consumer() {
        let source = r#"
queue orders { retry 5 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders; can send failed }"#;
        finds(source, "");
    }
}
