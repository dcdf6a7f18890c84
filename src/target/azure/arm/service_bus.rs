//! Queues and topics: one Service Bus namespace of the program's own.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::expression::{Text, call, literal};
use super::kind::{Kind, NAMESPACE, QUEUE, SUBSCRIPTION, TOPIC, depends_on, with};
use super::placed;
use crate::model::{App, Function, Queue, Retry, Topic};
use crate::target::azure::names::entity;

/// The longest lock of a message (Service Bus quotas, "Queues and topics").
pub(in crate::target::azure) const LONGEST_LOCK: Duration = Duration::from_mins(5);
/// The most deliveries of a message that a queue or a subscription counts to.
const MOST_DELIVERIES: u32 = 2000;

/// Returns the namespace, its queues and topics, and a subscription for each function on a topic.
pub(super) fn resources(app: &App) -> Vec<Value> {
    let mut head = NAMESPACE.head(&name());
    head.extend(placed(app));
    // The tier Basic has no topics, sessions or scheduled messages.
    let namespace = json!({
        "sku": { "name": "Standard", "tier": "Standard" },
        "properties": { "disableLocalAuth": true, "minimumTlsVersion": "1.2" },
    });
    let mut made = vec![with(head, namespace)];
    made.extend(app.queues.values().map(queue));
    for topic in app.topics.values() {
        made.push(self::topic(topic));
        let subscribers = app.subscribers(&topic.name.value);
        made.extend(subscribers.map(|it| subscription(topic, it)));
    }
    made
}

fn name() -> Text {
    call("variables", [literal("serviceBus")])
}

/// Returns a queue's id.
pub(super) fn queue_id(queue: &str) -> Text {
    QUEUE.id([name(), literal(&entity(queue))])
}

/// Returns the id of a queue that has this name on Azure.
pub(super) fn entity_id(queue: &str) -> Text {
    QUEUE.id([name(), literal(queue)])
}

/// Returns a topic's id.
pub(super) fn topic_id(topic: &str) -> Text {
    TOPIC.id([name(), literal(&entity(topic))])
}

/// Returns the id of a function's subscription to a topic.
pub(super) fn subscription_id(topic: &str, function: &str) -> Text {
    SUBSCRIPTION.id([name(), literal(&entity(topic)), literal(&entity(function))])
}

fn queue(queue: &Queue) -> Value {
    let retry = queue.retry.as_ref().map(|it| &it.value);
    let mut properties = delivery(retry, queue.hidden.value, queue.fifo.value);
    let keep = json!(iso8601(queue.keep.value));
    properties.insert("defaultMessageTimeToLive".to_owned(), keep);
    let mut needs = vec![NAMESPACE.id([name()])];
    needs.extend(parking(retry));
    child(&QUEUE, &[&queue.name.value], &properties, &needs)
}

/// Returns the queue through which an entry of a function gets what Event Grid pushes.
pub(super) fn inbox_queue(inbox: &str, function: &Function) -> Value {
    let retry = &function.retry.value;
    let lock = function.timeout.value.max(Duration::from_mins(1));
    let mut properties = delivery(Some(retry), lock, false);
    let keep = json!(iso8601(Duration::from_hours(14 * 24)));
    properties.insert("defaultMessageTimeToLive".to_owned(), keep);
    let mut needs = vec![NAMESPACE.id([name()])];
    needs.extend(parking(Some(retry)));
    let format = literal(&format!("{{0}}/{inbox}"));
    with(
        QUEUE.head(&call("format", [format, name()])),
        json!({ "dependsOn": depends_on(&needs), "properties": properties }),
    )
}

fn topic(topic: &Topic) -> Value {
    let mut properties = Map::new();
    properties.insert("supportOrdering".to_owned(), json!(topic.fifo.value));
    child(
        &TOPIC,
        &[&topic.name.value],
        &properties,
        &[NAMESPACE.id([name()])],
    )
}

fn subscription(topic: &Topic, function: &Function) -> Value {
    let retry = &function.retry.value;
    // A lock is renewed while a call runs, so its length only says when a lost call is noticed.
    let lock = function.timeout.value.max(Duration::from_mins(1));
    let properties = delivery(Some(retry), lock, topic.fifo.value);
    let mut needs = vec![topic_id(&topic.name.value)];
    needs.extend(parking(Some(retry)));
    let names = [topic.name.value.as_str(), &function.name.value];
    child(&SUBSCRIPTION, &names, &properties, &needs)
}

/// Returns what queues and subscriptions share.
fn delivery(retry: Option<&Retry>, hidden: Duration, fifo: bool) -> Map<String, Value> {
    let shortest = Duration::from_secs(5);
    let deliveries = retry.map_or(MOST_DELIVERIES, |it| it.count.saturating_add(1));
    let lock = iso8601(hidden.clamp(shortest, LONGEST_LOCK));
    let mut made = Map::new();
    made.insert("lockDuration".to_owned(), json!(lock));
    made.insert(
        "maxDeliveryCount".to_owned(),
        json!(deliveries.min(MOST_DELIVERIES)),
    );
    made.insert("requiresSession".to_owned(), json!(fifo));
    made.insert("deadLetteringOnMessageExpiration".to_owned(), json!(false));
    if let Some(park) = retry.and_then(|it| it.park.as_ref()) {
        let queue = json!(entity(&park.value));
        made.insert("forwardDeadLetteredMessagesTo".to_owned(), queue);
    }
    made
}

/// Returns the id of the queue that messages are parked in, which must be there first.
fn parking(retry: Option<&Retry>) -> Option<Text> {
    let park = retry?.park.as_ref()?;
    Some(queue_id(&park.value))
}

fn child(kind: &Kind, names: &[&str], properties: &Map<String, Value>, needs: &[Text]) -> Value {
    with(
        kind.head(&entity_name(names)),
        json!({ "dependsOn": depends_on(needs), "properties": properties }),
    )
}

/// Returns the whole name of a queue, a topic or a subscription, from the names of the program.
pub(super) fn entity_name(names: &[&str]) -> Text {
    let path: Vec<_> = names.iter().map(|it| entity(it)).collect();
    let format = literal(&format!("{{0}}/{}", path.join("/")));
    call("format", [format, name()])
}

/// Returns a duration as ISO 8601 writes it: `P14D`, `PT1M30S`.
fn iso8601(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds > 0 && seconds.is_multiple_of(86_400) {
        return format!("P{}D", seconds / 86_400);
    }
    let parts = [
        (seconds / 3600, 'H'),
        (seconds / 60 % 60, 'M'),
        (seconds % 60, 'S'),
    ];
    let text = |(n, unit): &(u64, char)| (*n > 0).then(|| format!("{n}{unit}"));
    let text: String = parts.iter().filter_map(text).collect();
    if text.is_empty() {
        "PT0S".to_owned()
    } else {
        format!("PT{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(iso8601(Duration::from_hours(14 * 24)), "P14D");
        assert_eq!(iso8601(Duration::from_secs(90)), "PT1M30S");
        assert_eq!(iso8601(Duration::from_secs(90_061)), "PT25H1M1S");
    }
}
