//! What things are called on AWS: names that people see, and ids inside the template.

use crate::model::{App, Method, Queue, Route, RouteSegment, Topic};
use crate::target::name::{dashed, hash, shortened};

// "Lambda quotas", "Amazon SQS message quotas", "Amazon SNS: CreateTopic", "API Gateway: CreateApi".
const FUNCTION_LENGTH: usize = 64;
const QUEUE_LENGTH: usize = 80;
const TOPIC_LENGTH: usize = 256;
const FIFO: &str = ".fifo";

/// Derives names that begin with the app and the stage.
#[derive(Debug, Clone)]
pub(super) struct Names {
    stem: String,
}

impl Names {
    pub(super) fn new(app: &App) -> Names {
        Names {
            stem: dashed(&app.stem()),
        }
    }

    /// Returns the name of the stack and the API: `shop-dev`.
    pub(super) fn stem(&self) -> &str {
        &self.stem
    }

    pub(super) fn function(&self, name: &str) -> String {
        shortened(&self.with(&dashed(name)), FUNCTION_LENGTH)
    }

    pub(super) fn queue(&self, queue: &Queue) -> String {
        self.fifo(&dashed(&queue.name.value), QUEUE_LENGTH, queue.fifo.value)
    }

    pub(super) fn topic(&self, topic: &Topic) -> String {
        self.fifo(&dashed(&topic.name.value), TOPIC_LENGTH, topic.fifo.value)
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

// The ids. Their last words differ from each other and from what SAM makes of a function's id (`…Permission`,
// `…Role`, `…EventInvokeConfig`), so that two resources never share an id.

pub(super) const API: &str = "Api";

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

pub(super) fn inbox_id(topic: &str, function: &str) -> String {
    format!("{}{}Inbox", pascal(function), hash(topic))
}

pub(super) fn messages_event(source: &str) -> String {
    pascal(source) + "Messages"
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
