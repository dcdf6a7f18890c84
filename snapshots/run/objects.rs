//! Buckets: what handlers put, get, list and delete, and who hears of it.

use serde_json::{Value, json};

use super::running::Running;
use super::verbs::{app, call, told};

const FILES: &str = "bucket files\n\
    function seen { handler \"main.py:tell\"; on bucket files created { suffix \".bin\" } }\n\
    function gone { handler \"main.mjs:tell\"; on bucket files deleted { prefix \"python/\" } }\n";
const CAN: &str = "can read files\ncan write files";

fn keys(listed: &Value) -> Vec<&str> {
    let all = listed.as_array().into_iter().flatten();
    all.filter_map(|it| it["key"].as_str()).collect()
}

#[test]
fn handlers_put_get_list_and_delete_objects() {
    let app = app(FILES, CAN);
    for language in ["python", "node"] {
        let ask =
            |verb: &str, args: Value, options: Value| call(&app, language, verb, args, options);
        let key = |name: &str| format!("{language}/{name}");
        let options = json!({ "content_type": "text/csv", "attributes": { "a": "1" } });
        ask("put", json!(["files", key("a.csv"), "x;y"]), options);
        ask(
            "put",
            json!(["files", key("ä b.bin"), { "n": 1 }]),
            Value::Null,
        );
        ask(
            "put",
            json!(["files", key("ä b.bin"), { "n": 2 }]),
            Value::Null,
        );
        let got = ask("get", json!(["files", key("a.csv")]), Value::Null);
        assert_eq!(
            (
                &got["body"],
                &got["content_type"],
                &got["attributes"],
                &got["size"]
            ),
            (
                &json!("x;y"),
                &json!("text/csv"),
                &json!({ "a": "1" }),
                &json!(3)
            )
        );
        let got = ask("get", json!(["files", key("ä b.bin")]), Value::Null);
        assert_eq!(got["data"], json!({ "n": 2 }));
        let listed = ask("list", json!(["files"]), json!({ "prefix": key("") }));
        assert_eq!(keys(&listed), [key("a.csv"), key("ä b.bin")]);
        assert!(listed[0].get("body").is_none() && listed[1]["etag"] == got["etag"]);
        ask("delete", json!(["files", key("a.csv")]), Value::Null);
        ask("delete", json!(["files", key("a.csv")]), Value::Null);
        assert_eq!(
            ask("get", json!(["files", key("a.csv")]), Value::Null),
            Value::Null
        );
        for bad in [
            "/etc/passwd",
            "a/../../b",
            "..",
            "a\u{0}b",
            "..\\b",
            &"x".repeat(1025),
        ] {
            for (verb, args) in [
                ("put", json!(["files", bad, "x"])),
                ("get", json!(["files", bad])),
                ("delete", json!(["files", bad])),
            ] {
                assert_eq!(ask(verb, args, Value::Null), "SendFailed", "{verb} {bad:?}");
            }
        }
        assert_eq!(
            ask("put", json!(["other", "a", "x"]), Value::Null),
            "NotAllowed"
        );
    }
    let listed = call(&app, "node", "list", json!(["files"]), Value::Null);
    assert_eq!(keys(&listed), ["node/ä b.bin", "python/ä b.bin"]);
    app.until("all that happened", |it| told(it).len() == 4 + 1);
    let all: Vec<Value> = told(&app);
    let created = all.iter().filter(|it| it["action"] == "created");
    let mut created: Vec<&str> = created.filter_map(|it| it["key"].as_str()).collect();
    created.sort_unstable();
    assert_eq!(
        created,
        [
            "node/ä b.bin",
            "node/ä b.bin",
            "python/ä b.bin",
            "python/ä b.bin"
        ]
    );
    let gone = all.iter().find(|it| it["action"] == "deleted").unwrap();
    assert_eq!(
        (&gone["key"], &gone["type"], &gone["size"], &gone["bucket"]),
        (
            &json!("python/a.csv"),
            &json!("fnc.bucket.deleted"),
            &Value::Null,
            &json!("files")
        )
    );
}

#[test]
fn an_object_comes_from_the_command_line() {
    let app = app(FILES, CAN);
    let _ = app.fnc("send files hello --key sent.txt").exits(0);
    let got = call(
        &app,
        "python",
        "get",
        json!(["files", "sent.txt"]),
        Value::Null,
    );
    assert_eq!(got["body"], "hello");
    let refused = app.fnc("send files hello");
    assert!(
        refused.code != 0 && refused.stderr.contains("needs a key"),
        "{refused}"
    );
}

#[test]
fn what_can_does_not_hold_is_refused() {
    let app = app(FILES, "can read files");
    for language in ["python", "node"] {
        let ask = |verb: &str, args: Value| call(&app, language, verb, args, Value::Null);
        assert_eq!(ask("put", json!(["files", "a", "x"])), "NotAllowed");
        assert_eq!(ask("delete", json!(["files", "a"])), "NotAllowed");
        assert_eq!(ask("list", json!(["files"])), json!([]));
    }
}

#[cfg(unix)]
#[test]
fn objects_outlive_a_kill() {
    let app = app(FILES, CAN);
    for number in 0..20 {
        let key = format!("{number:02}.bin");
        call(
            &app,
            "python",
            "put",
            json!(["files", key, { "n": number }]),
            Value::Null,
        );
    }
    call(
        &app,
        "python",
        "delete",
        json!(["files", "07.bin"]),
        Value::Null,
    );
    let app: Running = app.killed_and_started("");
    let listed = call(&app, "node", "list", json!(["files"]), Value::Null);
    assert_eq!(keys(&listed).len(), 19);
    let got = call(&app, "node", "get", json!(["files", "19.bin"]), Value::Null);
    assert_eq!(got["data"], json!({ "n": 19 }));
    assert!(
        app.output().contains("objects from an earlier run"),
        "{}",
        app.output()
    );
}
