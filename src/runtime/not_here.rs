//! What a program may say and the local run doesn't carry out yet: told before anything starts, so that nothing is
//! left out silently.

use crate::model::{App, Auth, Function, TriggerKind, Verb};

/// Returns the first word that the local run doesn't carry out, and whose it is.
pub(super) fn not_here(app: &App) -> Option<(&'static str, &str)> {
    app.functions
        .values()
        .find_map(|it| Some((word(app, it)?, it.name.as_str())))
}

fn word(app: &App, function: &Function) -> Option<&'static str> {
    let triggers = function.triggers.iter();
    let rights = function.can.iter();
    triggers
        .filter_map(|it| of_trigger(&it.kind))
        .chain(rights.filter_map(|it| of_right(it.verb)))
        .chain(function.layers.iter().filter_map(|it| {
            let layer = app.layers.get(it.as_str())?;
            layer.folder.is_none().then_some("external layer")
        }))
        .next()
}

fn of_trigger(kind: &TriggerKind) -> Option<&'static str> {
    let auth = kind.auth().and_then(|it| match &it.value {
        Auth::None | Auth::Key(_) | Auth::Custom(_) => None,
        Auth::Jwt(_) => Some("auth jwt"),
    });
    auth.or(match kind {
        TriggerKind::Websocket(_) => Some("on websocket"),
        TriggerKind::Bucket(_)
        | TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Queue(_)
        | TriggerKind::Topic(_)
        | TriggerKind::Event(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Raw(_) => None,
    })
}

fn of_right(verb: Verb) -> Option<&'static str> {
    match verb {
        Verb::Reply => Some("can reply"),
        Verb::Send | Verb::Publish | Verb::Invoke | Verb::Write | Verb::Read => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_to_connected_clients_are_left() {
        assert_eq!(of_right(Verb::Reply), Some("can reply"));
        assert_eq!(of_right(Verb::Write), None);
    }
}
