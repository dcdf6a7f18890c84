//! The verbs of `context`, called by handlers in Python and in Node: the same calls, the same answers.

use serde_json::{Value, json};

use super::running::Running;
use crate::harness::Fnc;

/// A handler that does what a request asks for, and one that tells what starts it.
const PYTHON: &str = r#"
import json

def do(event, context):
    asked = event["request"]["data"]
    try:
        verb = getattr(context, asked["verb"])
        return {"answer": verb(*asked["args"], **asked.get("options", {}))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}

def tell(event, context):
    for record in event["records"]:
        print(json.dumps({"told": event["trigger"], **record}))
        if record["body"] == "bad":
            raise ValueError("a bad record")

def double(event, context):
    number = event["records"][0]["data"]
    if number is None:
        raise ValueError("no number")
    return {"doubled": number * 2}
"#;

const NODE: &str = r"
export async function act(event, context) {
  const { verb, args, options } = event.request.data;
  try {
    return { answer: await context[verb](...args, ...(options ? [options] : [])) };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}
export function tell(event) {
  for (const record of event.records) console.log(JSON.stringify({ told: event.trigger, ...record }));
}
";

/// An app whose two functions may do all that `can` says, one in each language.
pub(super) fn app(resources: &str, can: &str) -> Running {
    let program = format!(
        "app verbs\n{resources}\n\
         function python {{ handler \"main.py:do\"; on http POST \"/python\" {{ auth none }}\n{can}\n}}\n\
         function node {{ handler \"main.mjs:act\"; on http POST \"/node\" {{ auth none }}\n{can}\n}}\n"
    );
    let fnc = Fnc::new().file("app.fn", program);
    let fnc = fnc.file("main.py", PYTHON).file("main.mjs", NODE);
    Running::start(fnc, "")
}

/// Lets a handler in this language call a verb, and returns what it got.
pub(super) fn call(
    app: &Running,
    language: &str,
    verb: &str,
    args: Value,
    options: Value,
) -> Value {
    let mut asked = json!({ "verb": verb, "args": args });
    if !options.is_null() {
        asked["options"] = options;
    }
    let reply = app.post(&format!("/{language}"), &asked.to_string());
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = reply.json();
    // What returns nothing returns null in Python and undefined in Node.
    reply
        .get("answer")
        .or(reply.get("error"))
        .cloned()
        .unwrap_or_default()
}

/// Returns the records that handlers have told, in order.
pub(super) fn told(app: &Running) -> Vec<Value> {
    let output = app.output();
    let lines = output
        .lines()
        .filter_map(|it| it.find("{\"told\"").map(|at| &it[at..]));
    lines.map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn events_of_a_bus_reach_those_who_wait_for_their_type() {
    let app = app(
        "bus events\nbus other\n\
         function hear { handler \"main.py:tell\"; on event \"order.placed\" from events where data.total > 5 }\n\
         function listen { handler \"main.mjs:tell\"; on event \"order.gone\" from events }\n",
        "can publish events",
    );
    for language in ["python", "node"] {
        let publish = |data: Value, options: Value| {
            call(&app, language, "publish", json!(["events", data]), options)
        };
        publish(
            json!({ "total": 12, "by": language }),
            json!({ "type": "order.placed", "subject": "orders/7" }),
        );
        publish(json!({ "total": 3 }), json!({ "type": "order.placed" }));
        publish(
            json!("plain"),
            json!({ "type": "order.gone", "attributes": { "kind": "vip" } }),
        );
        publish(json!({ "total": 12 }), json!({ "type": "order.other" }));
        assert_eq!(
            call(
                &app,
                language,
                "publish",
                json!(["other", 1]),
                json!({ "type": "a" })
            ),
            "NotAllowed"
        );
        let refused = publish(json!(1), Value::Null);
        assert!(
            refused == "ValueError" || refused == "TypeError",
            "{refused}"
        );
    }
    app.until("four events", |it| told(it).len() == 4);
    let all = told(&app);
    let placed: Vec<&Value> = all
        .iter()
        .filter(|it| it["type"] == "order.placed")
        .collect();
    assert_eq!(placed.len(), 2);
    for (it, by) in placed.iter().zip(["python", "node"]) {
        assert_eq!(
            (&it["source"], &it["subject"]),
            (&json!("events"), &json!("orders/7"))
        );
        assert_eq!(
            (&it["told"], &it["data"]["by"]),
            (&json!("event"), &json!(by))
        );
    }
    let gone = all.iter().find(|it| it["type"] == "order.gone").unwrap();
    assert_eq!(
        (&gone["body"], &gone["attributes"]),
        (&json!("plain"), &json!({ "kind": "vip" }))
    );
    assert!(gone.get("subject").is_none() && gone.get("group").is_none());
    // What concerns nobody is no event of anybody.
    let hear = "event order.placed from events";
    assert_eq!(
        (
            app.state("sources", hear, "arrived"),
            app.state("sources", hear, "done")
        ),
        (4, 4)
    );

    let sent = app
        .fnc("send events {\"total\":99} --type order.placed")
        .exits(0);
    assert!(
        sent.stdout.contains("sent") || !sent.stdout.is_empty(),
        "{sent}"
    );
    app.until("the fifth", |it| told(it).len() == 5);
    let _ = app.fnc("send events {}").exits(2);
}

#[test]
fn a_handler_calls_another_function() {
    let app = app(
        "function double { handler \"main.py:double\"; scale 0..1 }\nfunction other { handler \"main.py:double\" }\n",
        "can invoke double",
    );
    for language in ["python", "node"] {
        let invoke = |args| call(&app, language, "invoke", args, Value::Null);
        assert_eq!(invoke(json!(["double", 21])), json!({ "doubled": 42 }));
        assert_eq!(invoke(json!(["double"])), "CallFailed");
        assert_eq!(invoke(json!(["other", 1])), "NotAllowed");
    }
}
