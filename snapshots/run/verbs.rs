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
        print(json.dumps({"told": event["trigger"], "reader": "python", **record}))
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
  for (const record of event.records) console.log(JSON.stringify({ told: event.trigger, reader: 'node', ...record }));
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
    let mut asked = json!({ "verb": verb });
    asked["args"] = args;
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

/// Two readers of a stream, one of which is slow to see what is wrong with a batch.
const READERS: &str = "stream clicks { shards 4 }\nstream other\nqueue dead\n\
    function read { handler \"main.py:tell\"; on stream clicks where not exists(data.skip) { batch 2; retry 1 then dead } }\n\
    function follow { handler \"main.mjs:tell\"; on stream clicks { batch 10 within 1s; parallel 2 } }\n";

#[test]
fn records_of_a_stream_come_in_the_order_of_their_key() {
    let app = app(READERS, "can write clicks");
    for language in ["python", "node"] {
        for number in 0..5 {
            let key = json!({ "key": language });
            let answer = call(
                &app,
                language,
                "write",
                json!(["clicks", { "n": number }]),
                key,
            );
            assert_eq!(answer, Value::Null);
        }
        call(
            &app,
            language,
            "write",
            json!(["clicks", { "skip": true }]),
            Value::Null,
        );
        let refused = call(&app, language, "write", json!(["other", 1]), Value::Null);
        assert_eq!(refused, "NotAllowed");
    }
    let sent = app.fnc("send clicks hello --key python").exits(0);
    assert!(sent.stdout.starts_with("shardId-"), "{sent}");
    app.until("all records, at both", |it| told(it).len() == 11 + 13);
    let all = told(&app);
    for function in ["python", "node"] {
        let numbers = |reader: &str| -> Vec<i64> {
            let own = all
                .iter()
                .filter(|it| it["key"] == function && it["reader"] == reader);
            own.filter_map(|it| it["data"]["n"].as_i64()).collect()
        };
        assert_eq!(numbers("python"), [0, 1, 2, 3, 4], "{function}");
        assert_eq!(numbers("node"), [0, 1, 2, 3, 4], "{function}");
    }
    let first = all.iter().find(|it| it["key"] == "python").unwrap();
    let (shard, sequence) = (
        first["shard"].as_str().unwrap(),
        first["sequence"].as_str().unwrap(),
    );
    assert_eq!(first["id"], format!("{shard}:{sequence}"));
    assert_eq!(
        (&first["told"], &first["type"]),
        (&json!("stream"), &json!("fnc.stream.record"))
    );
    let shards: std::collections::BTreeSet<&str> = all
        .iter()
        .filter(|it| it["key"] == "python")
        .filter_map(|it| it["shard"].as_str())
        .collect();
    assert_eq!(shards.len(), 1);
}

#[test]
fn a_record_that_fails_holds_up_its_shard_and_is_parked() {
    let app = app(READERS, "can write clicks");
    for body in ["good", "bad", "last"] {
        call(
            &app,
            "python",
            "write",
            json!(["clicks", body]),
            json!({ "key": "k" }),
        );
    }
    app.until("the last one", |it| {
        it.lines_with(&["\"python\"", "\"body\": \"last\""]) > 0
    });
    app.until("the bad one parked", |it| {
        it.state("sources", "queue dead", "waiting") > 0
    });
    let parked = app.fnc("parked dead").exits(0);
    assert!(
        parked.stdout.contains("bad") && parked.stdout.contains("clicks"),
        "{parked}"
    );
    assert!(app.state("sources", "stream clicks", "parked") > 0);
}

const USERS: &str = "table users { key id string, sort day int; index by_mail { key mail string }; ttl until }\n\
    table other { key id string }\nqueue dead\n\
    function watch { handler \"main.py:tell\"; on table users changed where action != \"deleted\" { batch 5; retry 1 then dead } }\n\
    function audit { handler \"main.mjs:tell\"; on table users changed { retry 1 then dead } }\n";

#[test]
fn rows_are_put_found_and_deleted() {
    let app = app(USERS, "can read users\ncan write users");
    for language in ["python", "node"] {
        let ask =
            |verb: &str, args: Value, options: Value| call(&app, language, verb, args, options);
        let days = |args: Value, options: Value| -> Vec<i64> {
            let rows = ask("query", args, options);
            let rows = rows.as_array().unwrap_or_else(|| panic!("{rows}")).iter();
            rows.map(|it| it["day"].as_i64().unwrap()).collect()
        };
        let mail = format!("{language}@example.com");
        let row = json!({ "id": language, "day": 1, "mail": mail, "tags": ["a", 2.5, null, true], "deep": { "x": { "y": "z" } } });
        assert_eq!(ask("put", json!(["users", row]), Value::Null), Value::Null);
        for day in [3, 2] {
            let other = json!({ "id": language, "day": day, "mail": "other@example.com" });
            ask("put", json!(["users", other]), Value::Null);
        }
        let (id, first) = (
            json!({ "id": language }),
            json!({ "id": language, "day": 1 }),
        );
        assert_eq!(ask("get", json!(["users", first]), Value::Null), row);
        assert_eq!(days(json!(["users", id]), Value::Null), [1, 2, 3]);
        assert_eq!(
            days(
                json!(["users", id]),
                json!({ "descending": true, "limit": 2 })
            ),
            [3, 2]
        );
        let range = |range: Value| json!(["users", { "id": language, "day": range }]);
        assert_eq!(days(range(json!({ "from": 2 })), Value::Null), [2, 3]);
        assert_eq!(
            days(range(json!({ "from": 1, "to": 2 })), Value::Null),
            [1, 2]
        );
        assert_eq!(
            days(
                json!(["users", { "mail": mail }]),
                json!({ "index": "by_mail" })
            ),
            [1]
        );
        ask("delete", json!(["users", first]), Value::Null);
        assert_eq!(
            ask("get", json!(["users", first]), Value::Null),
            Value::Null
        );
        assert_eq!(
            ask("get", json!(["other", { "id": "7" }]), Value::Null),
            "NotAllowed"
        );
        assert_eq!(ask("put", json!(["users", id]), Value::Null), "SendFailed");
    }
    app.until("all changes", |it| told(it).len() == 6 + 8);
    let changes: Vec<Value> = told(&app);
    for language in ["python", "node"] {
        let own = changes
            .iter()
            .filter(|it| it["keys"]["id"] == language && it["reader"] == "node");
        let own = own.map(|it| format!("{} {}", it["action"].as_str().unwrap(), it["keys"]["day"]));
        let own: Vec<String> = own.collect();
        assert_eq!(own, ["inserted 1", "inserted 3", "inserted 2", "deleted 1"]);
    }
    let gone = changes.iter().find(|it| it["action"] == "deleted").unwrap();
    assert_eq!(
        (&gone["type"], &gone["new"]),
        (&json!("fnc.table.deleted"), &Value::Null)
    );
    assert_eq!(gone["old"]["deep"]["x"]["y"], "z");
}

#[cfg(unix)]
#[test]
fn rows_outlive_a_kill_until_their_time_has_come() {
    let app = app(USERS, "can read users\ncan write users");
    for row in [
        "{\"id\":\"long\",\"day\":1}",
        "{\"id\":\"short\",\"day\":1,\"until\":1000}",
    ] {
        let _ = app.fnc(&format!("send users {row}")).exits(0);
    }
    app.until("it expires", |it| {
        let short = |it: &Value| it["keys"]["id"] == "short" && it["action"] == "deleted";
        told(it).iter().any(short)
    });
    let app = app.killed_and_started("");
    let days = |app: &Running, id: &str| {
        let rows = call(
            app,
            "python",
            "query",
            json!(["users", { "id": id }]),
            Value::Null,
        );
        rows.as_array().map(Vec::len)
    };
    // What was deleted while the killed run was at it may be there again for a moment, until its time comes once more.
    app.until("the short one is gone", |it| days(it, "short") == Some(0));
    assert_eq!(days(&app, "long"), Some(1));
    assert!(
        app.output().contains("rows from an earlier run"),
        "{}",
        app.output()
    );
}

#[test]
fn who_begins_to_read_in_a_later_run_gets_what_is_kept() {
    let run = app("stream clicks { shards 2 }\n", "can write clicks");
    for number in 1..4 {
        call(
            &run,
            "node",
            "write",
            json!(["clicks", { "n": number }]),
            json!({ "key": "k" }),
        );
    }
    let fnc = run.fnc.clone();
    drop(run);
    let program = fnc.read("app.fn");
    let reader = "queue dead\nfunction read { handler \"main.py:tell\"; on stream clicks { from oldest; retry 1 then dead } }\n";
    std::fs::write(fnc.path("app.fn"), format!("{program}{reader}")).unwrap();
    let numbers = |run: &Running| -> Vec<i64> {
        let all = told(run);
        all.iter()
            .filter_map(|it| it["data"]["n"].as_i64())
            .collect()
    };
    let run = Running::start(fnc, "");
    run.until("the records of the run before", |it| numbers(it).len() == 3);
    call(
        &run,
        "python",
        "write",
        json!(["clicks", { "n": 4 }]),
        json!({ "key": "k" }),
    );
    run.until("the new one", |it| numbers(it).len() == 4);
    assert_eq!(numbers(&run), [1, 2, 3, 4]);
    run.until("all done", |it| {
        it.state("sources", "stream clicks", "done") == 4
    });
    let last = told(&run).pop().unwrap();
    assert_eq!(last["sequence"], "00000000000000000004", "numbers go on");
    // What was answered is written within some 10 ms.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let fnc = run.fnc.clone();
    drop(run);
    let run = Running::start(fnc, "");
    call(
        &run,
        "python",
        "write",
        json!(["clicks", { "n": 5 }]),
        json!({ "key": "k" }),
    );
    run.until("the last one", |it| numbers(it).contains(&5));
    assert_eq!(numbers(&run), [5], "what it has had doesn't come again");
}
