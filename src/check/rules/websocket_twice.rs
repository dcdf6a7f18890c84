//! FN0440: a websocket's event that two functions take.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, TriggerKind};
use crate::source::Span;

/// Reports events of the app's websocket that another function takes already; twice on one function is FN0411.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut seen: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for function in app.functions.values() {
        for trigger in &function.triggers {
            let TriggerKind::Websocket(it) = &trigger.kind else {
                continue;
            };
            let event = it.event.to_string();
            let Some((first, span)) = seen.get(&event) else {
                seen.insert(event, (function.name.as_str(), trigger.span));
                continue;
            };
            if *first == function.name.value {
                continue;
            }
            found.push(
                Diagnostic::new(
                    Code::FN0440,
                    format!("`on websocket {event}` of `{}` is already taken by `{first}`", function.name.value),
                )
                .label(trigger.span, "taken again here")
                .label(*span, format!("first taken here, by `{first}`"))
                .help("an app has one websocket, and each of its events goes to one function: remove one, or give its messages another route"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn two(first: &str, second: &str) -> String {
        format!(
            r#"
function a {{ handler "src/a.py:handle"; on websocket {first} }}
function b {{ handler "src/b.py:handle"; on websocket {second} }}"#
        )
    }

    #[test]
    fn an_event_goes_to_one_function() {
        finds(
            &two("connect", "connect"),
            "FN0440 at `on websocket connect`",
        );
        let same = two("message \"say\"", "message \"say\"");
        finds(&same, "FN0440 at `on websocket message \"say\"`");
        finds(&two("message", "message \"say\""), "");
        finds(&two("connect", "disconnect"), "");
        let own = r#"function a { handler "src/a.py:handle"; on websocket message; on websocket message }"#;
        finds(own, "FN0411 at `on websocket message`");
    }
}
