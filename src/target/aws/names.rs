//! What things are called on AWS: names that people see, and ids inside the template.

use std::collections::BTreeMap;

use super::cfn::Cfn;
use crate::model::{App, Method, Name, Place, Queue, Route, RouteSegment, Topic, WebsocketEvent};
use crate::target::name::{dashed, hash, shortened};

// "Lambda quotas", "Amazon SQS message quotas", "Amazon SNS: CreateTopic", "API Gateway: CreateApi".
const FUNCTION_LENGTH: usize = 64;
const QUEUE_LENGTH: usize = 80;
const TOPIC_LENGTH: usize = 256;
// "Amazon Kinesis Data Streams API Reference", CreateStream; "Amazon DynamoDB API Reference", CreateTable;
// "Amazon EventBridge API Reference", CreateEventBus and PutRule.
const STREAM_LENGTH: usize = 128;
// "AWS Lambda API Reference", PublishLayerVersion.
const LAYER_LENGTH: usize = 140;
const TABLE_LENGTH: usize = 255;
const BUS_LENGTH: usize = 256;
const RULE_LENGTH: usize = 64;
// "Amazon S3 User Guide", "General purpose bucket naming rules": 63 characters, of which an account and the longest
// region take 28.
const BUCKET_LENGTH: usize = 35;
const FIFO: &str = ".fifo";

/// Derives names that begin with the app and the stage.
#[derive(Debug, Clone)]
pub(super) struct Names {
    stem: String,
    /// The physical names that the program gives itself.
    named: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn new(app: &App) -> Names {
        Names {
            stem: dashed(&app.stem()),
            named: named(app),
        }
    }

    /// Returns the name of the stack and the API: `shop-dev`.
    pub(super) fn stem(&self) -> &str {
        &self.stem
    }

    pub(super) fn function(&self, name: &str) -> String {
        self.plain(name, FUNCTION_LENGTH)
    }

    pub(super) fn queue(&self, queue: &Queue) -> String {
        let name = queue.name.as_str();
        let derived = || self.fifo(&dashed(name), QUEUE_LENGTH, queue.fifo.value);
        self.named.get(name).cloned().unwrap_or_else(derived)
    }

    pub(super) fn topic(&self, topic: &Topic) -> String {
        let name = topic.name.as_str();
        let derived = || self.fifo(&dashed(name), TOPIC_LENGTH, topic.fifo.value);
        self.named.get(name).cloned().unwrap_or_else(derived)
    }

    pub(super) fn stream(&self, name: &str) -> String {
        self.plain(name, STREAM_LENGTH)
    }

    pub(super) fn layer(&self, name: &str) -> String {
        self.plain(name, LAYER_LENGTH)
    }

    pub(super) fn table(&self, name: &str) -> String {
        self.plain(name, TABLE_LENGTH)
    }

    pub(super) fn bus(&self, name: &str) -> String {
        self.plain(name, BUS_LENGTH)
    }

    /// Returns the name of the rule that brings events of a bus to a function.
    pub(super) fn rule(&self, function: &str, event: &str) -> String {
        let name = format!("{}-{}", dashed(function), hash(event));
        shortened(&self.with(&name), RULE_LENGTH)
    }

    /// Returns a bucket's name. No two accounts may have buckets of the same name, so that account and region are
    /// part of it.
    pub(super) fn bucket(&self, name: &str) -> Cfn {
        if let Some(named) = self.named.get(name) {
            return Cfn::text(named);
        }
        let begins = self.bucket_begins(name);
        Cfn::Sub(format!("{begins}${{AWS::AccountId}}-${{AWS::Region}}"))
    }

    /// Returns what stands before account and region in a bucket's derived name.
    pub(super) fn bucket_begins(&self, name: &str) -> String {
        shortened(&self.with(&dashed(name)), BUCKET_LENGTH - 1) + "-"
    }

    /// Returns the name under which other stacks import an output.
    pub(super) fn export(&self, name: &str) -> String {
        self.with(&dashed(name))
    }

    fn plain(&self, name: &str, limit: usize) -> String {
        let derived = || shortened(&self.with(&dashed(name)), limit);
        self.named.get(name).cloned().unwrap_or_else(derived)
    }

    /// Returns the name of the queue through which a fifo topic reaches a function. The `_` is in no other name.
    pub(super) fn inbox(&self, topic: &str, function: &str) -> String {
        let name = format!("{}_{}", dashed(topic), dashed(function));
        self.fifo(&name, QUEUE_LENGTH, true)
    }

    fn with(&self, name: &str) -> String {
        format!("{}-{name}", self.stem)
    }

    fn fifo(&self, name: &str, limit: usize, fifo: bool) -> String {
        if fifo {
            shortened(&self.with(name), limit - FIFO.len()) + FIFO
        } else {
            shortened(&self.with(name), limit)
        }
    }
}

fn named(app: &App) -> BTreeMap<String, String> {
    let mut made = BTreeMap::new();
    let mut add = |name: &Name, named: Option<&Name>| {
        if let Some(named) = named {
            made.insert(name.value.clone(), named.value.clone());
        }
    };
    let mut resource = |name: &Name, place: &Place| add(name, place.named.as_ref());
    app.queues
        .values()
        .for_each(|it| resource(&it.name, &it.place));
    app.topics
        .values()
        .for_each(|it| resource(&it.name, &it.place));
    app.streams
        .values()
        .for_each(|it| resource(&it.name, &it.place));
    app.buckets
        .values()
        .for_each(|it| resource(&it.name, &it.place));
    app.tables
        .values()
        .for_each(|it| resource(&it.name, &it.place));
    app.buses
        .values()
        .for_each(|it| resource(&it.name, &it.place));
    for function in app.functions.values() {
        add(&function.name, function.named.as_ref());
    }
    made
}

// The ids. Their last words differ from each other and from what SAM makes of a function's id (`…Permission`,
// `…Role`, `…EventInvokeConfig`), so that two resources never share an id.

pub(super) const API: &str = "Api";

/// The API of the app's websocket.
pub(super) const SOCKET: &str = "Websocket";

pub(super) fn socket_integration_id(function: &str) -> String {
    pascal(function) + "WebsocketIntegration"
}

pub(super) fn socket_permission_id(function: &str) -> String {
    pascal(function) + "WebsocketPermission"
}

pub(super) fn socket_authorizer_id(function: &str) -> String {
    pascal(function) + "WebsocketAuthorizer"
}

pub(super) fn socket_route_id(event: &WebsocketEvent) -> String {
    match event {
        WebsocketEvent::Connect => "WebsocketConnectRoute".to_owned(),
        WebsocketEvent::Disconnect => "WebsocketDisconnectRoute".to_owned(),
        WebsocketEvent::Message(None) => "WebsocketDefaultRoute".to_owned(),
        WebsocketEvent::Message(Some(route)) if is_plain(&route.value) => {
            format!("WebsocketMessage{}Route", pascal(&route.value))
        }
        WebsocketEvent::Message(Some(route)) => {
            format!("WebsocketMessage{}Route", hash(&route.value))
        }
    }
}

pub(super) fn function_id(name: &str) -> String {
    pascal(name) + "Function"
}

pub(super) fn role_id(function: &str) -> String {
    pascal(function) + "ExecutionRole"
}

pub(super) fn logs_id(function: &str) -> String {
    pascal(function) + "Logs"
}

pub(super) fn queue_id(name: &str) -> String {
    pascal(name) + "Queue"
}

pub(super) fn queue_policy_id(name: &str) -> String {
    pascal(name) + "QueuePolicy"
}

pub(super) fn topic_id(name: &str) -> String {
    pascal(name) + "Topic"
}

pub(super) fn stream_id(name: &str) -> String {
    pascal(name) + "Stream"
}

pub(super) fn bucket_id(name: &str) -> String {
    pascal(name) + "Bucket"
}

pub(super) fn table_id(name: &str) -> String {
    pascal(name) + "Table"
}

pub(super) fn bus_id(name: &str) -> String {
    pascal(name) + "Bus"
}

pub(super) fn layer_id(name: &str) -> String {
    pascal(name) + "Layer"
}

pub(super) fn output_id(name: &str) -> String {
    pascal(name)
}

pub(super) fn inbox_id(topic: &str, function: &str) -> String {
    format!("{}{}Inbox", pascal(function), hash(topic))
}

pub(super) fn messages_event(source: &str) -> String {
    pascal(source) + "Messages"
}

/// Returns the id of what brings records of a source: `ClicksRecords`, `UsersChanges`, `ReceiptsCreated`.
pub(super) fn source_event(source: &str, what: &str) -> String {
    pascal(source) + what
}

/// Returns the id of what brings events of a type.
pub(super) fn bus_event(bus: &str, event: &str) -> String {
    format!("{}Events{}", pascal(bus), hash(event))
}

pub(super) fn route_event(method: Method, route: &Route) -> String {
    let plain = |it: &RouteSegment| match it {
        RouteSegment::Literal(text) if is_plain(text) => Some(pascal(text)),
        RouteSegment::Literal(_) | RouteSegment::Param(_) | RouteSegment::Rest(_) => None,
    };
    let words: Option<String> = route.segments.iter().map(plain).collect();
    let words = words.unwrap_or_else(|| hash(&route.to_string()));
    pascal(&method.word().to_lowercase()) + &words + "Route"
}

fn is_plain(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_lowercase())
        && text
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
}

/// Returns `failed_orders` as `FailedOrders`; two names never become one.
fn pascal(name: &str) -> String {
    let mut made = String::with_capacity(name.len());
    let mut clear = true;
    for part in name.split('_') {
        let mut letters = part.chars();
        match letters.next() {
            Some(first) if first.is_ascii_lowercase() => {
                made.push(first.to_ascii_uppercase());
                made.push_str(letters.as_str());
            }
            _ => {
                clear = false;
                made.push_str(part);
            }
        }
    }
    if !clear {
        made.push_str(&hash(name));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_apart() {
        assert_eq!(function_id("charge_card"), "ChargeCardFunction");
        assert_ne!(pascal("a_1"), pascal("a1"));
        assert_ne!(pascal("a__b"), pascal("a_b"));
        let id = inbox_id("placed", "mail");
        assert!(id.starts_with("Mail") && id.ends_with("Inbox"), "{id}");
    }

    #[test]
    fn routes_stay_apart() {
        let segment = |it: &str| RouteSegment::Literal(it.into());
        let route = |segments| Route { segments };
        let plain = route(vec![segment("orders"), segment("id")]);
        let param = route(vec![segment("orders"), RouteSegment::Param("id".into())]);
        assert_eq!(route_event(Method::Get, &plain), "GetOrdersIdRoute");
        assert_ne!(
            route_event(Method::Get, &plain),
            route_event(Method::Get, &param)
        );
    }
}
