//! What an instance of a function is started with: its configuration and environment.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::event;
use crate::model::{App, Attribute, Contract, EnvPart, EnvValue, Field, Function, Thing};

/// Returns what the bootstrap is told of a function: the same as a shim is told in a build, and the folders of its
/// layers, relative to the program's.
pub fn config(app: &App, function: &Function) -> Value {
    let mut made = event::config::config(app, function, |it| event::config::trigger(app, it));
    let Value::Object(members) = &mut made else {
        return made;
    };
    let folders = layer_folders(app, function);
    if !folders.is_empty() {
        members.insert("layers".to_owned(), folders.into());
    }
    if function.contract.value == Contract::Lambda && app.decides(function) {
        members.insert("authorizes".to_owned(), true.into());
    }
    made
}

/// Returns the folders of a function's layers, in order.
pub(super) fn layer_folders<'a>(app: &'a App, function: &Function) -> Vec<&'a str> {
    let layers = function.layers.iter();
    let layers = layers.filter_map(|it| app.layers.get(it.as_str())?.folder.as_ref());
    layers.map(|it| it.value.trim_end_matches('/')).collect()
}

/// Stands for the endpoint of AWS's SDKs in the environment of a function with `contract lambda`: each instance has one of its
/// own, whose address is known when it starts.
pub(super) const AWS_ENDPOINT: &str = "http://aws.endpoint.invalid";

/// What is known only when a program runs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Where the gateway answers: `http://localhost:3000`.
    pub url: &'a str,
    /// The values of secrets, by name.
    pub secrets: &'a BTreeMap<String, String>,
}

/// Returns the environment that the program gives a function; `Err` names a secret without a value.
pub fn environment(function: &Function, place: Place) -> Result<Vec<(String, String)>, String> {
    let mut made = Vec::new();
    for variable in &function.env {
        let value = match &variable.value {
            EnvValue::Text(parts) => {
                let lambda = function.contract.value == Contract::Lambda;
                parts.iter().map(|it| text(it, place, lambda)).collect()
            }
            EnvValue::Secret(name) => {
                let value = place.secrets.get(name.as_str());
                value.ok_or_else(|| name.value.clone())?.clone()
            }
        };
        made.push((variable.name.value.clone(), value));
    }
    Ok(made)
}

fn text(part: &EnvPart, place: Place, lambda: bool) -> String {
    let Attribute {
        resource,
        of,
        field,
    } = match part {
        EnvPart::Plain(text) => return text.clone(),
        EnvPart::Attribute(attribute) => attribute,
    };
    let (url, name) = (place.url, resource.as_str());
    let arn = |service: &str| format!("arn:aws:{service}:local:000000000000:{name}");
    match (field, of) {
        (Field::Name, _) => name.to_owned(),
        (Field::Url, Thing::Function) => url.to_owned(),
        // The SDK for JavaScript calls SQS where the queue's address says.
        (Field::Url, Thing::Queue) if lambda => format!("{AWS_ENDPOINT}/000000000000/{name}"),
        (Field::Url, _) => format!("{url}/_fnc/send/{name}"),
        (Field::Arn, Thing::Queue) => arn("sqs"),
        (Field::Arn, Thing::Topic) => arn("sns"),
        (Field::Arn, Thing::Stream) => {
            format!("arn:aws:kinesis:local:000000000000:stream/{name}")
        }
        (Field::Arn, Thing::Bucket) => format!("arn:aws:s3:::{name}"),
        (Field::Arn, Thing::Table) => {
            format!("arn:aws:dynamodb:local:000000000000:table/{name}")
        }
        (Field::Arn, Thing::Bus) => {
            format!("arn:aws:events:local:000000000000:event-bus/{name}")
        }
        (Field::Arn, Thing::Function | Thing::Layer | Thing::Vpc) => {
            format!("arn:aws:lambda:local:000000000000:function:{name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::{Choices, HandlerFiles, check};
    use crate::source::{Source, SourceId};
    use crate::syntax::parse;

    struct AnyHandler;

    impl HandlerFiles for AnyHandler {
        fn read(&self, _: &str) -> Option<String> {
            Some("def handle(event, context): pass\n".to_owned())
        }

        fn list(&self, _: &str) -> Vec<String> {
            vec!["bill.py".to_owned()]
        }
    }

    const PROGRAM: &str = r#"
app shop
secret key
queue orders { fifo }
topic placed
function bill {
  handler "src/bill.py:handle"
  timeout 5s
  on queue orders { batch 3 }
  on topic placed
  on every 5m { input { depth = 2 } }
  on http POST "/bill/{id}" { auth none }
  can publish placed
  env {
    KEY  = secret.key
    WHAT = "to ${queue.orders.url} on ${topic.placed.arn}"
    URL  = function.bill.url
    N    = 3
  }
}
"#;

    fn app() -> App {
        let source = Source::new(SourceId(0), "app.fn", PROGRAM);
        let parsed = parse(&source);
        let checked = check(&[parsed.file], &Choices::default(), &AnyHandler);
        checked
            .app
            .unwrap_or_else(|| panic!("{:?} {:?}", parsed.diagnostics, checked.diagnostics))
    }

    #[test]
    fn an_instance_is_told_what_a_shim_is_told() {
        let app = app();
        let triggers = json!([
            { "kind": "queue", "source": "orders", "batch": 3, "fifo": true },
            { "kind": "topic", "source": "placed", "fifo": false },
            { "kind": "schedule", "every_ms": 300_000, "input": { "depth": 2 } },
            { "kind": "http", "method": "POST", "route": "/bill/{id}" },
        ]);
        let expected = json!({
            "app": "shop", "stage": null, "function": "bill", "handler": "src/bill.py:handle",
            "timeout_ms": 5000, "can": { "publish": ["placed"] }, "triggers": triggers,
        });
        assert_eq!(config(&app, &app.functions["bill"]), expected);
    }

    #[test]
    fn the_environment_holds_local_addresses_and_secrets() {
        let app = app();
        let bill = &app.functions["bill"];
        let mut secrets = BTreeMap::new();
        let url = "http://localhost:3000";
        let place = Place {
            url,
            secrets: &secrets,
        };
        assert_eq!(environment(bill, place), Err("key".to_owned()));
        secrets.insert("key".to_owned(), "s3cret".to_owned());
        let made = environment(
            bill,
            Place {
                url,
                secrets: &secrets,
            },
        )
        .unwrap();
        let what =
            "to http://localhost:3000/_fnc/send/orders on arn:aws:sns:local:000000000000:placed";
        let expected = [("KEY", "s3cret"), ("WHAT", what), ("URL", url), ("N", "3")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(made, expected);
    }
}
