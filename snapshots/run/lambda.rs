//! Handlers written for AWS Lambda, run as they are: `contract lambda`.

use serde_json::{Value, json};

use super::running::Running;
use crate::harness::Fnc;

const PYTHON: &str = r#"
import json, os

def drain(event, context):
    failed = []
    for record in event["Records"]:
        again = record["body"] == "bad" and record["attributes"]["ApproximateReceiveCount"] == "1"
        print(json.dumps({"told": "python", "body": record["body"], "again": again, "arn": record["eventSourceARN"],
                          "kind": record["messageAttributes"].get("kind", {}).get("stringValue")}))
        if again:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}

def web(event, context):
    if event["rawPath"].endswith("/bare"):
        return {"hello": event["pathParameters"]["id"]}
    if event["rawPath"].endswith("/object"):
        return {"statusCode": 200, "body": {"not": "text"}}
    left = context.get_remaining_time_in_millis()
    known = [event["version"], event["routeKey"], event["requestContext"]["http"]["method"], context.function_name,
             context.aws_request_id == event["requestContext"]["requestId"], 0 < left <= 30000,
             context.invoked_function_arn.startswith("arn:aws:lambda:"), context.memory_limit_in_mb,
             os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:"), os.environ["AWS_ACCESS_KEY_ID"],
             event["queryStringParameters"]]
    return {"statusCode": 201, "headers": {"x-by": "python"}, "cookies": ["a=1"], "body": json.dumps(known)}

def hear(event, context):
    print(json.dumps({"told": "python-sns", "message": event["Records"][0]["Sns"]["Message"]}))

def call(event, context):
    return {"event": event, "id": bool(context.aws_request_id)}

def sdk(event, context):
    import urllib.error, urllib.request
    try:
        urllib.request.urlopen(urllib.request.Request(
            os.environ["AWS_ENDPOINT_URL"] + "/", b"{}", {"content-type": "application/x-amz-json-1.1"}))
    except urllib.error.HTTPError as error:
        return [error.code, error.headers["x-amzn-errortype"], json.loads(error.read())["message"]]
"#;

const NODE: &str = r"
const tell = (told) => console.log(JSON.stringify(told));

exports.drain = async (event) => {
  const batchItemFailures = [];
  for (const { body, messageId, attributes, eventSourceARN, messageAttributes } of event.Records) {
    const again = body === 'bad' && attributes.ApproximateReceiveCount === '1';
    tell({ told: 'node', body, again, arn: eventSourceARN, kind: messageAttributes.kind?.stringValue ?? null });
    if (again) batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
};
exports.web = async (event, context) => {
  if (event.rawPath.endsWith('/bare')) return { hello: event.pathParameters.id };
  if (event.rawPath.endsWith('/object')) return { statusCode: 200, body: { not: 'text' } };
  const left = context.getRemainingTimeInMillis();
  const known = [event.version, event.routeKey, event.requestContext.http.method, context.functionName,
    context.awsRequestId === event.requestContext.requestId, left > 0 && left <= 30000,
    context.invokedFunctionArn.startsWith('arn:aws:lambda:'), context.memoryLimitInMB,
    process.env.AWS_ENDPOINT_URL.startsWith('http://127.0.0.1:'), process.env.AWS_ACCESS_KEY_ID,
    event.queryStringParameters];
  return { statusCode: 201, headers: { 'x-by': 'node' }, cookies: ['a=1'], body: JSON.stringify(known) };
};
exports.hear = (event, context, callback) => {
  tell({ told: 'node-sns', message: event.Records[0].Sns.Message });
  setTimeout(() => callback(null, 'heard'), 1);
};
exports.call = async (event, context) => ({ event, id: Boolean(context.awsRequestId) });
";

/// Returns the functions of a handler file, with queues and routes of their own.
fn functions(language: &str, file: &str) -> String {
    let one = |name: &str, trigger: &str| {
        format!(
            "function {language}_{name} {{\n  handler \"{file}:{name}\"\n  contract lambda\n{trigger}\n}}\n"
        )
    };
    [
        format!("queue {language}_jobs {{ retry 3 then parked }}\n"),
        one(
            "drain",
            &format!("  on queue {language}_jobs {{ batch 10 }}"),
        ),
        one(
            "web",
            &format!("  on http GET \"/{language}/{{id}}/{{what}}\" {{ auth none }}"),
        ),
        one("hear", "  on topic placed"),
        one("call", ""),
    ]
    .concat()
}

fn app() -> Fnc {
    let program = [
        "app native\nqueue parked\ntopic placed\n".to_owned(),
        functions("python", "main.py"),
        functions("node", "main.cjs"),
        "function python_sdk { handler \"main.py:sdk\"; contract lambda }\n".to_owned(),
    ];
    let fnc = Fnc::new().file("app.fn", program.concat());
    fnc.file("main.py", PYTHON).file("main.cjs", NODE)
}

fn told(app: &Running, by: &str) -> Vec<Value> {
    let output = app.output();
    let lines = output
        .lines()
        .filter_map(|it| it.find("{\"told\"").map(|at| &it[at..]));
    lines
        .map(|it| serde_json::from_str::<Value>(it).unwrap())
        .filter(|it| it["told"] == by)
        .collect()
}

#[test]
fn a_handler_written_for_lambda_runs_as_it_is() {
    let app = Running::start(app(), "");
    for language in ["python", "node"] {
        let reply = app.get(&format!("/{language}/7/full?a=1&a=2"));
        assert_eq!(reply.status, 201, "{reply:?}\n{}", app.output());
        let head = reply.head.to_lowercase();
        assert!(head.contains(&format!("x-by: {language}")), "{head}");
        assert!(head.contains("set-cookie: a=1"), "{head}");
        let route = format!("GET /{language}/{{id}}/{{what}}");
        let name = format!("{language}_web");
        let known = reply.json();
        let expected = json!(["2.0", route, "GET", name, true, true, true]);
        assert_eq!(
            known.as_array().unwrap()[..7],
            expected.as_array().unwrap()[..]
        );
        assert!(known[7].as_str().unwrap().parse::<u32>().unwrap() > 0);
        assert_eq!(
            known.as_array().unwrap()[8..],
            [json!(true), json!("local"), json!({ "a": "1,2" })]
        );
        let bare = app.get(&format!("/{language}/7/bare"));
        assert_eq!((bare.status, bare.json()), (200, json!({ "hello": "7" })));
        // API Gateway takes a body that is text only.
        assert_eq!(app.get(&format!("/{language}/7/object")).status, 500);

        app.post(&format!("/_fnc/send/{language}_jobs?attr.kind=vip"), "good");
        app.post(&format!("/_fnc/send/{language}_jobs"), "bad");
        app.until("the failed one again", |it| told(it, language).len() >= 3);
        let seen = told(&app, language);
        let of = |body: &str| {
            seen.iter()
                .filter(|it| it["body"] == body)
                .collect::<Vec<_>>()
        };
        assert_eq!((of("good").len(), of("bad").len()), (1, 2), "{seen:?}");
        assert_eq!(of("good")[0]["kind"], "vip");
        assert_eq!(of("bad")[1]["again"], false);
        let arn = format!("arn:aws:sqs:local:000000000000:{language}_jobs");
        assert_eq!(of("good")[0]["arn"], json!(arn));

        let reply = app.post(&format!("/_fnc/invoke/{language}_call"), r#"{"n":1}"#);
        assert_eq!(reply.json(), json!({ "event": { "n": 1 }, "id": true }));
    }
    app.post("/_fnc/send/placed", "hello");
    for by in ["python-sns", "node-sns"] {
        app.until("the notification", |it| !told(it, by).is_empty());
        assert_eq!(told(&app, by)[0]["message"], "hello");
    }
    let sdk = app.post("/_fnc/invoke/python_sdk", "{}").json();
    assert_eq!((&sdk[0], &sdk[1]), (&json!(400), &json!("NotImplemented")));
    assert!(
        sdk[2].as_str().unwrap().contains("AWS_ENDPOINT_URL"),
        "{sdk}"
    );
}

#[test]
fn it_is_called_alone_and_in_tests_as_well() {
    let tests = r#"
test "lambda" {
  send python_jobs { body = "bad" }
  send node_jobs { body = "bad" }
  after 10m
  expect invoked python_drain 2
  expect invoked node_drain 2
  expect queue parked has 0
  http GET "/python/7/bare"
  expect status 200
  expect body { hello = "7" }
  http GET "/node/7/object"
  expect status 500
}
"#;
    let fnc = app().file("app.test.fn", tests);
    for language in ["python", "node"] {
        let ran = fnc.run_with(
            &format!("invoke {language}_call --event - --port 1"),
            r#"{"n":1}"#,
        );
        let ran = ran.exits(0);
        let got: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(got, json!({ "event": { "n": 1 }, "id": true }));
    }
    fnc.run("test").exits(0);
}

#[test]
fn a_where_holds_for_the_events_of_aws_too() {
    let program = "app picky\nqueue jobs\n\
        function python { handler \"main.py:show\"; contract lambda; on queue jobs where data.kind == \"vip\" { batch 2 } }\n\
        queue tasks\n\
        function node { handler \"main.mjs:show\"; contract lambda; on queue tasks where data.kind == \"vip\" { batch 2 } }\n";
    let fnc = Fnc::new().file("app.fn", program);
    let fnc = fnc.file(
        "main.py",
        "def show(event, context):\n    for it in event['Records']: print('python got', it['body'], flush=True)\n",
    );
    let fnc = fnc.file(
        "main.mjs",
        "export async function show(event) { for (const it of event.Records) console.log('node got', it.body); }\n",
    );
    let app = Running::start(fnc, "--ephemeral");
    for queue in ["jobs", "tasks"] {
        app.send(queue, r#"{"kind":"other"}"#);
        app.send(queue, r#"{"kind":"vip"}"#);
    }
    app.until("the records that are taken", |it| {
        it.lines_with(&["python got", "vip"]) == 1 && it.lines_with(&["node got", "vip"]) == 1
    });
    assert_eq!(app.lines_with(&["got", "other"]), 0, "{}", app.output());
}
