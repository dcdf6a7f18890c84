//! FN0501: a `retry` that parks in its own queue, or in one that leads back there.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Name, Queue};

/// Follows `retry … then` from queue to queue. Each has one at most, so every queue is passed once.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut walks: IndexMap<&str, usize> = IndexMap::new();
    for (walk, start) in app.queues.values().enumerate() {
        let mut at = start;
        loop {
            match walks.get(at.name.as_str()) {
                Some(earlier) if *earlier == walk => {
                    report(at, app, found);
                    break;
                }
                Some(_) => break,
                None => walks.insert(at.name.as_str(), walk),
            };
            let Some((_, next)) = next(at, app) else {
                break;
            };
            at = next;
        }
    }
}

fn next<'a>(queue: &'a Queue, app: &'a App) -> Option<(&'a Name, &'a Queue)> {
    let park = queue.retry.as_ref()?.value.park.as_ref()?;
    Some((park, app.queues.get(park.as_str())?))
}

fn report(start: &Queue, app: &App, found: &mut Diagnostics) {
    let mut steps: Vec<&Name> = Vec::new();
    let mut at = start;
    while let Some((park, queue)) = next(at, app) {
        steps.push(park);
        at = queue;
        if at.name == start.name {
            break;
        }
    }
    let name = &start.name.value;
    let message = match steps.len() {
        1 => format!("`{name}` parks its failed messages in itself"),
        _ => format!("failed messages of `{name}` come back to it"),
    };
    let mut finding = Diagnostic::new(Code::FN0501, message);
    for step in steps {
        finding = finding.label(step.span, format!("parked in `{}`", step.value));
    }
    found.push(finding.help("park them in a queue of its own: `queue failed { keep 14d }`"));
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn a_queue_does_not_park_in_itself() {
        let source = r#"
queue orders { retry 5 then orders }
function bill { handler "src/bill.py:handle"; on queue orders }"#;
        finds(source, "FN0501 at `orders`");
    }

    #[test]
    fn a_circle_is_reported_once() {
        let source = r#"
queue entry { retry 1 then first }
queue first { retry 1 then second }
queue second { retry 1 then third }
queue third { retry 1 then first }
function bill { handler "src/bill.py:handle"; on queue entry }"#;
        finds(source, "FN0501 at `second`");
    }

    #[test]
    fn a_chain_is_fine() {
        let source = r#"
queue first { retry 1 then second }
queue second { retry 1 then third }
queue third { keep 14d }
function bill { handler "src/bill.py:handle"; on queue first }
function again { handler "src/again.py:handle"; on queue second }"#;
        finds(source, "");
    }
}
