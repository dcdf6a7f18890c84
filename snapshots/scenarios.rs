//! `fnc test`: the examples' tests pass, and those that don't say readably why.

use std::fs;

use crate::examples::examples;
use crate::harness::{Fnc, Ran, snapshot};

/// Examples without tests: the local run refuses websockets by name.
const UNTESTED: [&str; 1] = ["real/chat"];

#[test]
fn every_example_has_tests_that_pass() {
    for name in examples() {
        if UNTESTED.contains(&name.as_str()) {
            continue;
        }
        let here = Fnc::new().example(&name);
        let ran = here.run(&format!("test {name}")).exits(0);
        assert!(ran.stdout.contains("passed"), "{ran}");
        let again = here.run(&format!("test {name}")).exits(0);
        assert_eq!(ran.stdout, again.stdout, "the same on every run");
    }
}

#[test]
fn a_changed_limit_fails_readably() {
    let fnc = Fnc::new().example("relay");
    let program = fnc.read("relay/app.fn");
    let changes = [
        (
            "changed_retries",
            "retry 4 then parked",
            "retry 2 then parked",
        ),
        ("changed_maximum", "scale 0..10", "scale 0..20"),
    ];
    for (what, from, to) in changes {
        assert!(program.contains(from));
        fs::write(fnc.path("relay/app.fn"), program.replace(from, to)).unwrap();
        let ran = fnc.run("test relay").exits(1);
        snapshot("scenarios", what, &ran.stdout);
    }
}

const PROGRAM: &str = r#"app small
secret key
queue jobs { retry 2 then dead; hidden 6m }
queue dead { keep 14d }
topic news
function work {
  handler "work.py:work"
  timeout 2s
  on queue jobs { batch 1 }
  can send dead
  env { KEY = secret.key }
}
function ask {
  handler "work.py:ask"
  on http GET "/ask/{what}" { auth none }
  on http POST "/ask" { auth none }
}
function listen { handler "work.py:listen"; on topic news; retry 0 }
function broken { handler "broken.py:handle"; on http GET "/broken" { auth none } }
function node { handler "work.mjs:handle"; on http GET "/node" { auth none } }
"#;

const WORK: &str = r#"import os, time
calls = 0
def work(event, context):
    global calls
    calls += 1
    what = event["records"][0]["body"]
    print("working on", what, "call", calls)
    if what == "raise": raise ValueError("no such job")
    if what == "exit": os._exit(3)
    if what == "hang": time.sleep(60)
    if what == "forbidden": context.publish("news", 1)
    if what == "dead": context.send("dead", {"key": os.environ["KEY"]})
def ask(event, context):
    request = event["request"]
    what = request["params"].get("what")
    if what == "raise": raise ValueError("no such thing")
    if what == "id": return {"id": context.request_id, "left": context.remaining_ms() > 1000}
    if what == "odd": return {"statusCode": 1000}
    return {"statusCode": 201, "body": {"query": request["query"], "headers": request["headers"], "data": request["data"]}}
def listen(event, context):
    raise ValueError("not listening")
"#;

fn small(tests: &str) -> Fnc {
    Fnc::new()
        .file("app.fn", PROGRAM)
        .file("work.py", WORK)
        .file(
            "broken.py",
            "import nothing_of_this_name\ndef handle(event, context): pass\n",
        )
        .file(
            "work.mjs",
            "export async function handle(event) { return { path: event.request.path }; }\n",
        )
        .file("app.test.fn", tests)
}

fn passes(tests: &str) -> Ran {
    small(tests).run("test").exits(0)
}

#[test]
fn handlers_are_real() {
    let ran = passes(
        r#"
test "requests" {
  http GET "/ask/id"
  expect status 200
  expect body { id = "00000000-0000-4000-8000-000000000001"; left = true }
  http POST "/ask" { body = { a = [1, 2] }; headers { "X-One" = "1" }; query { q = "x y" } }
  expect status 201
  expect body { query = { q = "x y" }; headers = { "x-one" = "1" }; data = { a = [1, 2] } }
  http GET "/ask/raise"
  expect status 500
  http GET "/ask/odd"
  expect status 500
  http GET "/broken"
  expect status 503
  http GET "/node"
  expect body { path = "/node" }
  http GET "/nowhere"
  expect status 404
  http GET "/ask"
  expect status 405
}

test "an instance lives on, and each test has its own" {
  send jobs { body = "one" }
  send jobs { body = "two" }
  expect invoked work 2
  expect instances work at_most 1
}

test "processes that end and hang" {
  send jobs { body = "exit" }
  after 1m
  expect invoked work 3
  expect queue dead has 1
  send jobs { body = "hang" }
  expect queue jobs has 0
  after 1s
  expect invoked work 4
  after 1m
  expect invoked work 6
  expect queue dead has 2
}

test "what is not allowed raises" {
  send jobs { body = "forbidden" }
  expect not invoked listen
  expect queue jobs has 1
  send jobs { body = "dead" }
  expect queue dead has 1
}
"#,
    );
    assert!(ran.stdout.ends_with("4 tests passed\n"), "{ran}");
}

#[test]
fn stubs_stand_in_for_handlers() {
    passes(
        r#"
test "answers, failures and time" {
  stub ask answers { statusCode = 418; body = { tea = true } }
  stub ask takes 3s
  stub broken answers "text"
  http GET "/ask/raise"
  after 3s
  expect status 418
  expect body { tea = true }
  http GET "/broken"
  expect body "text"
  stub work takes 3s                       // longer than its timeout
  send jobs { body = "fine" }
  after 1m
  expect invoked work 3
  expect queue dead has 1
}
"#,
    );
}

#[test]
fn what_fails_says_why() {
    let tests = r#"
test "a status" {
  http GET "/ask/raise"
  expect status 200
}

test "a body" {
  http GET "/ask/other?q=1"
  expect body { query = { q = "2" } }
}

test "an answer that isn't there" {
  stub ask takes 2s
  http GET "/ask/id"
  after 1s
  expect status 200
}

test "too many calls" {
  stub work fails 1
  send jobs { body = "one" }
  after 5s
  expect invoked work 1
}

test "a call that should not be" {
  publish news { body = "x" }
  expect not invoked listen
}

test "a queue" {
  send jobs { body = "raise" }
  after 1m
  expect queue dead has 0
}

test "instances" {
  stub work takes 1s
  send jobs { body = 1 }
  send jobs { body = 2 }
  expect instances work at_most 1
}

test "a function that can't be loaded" {
  http GET "/broken"
  expect status 200
}

test "a message that is too large" {
  send jobs { body = "LARGE" }
  expect invoked work
}

test "this one passes" {
  expect not invoked work
}
"#;
    let fnc = small(&tests.replace("LARGE", &"x".repeat((256 << 10) + 1)));
    let ran = fnc.run("test").exits(1);
    // Where Python is installed is of no interest.
    let lines = ran.stdout;
    let lines = lines.lines().filter(|it| !it.contains("File \""));
    snapshot(
        "scenarios",
        "failures",
        &lines.collect::<Vec<_>>().join("\n"),
    );
    let json = fnc.run("test --format json").exits(1);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 10);
    assert_eq!(json[0]["line"], 4);
    assert_eq!(json[0]["passed"], false);
    assert_eq!(json[9]["passed"], true);
}

#[test]
fn tests_that_are_wrong_are_findings() {
    let ran = small("test \"x\" {\n  send job { body = 1 }\n  expect invoked work\n}\n")
        .run("test")
        .exits(1);
    assert!(ran.stderr.contains("FN0202") && ran.stderr.contains("did you mean `jobs`?"));
    let none = Fnc::new().example("hello");
    fs::remove_file(none.path("hello/app.test.fn")).unwrap();
    let ran = none.run("test hello").exits(2);
    assert!(ran.stderr.contains("there is no test"), "{ran}");
}

#[test]
fn a_program_that_never_rests_is_stopped() {
    let program = r#"app loop
queue a { retry 1 then dead }
queue dead
function f { handler "f.py:handle"; on queue a; can send a }
"#;
    let ran = Fnc::new()
        .file("app.fn", program)
        .file(
            "f.py",
            "def handle(event, context):\n    context.send('a', 1)\n",
        )
        .file(
            "app.test.fn",
            "test \"x\" {\n  send a { body = 1 }\n  expect invoked f\n}\n",
        )
        .run("test");
    assert_eq!(ran.code, 1, "{ran}");
    assert!(
        ran.stdout.contains("come to rest") || ran.stderr.contains("FN"),
        "{ran}"
    );
}

#[test]
fn events_reach_functions_that_call_others() {
    let program = r#"app small
bus events
queue dead { keep 14d }
function bill {
  handler "work.py:bill"
  on event "order.placed" from events where data.total > 5
  can invoke rate, endless
  retry 1 then dead
  timeout 1m
}
function rate { handler "work.py:rate" }
function endless { handler "work.py:endless"; can invoke endless }
"#;
    let handlers = r#"
def bill(event, context):
    data = event["records"][0]["data"]
    if data.get("endless"):
        return context.invoke("endless", None)
    context.log("billed", total=data["total"] * context.invoke("rate", {"by": 2})["rate"])

def rate(event, context):
    return {"rate": event["records"][0]["data"]["by"]}

def endless(event, context):
    return context.invoke("endless", None)
"#;
    let tests = r#"
test "an event is billed" {
  publish events { type = "order.placed"; body = { total = 7 } }
  publish events { type = "order.placed"; body = { total = 3 } }
  publish events { type = "order.gone"; body = { total = 9 } }
  expect invoked bill 1
  expect invoked rate 1
}
test "who calls waits for the answer" {
  stub rate answers { rate = 3 }
  stub rate takes 20s
  publish events { type = "order.placed"; body = { total = 7 } }
  expect invoked rate 1
  expect queue dead has 0
}
test "a call that fails fails the caller" {
  stub rate fails
  publish events { type = "order.placed"; body = { total = 7 } }
  after 10s
  expect invoked bill 2
  expect queue dead has 1
}
test "a call that takes too long for the caller" {
  stub rate takes 2m
  stub rate answers { rate = 3 }
  publish events { type = "order.placed"; body = { total = 7 } }
  after 10m
  expect invoked bill 2
  expect queue dead has 1
}
test "calls without end are given up" {
  publish events { type = "order.placed"; body = { total = 7; endless = true } }
  after 10m
  expect queue dead has 1
}
"#;
    let fnc = Fnc::new().file("app.fn", program).file("work.py", handlers);
    let fnc = fnc.file("app.test.fn", tests);
    let ran = fnc.run("test").exits(0);
    assert!(ran.stdout.contains("5 tests passed"), "{ran}");
    fs::write(
        fnc.path("app.test.fn"),
        "test \"x\" { publish events { body = 1 } }\n",
    )
    .unwrap();
    let ran = fnc.run("check").exits(1);
    assert!(
        ran.stderr.contains("FN1205") && ran.stderr.contains("needs a type"),
        "{ran}"
    );
}

#[test]
fn streams_and_tables_are_part_of_a_test() {
    let program = r#"app small
stream clicks { shards 2 }
queue dead { keep 14d }
table visits { key page string, sort user string; ttl until }
function count {
  handler "work.py:count"
  on stream clicks { batch 10; retry 1 then dead }
  can read visits
  can write visits
}
function watch { handler "work.mjs:watch"; on table visits changed where action == "deleted" { retry 1 then dead } }
"#;
    let python = r#"
def count(event, context):
    for record in event["records"]:
        data = record["data"]
        row = context.get("visits", {"page": data["page"], "user": record["key"]}) or {"n": 0}
        row = {"page": data["page"], "user": record["key"], "n": row["n"] + 1, "until": 1767225720}
        context.put("visits", row)
"#;
    let node = "export const watch = (event) => console.log('gone', event.records[0].old.n);\n";
    let tests = r#"
test "visits are counted and forgotten" {
  write clicks { key = "ann"; body = { page = "/" } }
  write clicks { key = "bob"; body = { page = "/" } }
  write clicks { key = "ann"; body = { page = "/" } }
  expect table visits has { user = "ann"; n = 2 }
  expect table visits has { user = "bob"; n = 1 }
  expect not table visits has { user = "eve" }
  delete visits { key = { page = "/"; user = "bob" } }
  expect not table visits has { user = "bob" }
  expect invoked watch 1
  after 119s
  expect table visits has { user = "ann" }
  after 1s
  expect not table visits has { user = "ann" }
  expect invoked watch 2
}
test "a record that fails is parked" {
  write clicks { key = "ann"; body = "no page" }
  write clicks { key = "ann"; body = { page = "/" } }
  after 5s
  expect invoked count 3
  expect queue dead has 1
  expect table visits has { user = "ann"; n = 1 }
}
test "rows come from outside too" {
  put visits { body = { page = "/a"; user = "eve"; n = 7 } }
  write clicks { key = "eve"; body = { page = "/a" } }
  expect table visits has { page = "/a"; user = "eve"; n = 8 }
}
test "what differs is shown" {
  put visits { body = { page = "/a"; user = "eve" } }
  expect table visits has { user = "adam" }
}
"#;
    let fnc = Fnc::new().file("app.fn", program).file("work.py", python);
    let fnc = fnc.file("work.mjs", node).file("app.test.fn", tests);
    let ran = fnc.run("test").exits(1);
    assert!(
        ran.stdout.contains("3 passed, 1 failed") || ran.stdout.contains("1 of 4"),
        "{ran}"
    );
    assert!(
        ran.stdout.contains(r#"it has {"page":"/a","user":"eve"}"#),
        "{ran}"
    );
    let wrong = [
        ("put visits { body = 1 }", "takes rows"),
        ("delete visits { body = 1 }", "isn't said"),
        ("write clicks { group = \"g\" }", "takes no `group`"),
        ("write clicks { key = 1 }", "key is text"),
        ("send dead { key = \"k\" }", "takes no `key`"),
    ];
    for (step, why) in wrong {
        let text = format!("test \"x\" {{ {step}\nexpect not invoked count }}\n");
        fs::write(fnc.path("app.test.fn"), text).unwrap();
        let ran = fnc.run("check").exits(1);
        assert!(
            ran.stderr.contains("FN1205") && ran.stderr.contains(why),
            "{step}: {ran}"
        );
    }
}

const BUCKETS: &str = r#"app small
bucket pictures { expire 1d }
bucket thumbs
queue dead { keep 14d }
function shrink {
  handler "work.py:shrink"
  on bucket pictures created { prefix "in/"; suffix ".txt" }
  can read pictures
  can write thumbs
  retry 1 then dead
}
function forget {
  handler "work.mjs:forget"
  on bucket pictures deleted
  can read thumbs
  can write thumbs
}
"#;

const SHRINK: &str = r#"
def shrink(event, context):
    record, = event["records"]
    assert record["type"] == "fnc.bucket.created" and record["bucket"] == "pictures", record
    found = context.get("pictures", record["key"])
    assert found["size"] == record["size"] and found["etag"] == record["etag"], (found, record)
    context.put("thumbs", record["key"].removeprefix("in/"), found["body"][:3], attributes={"of": record["key"]})
"#;

const FORGET: &str = r"
export async function forget(event, context) {
  const { key, size, action } = event.records[0];
  if (size !== null || action !== 'deleted') throw new Error(JSON.stringify(event.records[0]));
  const own = key.replace('in/', '');
  const found = await context.get('thumbs', own);
  if (found?.attributes.of === key) await context.delete('thumbs', own);
}
";

#[test]
fn buckets_are_part_of_a_test() {
    let tests = r#"
test "a picture is made small, and forgotten" {
  put pictures { key = "in/a.txt"; body = "abcdef" }
  expect bucket pictures has "in/a.txt"
  expect bucket thumbs has "a.txt"
  expect invoked shrink 1
  delete pictures { key = "in/a.txt" }
  expect not bucket thumbs has "a.txt"
  expect invoked forget 1
  delete pictures { key = "in/a.txt" }
  expect invoked forget 1
}
test "only what begins and ends so starts it" {
  put pictures { key = "in/a.gif"; body = "a" }
  put pictures { key = "b.txt"; body = "b" }
  put pictures { key = "in/c.txt"; body = "c" }
  expect invoked shrink 1
  expect not bucket thumbs has "a.gif"
}
test "what expires is deleted, from when it was last put" {
  put pictures { key = "in/a.txt"; body = "one" }
  after 20h
  put pictures { key = "in/a.txt"; body = "two" }
  after 20h
  expect bucket pictures has "in/a.txt"
  after 3h
  expect not invoked forget
  after 1h
  expect not bucket pictures has "in/a.txt"
  expect invoked forget 1
}
test "what is lacking is shown" {
  put thumbs { key = "a"; body = { x = 1 } }
  put thumbs { key = "b/c"; body = "" }
  expect bucket thumbs has "c"
}
test "a key that leads out of the bucket" {
  put thumbs { key = "a/../../b"; body = "" }
  expect bucket thumbs has "b"
}
"#;
    let fnc = Fnc::new().file("app.fn", BUCKETS).file("work.py", SHRINK);
    let fnc = fnc.file("work.mjs", FORGET).file("app.test.fn", tests);
    let ran = fnc.run("test").exits(1);
    assert!(ran.stdout.contains("3 passed, 2 failed"), "{ran}");
    assert!(ran.stdout.contains("it has `a`, `b/c`"), "{ran}");
    assert!(
        ran.stdout.contains("holds `.` or `..` between slashes"),
        "{ran}"
    );
    let wrong = [
        ("put thumbs { body = 1 }", "key is text"),
        ("put thumbs { key = { a = 1 }; body = 1 }", "key is text"),
        (
            "put thumbs { key = \"k\"; type = \"t\" }",
            "takes no `type`",
        ),
        ("delete thumbs { key = { a = 1 } }", "isn't said"),
    ];
    for (step, why) in wrong {
        let text = format!("test \"x\" {{ {step}\nexpect not invoked shrink }}\n");
        fs::write(fnc.path("app.test.fn"), text).unwrap();
        let ran = fnc.run("check").exits(1);
        assert!(
            ran.stderr.contains("FN1205") && ran.stderr.contains(why),
            "{step}: {ran}"
        );
    }
}
