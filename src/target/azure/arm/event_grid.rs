//! Buses, and what happens in buckets: Event Grid puts each event into a queue of the function's own, its inbox.
//!
//! A queue counts attempts, holds what waits and parks what fails, as the program says; Event Grid itself would park in
//! a blob. And it is there before the function's code is, which an endpoint of the function isn't.

use serde_json::{Map, Value, json};

use super::bucket::account;
use super::expression::{Text, call, literal, property};
use super::kind::{
    BUS, BUS_SUBSCRIPTION, CHANGES, CHANGES_SUBSCRIPTION, IDENTITY, STORAGE, depends_on, with,
};
use super::placed;
use super::right::{Right, SERVICE_BUS_DATA_SENDER};
use super::service_bus::{entity_id, inbox_queue};
use crate::model::{App, BucketChange, BucketTrigger, Bus, Function};
use crate::target::azure::entry::{Entry, Start, entries};
use crate::target::azure::names::{container, inbox};

/// Returns the buses, the inboxes, and the subscriptions that fill them.
pub(super) fn resources(app: &App) -> Vec<Value> {
    let mut made: Vec<Value> = own(app).map(|it| bus(app, it)).collect();
    if !is_used(app) {
        return made;
    }
    let mut head = IDENTITY.head(&identity());
    head.extend(placed(app));
    made.push(Value::Object(head));
    for bucket in super::bucket::own(app) {
        let name = bucket.name.as_str();
        // Functions and resources share one namespace, so no bus has a bucket's name.
        if pushed(app).any(|(_, it)| it.start.pushed_by() == Some(name)) {
            made.push(changes(app, name));
        }
    }
    for (function, entry) in pushed(app) {
        made.extend(delivery(function, &entry));
    }
    made
}

/// Returns the buses that the program creates.
pub(in crate::target::azure) fn own(app: &App) -> impl Iterator<Item = &Bus> {
    let buses = app.buses.values();
    buses.filter(|it| it.place.external.is_none())
}

/// Tells whether any entry has an inbox.
pub(super) fn is_used(app: &App) -> bool {
    pushed(app).next().is_some()
}

/// Returns the entries that have an inbox, with their functions.
fn pushed(app: &App) -> impl Iterator<Item = (&Function, Entry<'_>)> {
    let functions = app.functions.values();
    let all = functions.flat_map(|it| entries(it).into_iter().map(move |entry| (it, entry)));
    all.filter(|(_, it)| it.start.pushed_by().is_some())
}

/// Returns the name of the identity with which Event Grid writes to the inboxes.
fn identity() -> Text {
    call("variables", [literal("events")])
}

/// Returns the name of a bus's topic.
pub(in crate::target::azure) fn bus_name(bus: &str) -> Text {
    property(&call("variables", [literal("buses")]), bus)
}

/// Returns a bus's id.
pub(super) fn bus_id(bus: &str) -> Text {
    BUS.id([bus_name(bus)])
}

/// Returns where events are published to a bus.
pub(in crate::target::azure) fn bus_url(bus: &str) -> Text {
    let state = super::kind::reference(&BUS, [bus_name(bus)]);
    property(&state, "endpoint")
}

fn bus(app: &App, bus: &Bus) -> Value {
    let mut head = BUS.head(&bus_name(bus.name.as_str()));
    head.extend(placed(app));
    head.extend(writer());
    let properties = json!({ "inputSchema": "CloudEventSchemaV1_0", "disableLocalAuth": true });
    let needs = depends_on(&[IDENTITY.id([identity()])]);
    if is_used(app) {
        return with(
            head,
            json!({ "dependsOn": needs, "properties": properties }),
        );
    }
    head.remove("identity");
    with(head, json!({ "properties": properties }))
}

/// Returns the topic of what happens in a bucket's account.
fn changes(app: &App, bucket: &str) -> Value {
    let mut head = CHANGES.head(&account(bucket));
    head.extend(placed(app));
    head.extend(writer());
    let storage = STORAGE.id([account(bucket)]);
    let needs = depends_on(&[storage.clone(), IDENTITY.id([identity()])]);
    with(
        head,
        json!({
            "dependsOn": needs,
            "properties": {
                "source": storage.written(),
                "topicType": "Microsoft.Storage.StorageAccounts",
            },
        }),
    )
}

/// Returns the member that gives a topic the identity with which it writes.
fn writer() -> Map<String, Value> {
    let mut users = Map::new();
    users.insert(IDENTITY.id([identity()]).written(), json!({}));
    let mut made = Map::new();
    let identity = json!({ "type": "UserAssigned", "userAssignedIdentities": users });
    made.insert("identity".to_owned(), identity);
    made
}

/// Returns an entry's inbox, Event Grid's right to write to it, and the subscription.
fn delivery(function: &Function, entry: &Entry<'_>) -> Vec<Value> {
    let source = entry.start.pushed_by().unwrap_or_default();
    let name = inbox(function.name.as_str(), entry, source);
    let queue = entity_id(&name);
    let right = Right::on(SERVICE_BUS_DATA_SENDER, queue.clone());
    let writes = IDENTITY.id([identity()]);
    let (kind, parent, topic, filter) = match &entry.start {
        Start::Bucket(it) => {
            let topic = account(source);
            let parent = CHANGES.id([topic.clone()]);
            (&CHANGES_SUBSCRIPTION, parent, topic, objects(it))
        }
        Start::Event(it) => {
            let filter = json!({ "includedEventTypes": [it.event.value] });
            (&BUS_SUBSCRIPTION, bus_id(source), bus_name(source), filter)
        }
        Start::Http(_)
        | Start::Invoke
        | Start::Queue(_)
        | Start::Topic(_)
        | Start::Stream(_)
        | Start::Table(_)
        | Start::Timer(_) => return Vec::new(),
    };
    let format = literal(&format!("{{0}}/{}", name.replace('.', "-")));
    let subscription = with(
        kind.head(&call("format", [format, topic])),
        json!({
            "dependsOn": depends_on(&[parent, queue.clone(), right.id(&identity())]),
            "properties": {
                "deliveryWithResourceIdentity": {
                    "identity": { "type": "UserAssigned", "userAssignedIdentity": writes.written() },
                    "destination": {
                        "endpointType": "ServiceBusQueue",
                        "properties": { "resourceId": queue.written() },
                    },
                },
                "eventDeliverySchema": "CloudEventSchemaV1_0",
                "filter": filter,
                "retryPolicy": { "maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440 },
            },
        }),
    );
    vec![
        inbox_queue(&name, function),
        right.assignment(&identity()),
        subscription,
    ]
}

/// Returns which events of a storage account are changes that a trigger takes.
fn objects(it: &BucketTrigger) -> Value {
    let change = match it.change {
        BucketChange::Created => "Microsoft.Storage.BlobCreated",
        BucketChange::Deleted => "Microsoft.Storage.BlobDeleted",
    };
    let container = container(it.bucket.as_str());
    let prefix = &it.prefix.value;
    json!({
        "includedEventTypes": [change],
        "subjectBeginsWith": format!("/blobServices/default/containers/{container}/blobs/{prefix}"),
        "subjectEndsWith": it.suffix.value,
        "isSubjectCaseSensitive": true,
    })
}
