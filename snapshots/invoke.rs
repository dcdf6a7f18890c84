//! `fnc invoke` without a running app, and what `fnc send` and `fnc parked` say when there is none.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::harness::{Fnc, Ran};

const PROGRAM: &str = r#"
app shop
secret key
queue orders
topic placed

function bill {
  handler "src/bill.py:handle"
  timeout 1s
  scale 0..5
  on queue orders
  can publish placed
  env { STAGE = "dev" }
}

function track {
  handler "src/track.mjs:handle"
  scale 0..5
  on topic placed
}

function pay {
  handler "src/bill.py:handle"
  scale 0..5
  on every 5m
  env { KEY = secret.key }
}
"#;

const BILL: &str = r#"
import os, time
def handle(event, context):
    data = event["records"][0]["data"]
    if data == "raise": raise KeyError("no order")
    if data == "hang": time.sleep(60)
    if data == "exit": os._exit(4)
    if data == "publish": context.publish("placed", {"order": 7})
    print("working")
    return {"saw": data, "trigger": event["trigger"], "env": os.environ.get("STAGE") or os.environ.get("KEY")}
"#;

const TRACK: &str =
    "export const handle = async (event) => event.records.map((it) => [it.source, it.data]);\n";

fn shop() -> Fnc {
    Fnc::new()
        .file("app.fn", PROGRAM)
        .file("src/bill.py", BILL)
        .file("src/track.mjs", TRACK)
}

/// Returns a port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn invoke(fnc: &Fnc, arguments: &str, event: &str) -> Ran {
    fnc.run_with(
        &format!("invoke {arguments} --event - --port {}", free_port()),
        event,
    )
}

fn answer(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"))
}

#[test]
fn a_function_is_called_alone_when_no_app_runs() {
    let fnc = shop();
    let ran = invoke(&fnc, "bill", r#"{"day": 1}"#).exits(0);
    let expected = json!({ "saw": { "day": 1 }, "trigger": "invoke", "env": "dev" });
    assert_eq!(answer(&ran), expected);
    assert!(ran.stderr.contains("`bill` runs alone"), "{ran}");
    assert!(ran.stderr.contains("working"), "{ran}");
}

#[test]
fn a_recorded_event_is_taken_in_both_shapes() {
    let fnc = shop();
    let portable = r#"{"version":1,"trigger":"queue","source":"orders","function":"bill","records":[
        {"id":"a","source":"orders","type":"fnc.queue.message","time":"2026-01-31T08:00:00.000Z","attempt":1,
         "body":"5","data":5,"attributes":{}}]}"#;
    let ran = invoke(&fnc, "bill", portable).exits(0);
    assert_eq!(
        answer(&ran),
        json!({ "saw": 5, "trigger": "queue", "env": "dev" })
    );
    let ran = invoke(&fnc, "track", portable).exits(2);
    assert!(
        ran.stderr
            .contains("the event is one of `bill`, not of `track`"),
        "{ran}"
    );

    let sns = r#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":{"MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:1:shop-placed",
        "Message":"{\"order\":7}","Timestamp":"2026-01-31T08:00:00.000Z","MessageAttributes":{}}}]}"#;
    let ran = invoke(&fnc, "track", sns).exits(0);
    assert_eq!(answer(&ran), json!([["placed", { "order": 7 }]]));
    let ran = invoke(&fnc, "bill", "no JSON").exits(2);
    assert!(ran.stderr.contains("the event can't be read"), "{ran}");
}

#[test]
fn what_goes_wrong_in_a_function_is_told() {
    let fnc = shop();
    for (data, what) in [
        ("raise", "the function failed: KeyError: 'no order'"),
        ("hang", "the function took longer than 1s and was killed"),
        ("exit", "the function's process ended: exit code 4"),
    ] {
        let ran = invoke(&fnc, "bill", &format!("{data:?}")).exits(1);
        assert!(ran.stderr.contains(what), "{ran}");
        assert_eq!(ran.stdout, "");
    }
    let broken = shop().file(
        "src/bill.py",
        "import nothing_like_it\ndef handle(event, context): pass\n",
    );
    let ran = invoke(&broken, "bill", "1").exits(1);
    assert!(
        ran.stderr
            .contains("could not be loaded: ModuleNotFoundError"),
        "{ran}"
    );
    let ran = invoke(&fnc, "bil", "1").exits(2);
    assert!(ran.stderr.contains("did you mean `bill`?"), "{ran}");
}

#[test]
fn what_it_sends_is_told_but_goes_nowhere() {
    let ran = invoke(&shop(), "bill", "\"publish\"").exits(0);
    assert!(
        ran.stderr.contains("sent to placed: {\"order\":7}"),
        "{ran}"
    );
}

#[test]
fn a_secret_comes_from_the_command_line_or_the_file() {
    let fnc = shop();
    let ran = invoke(&fnc, "pay", "1").exits(2);
    assert!(ran.stderr.contains("`--secret key=VALUE`"), "{ran}");
    let fnc = fnc.file(".fnc/secrets.json", r#"{"key": "from file"}"#);
    assert_eq!(
        answer(&invoke(&fnc, "pay", "1").exits(0))["env"],
        "from file"
    );
    let ran = invoke(&fnc, "pay --secret key=given", "1").exits(0);
    assert_eq!(answer(&ran)["env"], "given");
    let fnc = fnc.file(".fnc/secrets.json", "[]");
    assert!(
        invoke(&fnc, "pay", "1")
            .exits(3)
            .stderr
            .contains("secrets.json")
    );
}

#[test]
fn without_a_running_app_nothing_can_be_sent() {
    let fnc = shop();
    for arguments in ["send orders", "parked", "parked --redrive"] {
        let port = free_port();
        let ran = fnc.run(&format!("{arguments} --port {port}")).exits(3);
        assert!(
            ran.stderr.contains(&format!("no app runs on port {port}")),
            "{ran}"
        );
    }
    assert!(
        fnc.run("send orders 1 --delay soon")
            .exits(2)
            .stderr
            .contains("500ms")
    );
    assert!(
        fnc.run("send orders 1 --attr kind")
            .exits(2)
            .stderr
            .contains("NAME=VALUE")
    );
}

#[test]
fn another_server_is_not_mistaken_for_the_app() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]")
            .unwrap();
    });
    let ran = shop().run(&format!("parked --port {port}")).exits(3);
    assert!(ran.stderr.contains("is not `fnc run`"), "{ran}");
    server.join().unwrap();
}
