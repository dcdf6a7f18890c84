//! FN0873: imported sources that events don't tell apart.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, Name, Target, Thing, TriggerKind};
use crate::target::aws::located::place;

/// Reports functions that start on several resources whose names only another stack knows.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for function in app.functions.values() {
        let mut imported = imported(app, function);
        let (Some(first), Some(second)) = (imported.next(), imported.next()) else {
            continue;
        };
        let name = &function.name.value;
        let message = format!(
            "`{name}` can't tell events of `{}` and `{}` apart on AWS",
            first.value, second.value
        );
        found.push(
            Diagnostic::new(Code::FN0873, message)
                .label(second.span, "its name is known to another stack alone")
                .label(first.span, "and so is this one's")
                .help("give one of them by `arn` or `name`, or start a function of its own on it"),
        );
    }
}

/// Returns the sources of a function whose ARNs other stacks export.
fn imported<'a>(app: &'a App, function: &'a Function) -> impl Iterator<Item = &'a Name> {
    let sources = function.triggers.iter().filter_map(|it| match &it.kind {
        TriggerKind::Queue(it) => Some((Thing::Queue, &it.queue)),
        TriggerKind::Topic(it) => Some((Thing::Topic, &it.topic)),
        TriggerKind::Stream(it) => Some((Thing::Stream, &it.source)),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    });
    let is_imported = move |(of, name): &(Thing, &Name)| {
        let place = place(app, *of, name.as_str());
        let external = place.and_then(|it| it.external.as_ref());
        let address = external.and_then(|it| it.addresses.get(&Target::Aws));
        address.is_some_and(|it| it.contains_key("import"))
    };
    sources.filter(is_imported).map(|(_, name)| name)
}
