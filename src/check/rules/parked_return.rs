//! FN0530: parked messages that come back to the queue they failed in.

use super::flow::Flow;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Name, Queue, Verb};

/// Reports a function that starts on a queue of parked messages and may send them back: one that always fails goes
/// round and round.
pub(super) fn check(app: &App, flow: &Flow<'_>, found: &mut Diagnostics) {
    for queue in app.queues.values() {
        let park = queue.retry.as_ref().and_then(|it| it.value.park.as_ref());
        let Some(park) = park.filter(|it| it.value != queue.name.value) else {
            continue;
        };
        if flow.queue(queue.name.as_str()).consumers.is_empty() {
            continue;
        }
        for &(function, trigger) in &flow.queue(park.as_str()).consumers {
            if let Some(back) = sends_back(function, queue) {
                report(queue, park, function, [&trigger.queue, back], found);
            }
        }
    }
}

fn sends_back<'a>(function: &'a Function, queue: &Queue) -> Option<&'a Name> {
    let mut sent = function.granted(Verb::Send);
    sent.find(|it| it.value == queue.name.value)
}

fn report(
    queue: &Queue,
    park: &Name,
    function: &Function,
    [on, back]: [&Name; 2],
    found: &mut Diagnostics,
) {
    let (name, sender) = (&queue.name.value, &function.name.value);
    found.push(
        Diagnostic::new(
            Code::FN0530,
            format!("messages of `{name}` that are parked come back to it by themselves"),
        )
        .label(back.span, format!("`{sender}` may send them back"))
        .label(on.span, format!("`{sender}` starts on each parked one"))
        .label(park.span, "parked here")
        .help("a message that always fails goes round without end: send back on demand, from an http route or with `fnc parked`"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn parked_messages_wait() {
        let program = |on: &str| {
            format!(
                r#"
queue orders {{ retry 5 then failed }}
queue failed {{ keep 14d{more} }}
queue hopeless {{ keep 14d }}
function bill {{ handler "src/a.py:handle"; on queue orders }}
function again {{ handler "src/a.py:handle"; {on}; can send orders }}"#,
                more = if on.contains("failed") {
                    "; retry 2 then hopeless"
                } else {
                    ""
                }
            )
        };
        finds(&program("on queue failed"), "FN0530 at `orders`");
        finds(
            &program("on http POST \"/again\" { auth none }")
                .replace("queue hopeless { keep 14d }\n", ""),
            "",
        );
    }
}
