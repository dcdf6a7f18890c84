//! FN0441: `can reply` in an app without a websocket.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, TriggerKind, Verb};

/// Reports each right to reply when no client can connect.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut triggers = app.functions.values().flat_map(|it| &it.triggers);
    if triggers.any(|it| matches!(it.kind, TriggerKind::Websocket(_))) {
        return;
    }
    for function in app.functions.values() {
        for word in function.granted(Verb::Reply) {
            found.push(
                Diagnostic::new(
                    Code::FN0441,
                    format!("`{}` has nobody to reply to", function.name.value),
                )
                .label(word.span, "the app has no websocket")
                .help("let clients connect: `on websocket message` on some function; an http route answers with what its handler returns"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn there_is_a_websocket_to_reply_on() {
        let alone =
            r#"function a { handler "src/a.py:handle"; on http GET "/" { auth none }; can reply }"#;
        finds(alone, "FN0441 at `reply`");
        let elsewhere = r#"
queue jobs { retry 3 then failed }
queue failed
function work { handler "src/a.py:handle"; on queue jobs; can reply }
function chat { handler "src/b.py:handle"; on websocket message "say"; can send jobs }"#;
        finds(elsewhere, "");
    }
}
