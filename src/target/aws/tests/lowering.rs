//! What single words become.

use serde_json::{Value, json};

use super::{files, files_with, read};

/// Returns the properties of a resource of a program for AWS.
fn properties(program: &str, id: &str) -> Value {
    let text = &files(&format!("app a {{ targets aws }}\n{program}"))["template.yaml"];
    let found = read(text)["Resources"][id]["Properties"].take();
    assert!(found.is_object(), "no {id} in\n{text}");
    found
}

fn work(words: &str) -> Value {
    let program = format!(
        "queue q {{ retry 3 then failed }}\nqueue failed {{ keep 14d }}\nfunction work {{ handler \"src/a.py:handle\"; {words} }}"
    );
    properties(&program, "WorkFunction")
}

#[test]
fn a_maximum_reserves_instances_and_bounds_the_queue() {
    let made = work("on queue q; scale 0..8");
    assert_eq!(made["ReservedConcurrentExecutions"], 8);
    let event = &made["Events"]["QMessages"]["Properties"];
    assert_eq!(event["ScalingConfig"]["MaximumConcurrency"], 8);
    assert_eq!(event["BatchSize"], 10);
    assert!(event["MaximumBatchingWindowInSeconds"].is_null());
}

#[test]
fn a_rule_tries_as_often_as_said() {
    let rule = |retry: &str| {
        let program = format!(
            "bus b\nqueue failed {{ keep 14d }}\nfunction f {{ handler \"src/a.py:handle\"; on event \"x\" from b; {retry} }}"
        );
        let made = properties(&program, "FFunction");
        let events = made["Events"].as_object().unwrap();
        events.values().next().unwrap()["Properties"].clone()
    };
    let made = rule("retry 1 then failed");
    assert_eq!(made["RetryPolicy"], json!({ "MaximumRetryAttempts": 1 }));
    let failed = json!({ "Fn::GetAtt": ["FailedQueue", "Arn"] });
    assert_eq!(made["DeadLetterConfig"], json!({ "Arn": failed }));
    assert!(rule("")["RetryPolicy"].is_null());
}

#[test]
fn an_import_is_taken_apart() {
    let program = r#"external bucket scans { aws { import = "office-scans" } }
function f { handler "src/a.py:handle"; can read scans; env { NAME = "${bucket.scans.name}/x" } }"#;
    let made = properties(program, "FFunction");
    let import = json!({ "Fn::ImportValue": "office-scans" });
    let name = json!({ "Fn::Select": [5, { "Fn::Split": [":", import] }] });
    let variables = &made["Environment"]["Variables"];
    assert_eq!(variables["FNC_BUCKET_SCANS"], name);
    assert_eq!(variables["NAME"], json!({ "Fn::Join": ["", [name, "/x"]] }));
    let role = properties(program, "FExecutionRole");
    let statements = &role["Policies"][0]["PolicyDocument"]["Statement"];
    assert_eq!(
        statements[1]["Resource"],
        json!([{ "Fn::Join": ["", [import, "/*"]] }])
    );
}

#[test]
fn outputs_are_exported() {
    let program = "app a { targets aws }\nqueue q { retry 3 then failed }\nqueue failed { keep 14d }\nfunction f { handler \"src/a.py:handle\"; on queue q }\n/// Send here.\noutput q_url = queue.q.url";
    let template = read(&files(program)["template.yaml"]);
    assert_eq!(
        template["Outputs"],
        json!({ "QUrl": {
            "Description": "Send here.",
            "Value": { "Ref": "QQueue" },
            "Export": { "Name": "a-q-url" },
        }})
    );
}

#[test]
fn layers_are_laid_in_order_under_the_code() {
    let program = r#"layer one { folder "layers/one" }
external layer two { aws { arn = "arn:aws:lambda:eu-central-1:123456789012:layer:two:7" } }
function f { handler "src/a.py:handle"; layers two, one }
function g { handler "src/b.py:handle"; arch arm64 }"#;
    let made = properties(program, "FFunction");
    assert_eq!(
        made["Layers"],
        json!([
            "arn:aws:lambda:eu-central-1:123456789012:layer:two:7",
            { "Ref": "OneLayer" },
        ])
    );
    let layer = properties(program, "OneLayer");
    assert_eq!(layer["ContentUri"], "layers/one/");
    assert_eq!(layer["CompatibleArchitectures"], json!(["x86_64"]));
    assert!(properties(program, "GFunction")["Layers"].is_null());
    let files = files(&format!("app a {{ targets aws }}\n{program}"));
    assert!(files["python/_fnc/entry.py"].contains("lay("), "{files:#?}");
    assert!(files.contains_key("python/_fnc/layers.py"));
}

#[test]
fn one_instance_is_kept_by_the_function_alone() {
    for words in ["on queue q; scale 0..1", "on queue q { concurrency 1 }"] {
        let made = work(words);
        assert_eq!(made["ReservedConcurrentExecutions"], 1, "{words}");
        assert!(made["Events"]["QMessages"]["Properties"]["ScalingConfig"].is_null());
    }
}

#[test]
fn without_a_maximum_nothing_is_reserved() {
    let made = work("on queue q");
    assert!(made["ReservedConcurrentExecutions"].is_null());
    assert!(made["AutoPublishAlias"].is_null());
}

#[test]
fn more_than_sqs_can_say_is_bounded_by_its_most() {
    let made = work("on queue q; scale 0..5000");
    let event = &made["Events"]["QMessages"]["Properties"];
    assert_eq!(event["ScalingConfig"]["MaximumConcurrency"], 1000);
    assert_eq!(made["ReservedConcurrentExecutions"], 5000);
}

#[test]
fn a_large_batch_waits_a_second() {
    let made = work("on queue q { batch 11 }");
    let event = &made["Events"]["QMessages"]["Properties"];
    assert_eq!(event["MaximumBatchingWindowInSeconds"], 1);
}

#[test]
fn pushed_events_are_tried_again_and_parked() {
    let made = properties(
        "topic t\nqueue failed { keep 14d }\nfunction f { handler \"src/a.py:handle\"; on topic t; retry 0 then failed }",
        "FFunction",
    );
    assert_eq!(
        made["EventInvokeConfig"],
        json!({
            "MaximumRetryAttempts": 0,
            "DestinationConfig": { "OnFailure": {
                "Type": "SQS",
                "Destination": { "Fn::GetAtt": ["FailedQueue", "Arn"] },
            }},
        })
    );
}

#[test]
fn a_role_allows_what_the_function_does_and_no_more() {
    let made = properties(
        "queue q { retry 3 then failed }\nqueue failed { keep 14d }\ntopic t\nfunction f { handler \"src/a.py:handle\"; on queue q; can publish t }",
        "FExecutionRole",
    );
    let statements = &made["Policies"][0]["PolicyDocument"]["Statement"];
    let allowed: Vec<_> = statements
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["Sid"].as_str().unwrap(), it["Resource"].clone()))
        .collect();
    assert_eq!(
        allowed,
        [
            ("WriteLogs", json!([{ "Fn::GetAtt": ["FLogs", "Arn"] }])),
            (
                "ReceiveMessages",
                json!([{ "Fn::GetAtt": ["QQueue", "Arn"] }])
            ),
            ("PublishMessages", json!([{ "Ref": "TTopic" }])),
        ]
    );
    assert!(!made.to_string().contains("\"*\""));
}

#[test]
fn either_day_is_two_schedules_and_the_second_skips() {
    let made = properties(
        "function f { handler \"src/a.py:handle\"; retry 0\non schedule \"0 0 1 * MON\" in \"Asia/Tokyo\" }",
        "FFunction",
    );
    let input = |id: &str| -> Value {
        let text = made["Events"][id]["Properties"]["Input"].as_str().unwrap();
        serde_json::from_str(text).unwrap()
    };
    assert_eq!(input("Tick1")["skip"], Value::Null);
    let skip = json!({ "days": [1], "zone": "Asia/Tokyo" });
    assert_eq!(input("Tick2")["skip"], skip);
}

#[test]
fn python_gets_time_zones_where_a_tick_reads_the_day() {
    let program = "app a { targets aws }\nfunction f { handler \"src/a.py:handle\"; retry 0; on schedule \"0 0 1 * MON\" in \"Asia/Tokyo\" }";
    let made = files_with(program, &[("requirements.txt", "stripe==12")]);
    assert_eq!(made["python/requirements.txt"], "stripe==12\ntzdata\n");
}

#[test]
fn what_is_installed_differently_is_packed_apart() {
    let program = "app a { targets aws }\nfunction f { handler \"one/a.py:handle\" }\nfunction g { handler \"two/b.py:handle\" }\nfunction h { handler \"three/c.py:handle\" }";
    let given = [
        ("one/a.py", ""),
        ("one/requirements.txt", "one"),
        ("two/b.py", ""),
        ("two/requirements.txt", "two"),
        ("three/c.py", ""),
    ];
    let made = files_with(program, &given);
    assert_eq!(made["python-one/requirements.txt"], "one");
    assert_eq!(made["python-two/requirements.txt"], "two");
    assert!(made.contains_key("python/three/c.py"));
    assert!(made.contains_key("python/_fnc/entry.py"));
    assert!(made["python/_fnc/functions.jsonl"].starts_with(r#"{"function":"h","app":"a","#));
    assert!(!made.contains_key("python/one/a.py"));
    let functions = read(&made["template.yaml"])["Resources"].take();
    assert_eq!(
        functions["FFunction"]["Properties"]["CodeUri"],
        "python-one/"
    );
}

#[test]
fn long_names_fit() {
    let (app, function) = ("a".repeat(40), "f".repeat(40));
    let program = format!(
        "app {app} {{ targets aws }}\nfunction {function} {{ handler \"src/a.py:handle\" }}"
    );
    let made = read(&files(&program)["template.yaml"]);
    let function = made["Resources"].as_object().unwrap().values().next_back();
    let name = function.unwrap()["Properties"]["FunctionName"]
        .as_str()
        .unwrap();
    assert_eq!(name.len(), 64);
}
