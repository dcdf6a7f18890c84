//! FN0504: a message that is visible again before its consumer is done.

use super::flow::QueueUse;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Origin, Queue, duration_text};

/// Compares a written `hidden` with the timeout of the consumer.
pub(super) fn check(queue: &Queue, used: &QueueUse<'_>, found: &mut Diagnostics) {
    let Origin::Written(span) = queue.hidden.origin else {
        return;
    };
    let slowest = used.consumers.iter().max_by_key(|(it, _)| it.timeout.value);
    let Some((consumer, _)) = slowest.filter(|(it, _)| it.timeout.value > queue.hidden.value)
    else {
        return;
    };
    let (name, function) = (&queue.name.value, &consumer.name.value);
    let hidden = duration_text(queue.hidden.value);
    let timeout = duration_text(consumer.timeout.value);
    found.push(
        Diagnostic::new(
            Code::FN0504,
            format!(
                "a message of `{name}` is delivered again after {hidden}, while `{function}` may work on it for {timeout}"
            ),
        )
        .label(span, "visible again after this")
        .label(
            consumer.timeout.span().unwrap_or(consumer.name.span),
            format!("`{function}` has {timeout}"),
        )
        .help(format!(
            "leave `hidden` out: it is then {}; or write {timeout} or more",
            duration_text(consumer.timeout.value * 6)
        )),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(hidden: &str) -> String {
        format!(
            r#"
queue orders {{ {hidden}retry 5 then failed }}
queue failed {{ keep 14d }}
function bill {{ handler "src/bill.py:handle"; timeout 60s; on queue orders }}"#
        )
    }

    #[test]
    fn hidden_lasts_as_long_as_the_call() {
        finds(&program("hidden 59s; "), "FN0504 at `59s`");
        finds(&program("hidden 60s; "), "");
        finds(&program(""), "");
    }
}
