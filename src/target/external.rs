//! FN0804: external resources that the target doesn't know where to find.

use super::Target;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Name, Place, Thing, TriggerKind};
use crate::source::Span;

/// Reports external resources without an address on the target, or with one that isn't enough for what starts on them.
pub(super) fn check(app: &App, target: Target, found: &mut Diagnostics) {
    let queues = app.queues.values().map(|it| (&it.name, &it.place));
    let topics = app.topics.values().map(|it| (&it.name, &it.place));
    let streams = app.streams.values().map(|it| (&it.name, &it.place));
    let buckets = app.buckets.values().map(|it| (&it.name, &it.place));
    let tables = app.tables.values().map(|it| (&it.name, &it.place));
    let buses = app.buses.values().map(|it| (&it.name, &it.place));
    let mut check = |thing: Thing, name: &Name, place: &Place| {
        resource(app, target, thing, name, place, found);
    };
    queues.for_each(|(name, place)| check(Thing::Queue, name, place));
    topics.for_each(|(name, place)| check(Thing::Topic, name, place));
    streams.for_each(|(name, place)| check(Thing::Stream, name, place));
    buckets.for_each(|(name, place)| check(Thing::Bucket, name, place));
    tables.for_each(|(name, place)| check(Thing::Table, name, place));
    buses.for_each(|(name, place)| check(Thing::Bus, name, place));
    let layers = app.layers.values().filter(|it| it.folder.is_none());
    let layers = layers.map(|it| (Thing::Layer, &it.name, it.addresses.contains_key(&target)));
    let vpcs = app.vpcs.values();
    let vpcs = vpcs.map(|it| (Thing::Vpc, &it.name, it.addresses.contains_key(&target)));
    for (thing, name, _) in layers.chain(vpcs).filter(|(_, _, there)| !there) {
        // Where the target has no words for an address, it has none for the thing either: FN0803 says so.
        let form = crate::check::addresses::address(thing, target).form;
        if !form.is_empty() {
            found.push(nowhere(thing, name, target, form));
        }
    }
}

fn nowhere(thing: Thing, name: &Name, target: Target, form: &str) -> Diagnostic {
    let (kind, title) = (thing.word(), target.title());
    let message = format!(
        "the external {kind} `{}` has no address on {title}",
        name.value
    );
    Diagnostic::new(Code::FN0804, message)
        .label(name.span, format!("{title} isn't told where it is"))
        .help(format!(
            "say it: `{form}`; or leave {title} out of the targets"
        ))
}

fn resource(
    app: &App,
    target: Target,
    thing: Thing,
    name: &Name,
    place: &Place,
    found: &mut Diagnostics,
) {
    let Some(external) = &place.external else {
        return;
    };
    let (kind, title) = (thing.word(), target.title());
    let Some(address) = external.addresses.get(&target) else {
        let form = crate::check::addresses::address(thing, target).form;
        found.push(nowhere(thing, name, target, form));
        return;
    };
    let Some(started) = starts(app, thing, name) else {
        return;
    };
    let needed = match target {
        Target::Aws if thing == Thing::Table && !address.contains_key("stream") => "stream",
        Target::Knative if address.contains_key("address") => match thing {
            Thing::Queue => "channel",
            Thing::Topic
            | Thing::Bus
            | Thing::Stream
            | Thing::Bucket
            | Thing::Table
            | Thing::Layer
            | Thing::Vpc
            | Thing::Function => "broker",
        },
        Target::Aws | Target::Azure | Target::Knative => return,
    };
    let message = format!(
        "the address of the external {kind} `{}` on {title} isn't enough to start on it",
        name.value
    );
    found.push(
        Diagnostic::new(Code::FN0804, message)
            .label(name.span, format!("`{needed}` is missing"))
            .label(started, "started here")
            .help(format!(
                "add `{needed} = \"…\"` to its `{}` block",
                target.word()
            )),
    );
}

/// Returns where a function starts on the resource.
fn starts(app: &App, thing: Thing, name: &Name) -> Option<Span> {
    let triggers = app.functions.values().flat_map(|it| &it.triggers);
    triggers
        .filter_map(|it| match &it.kind {
            TriggerKind::Queue(it) => Some((Thing::Queue, &it.queue)),
            TriggerKind::Topic(it) => Some((Thing::Topic, &it.topic)),
            TriggerKind::Stream(it) => Some((Thing::Stream, &it.source)),
            TriggerKind::Table(it) => Some((Thing::Table, &it.source)),
            TriggerKind::Bucket(it) => Some((Thing::Bucket, &it.bucket)),
            TriggerKind::Event(it) => Some((Thing::Bus, &it.bus)),
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => None,
        })
        .find(|(of, source)| *of == thing && source.value == name.value)
        .map(|(_, source)| source.span)
}
