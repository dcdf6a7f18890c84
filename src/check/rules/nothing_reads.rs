//! FN0532: records and events that are written, and that nothing takes.

use indexmap::IndexSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvPart, EnvValue, Grant, Name, Thing, TriggerKind};

/// Reports streams and buses of the program that functions write and no function starts on. One whose name is given away
/// has readers elsewhere, and raw resources may read any.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    if !app.raw.is_empty() {
        return;
    }
    let mut read: IndexSet<&str> = IndexSet::new();
    for function in app.functions.values() {
        read.extend(function.triggers.iter().filter_map(|it| match &it.kind {
            TriggerKind::Stream(it) => Some(it.source.as_str()),
            TriggerKind::Event(it) => Some(it.bus.as_str()),
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Queue(_)
            | TriggerKind::Topic(_)
            | TriggerKind::Table(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => None,
        }));
        for variable in &function.env {
            if let EnvValue::Text(parts) = &variable.value {
                read.extend(given(parts));
            }
        }
    }
    read.extend(app.outputs.values().flat_map(|it| given(&it.value)));
    let streams = app
        .streams
        .values()
        .map(|it| (&it.name, &it.place, Thing::Stream));
    let buses = app
        .buses
        .values()
        .map(|it| (&it.name, &it.place, Thing::Bus));
    for (name, place, thing) in streams.chain(buses) {
        let own = place.external.is_none() && place.named.is_none() && place.hatches.is_empty();
        let writer = writer(app, name, thing).filter(|_| own && !read.contains(name.as_str()));
        let Some((function, at)) = writer else {
            continue;
        };
        let (what, on) = match thing {
            Thing::Stream => ("records", format!("on stream {}", name.value)),
            Thing::Queue
            | Thing::Topic
            | Thing::Bucket
            | Thing::Table
            | Thing::Bus
            | Thing::Layer
            | Thing::Vpc
            | Thing::Function => ("events", format!("on event \"TYPE\" from {}", name.value)),
        };
        found.push(
            Diagnostic::new(
                Code::FN0532,
                format!("nothing takes the {what} of `{}`", name.value),
            )
            .label(
                name.span,
                format!("no function starts on this {}", thing.word()),
            )
            .label(at.span, format!("`{function}` writes to it"))
            .help(format!("write `{on}` in the function that handles them")),
        );
    }
}

fn writer<'a>(app: &'a App, name: &Name, thing: Thing) -> Option<(&'a str, &'a Name)> {
    let wanted = |it: &&Grant| it.of == thing && it.resource.value == name.value;
    app.functions.values().find_map(|function| {
        let grant = function.can.iter().find(wanted)?;
        Some((function.name.as_str(), &grant.resource))
    })
}

/// Returns the resources whose attributes stand in a text.
fn given(parts: &[EnvPart]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|it| match it {
        EnvPart::Attribute(it) => Some(it.resource.as_str()),
        EnvPart::Plain(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn what_is_written_is_read() {
        let program = |more: &str, reader: &str| {
            format!(
                r#"
queue failed {{ keep 14d }}
stream clicks
bus events
function a {{
  handler "src/a.py:handle"
  on http GET "/" {{ auth none }}
  can write clicks
  can publish events
  {more}
}}
function b {{ handler "src/a.py:handle"; on every 5m; {reader}; retry 2 then failed }}"#
            )
        };
        finds(
            &program("", "memory 1GB"),
            "FN0532 at `clicks`\nFN0532 at `events`",
        );
        let reader = "on stream clicks { retry 2 then failed }; on event \"x\" from events";
        finds(&program("", reader), "");
        finds(
            &program(
                "env { CLICKS = stream.clicks.arn; BUS = bus.events.name }",
                "memory 1GB",
            ),
            "",
        );
    }
}
