//! What a person sees and other programs ask: the banner, refusals at the start, calls, metrics, the stream.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use super::running::Running;
use crate::harness::{Fnc, snapshot};

#[test]
fn the_banner_shows_routes_limits_and_where_to_send_events() {
    let shop = Fnc::new().example("shop");
    let shop = Running::start(shop, "shop --secret payment_key=test --stage prod");
    shop.until("the banner", |it| it.output().contains("Ctrl-C"));
    let output = shop.output();
    let (banner, _) = output.split_once("Ctrl-C").unwrap();
    let port = banner.split("localhost:").nth(1).unwrap();
    let port = port.split_whitespace().next().unwrap();
    let mut text = banner.replace(port, "PORT");
    while let Some((before, after)) = text.split_once("next 2") {
        let (_, rest) = after.split_once('Z').unwrap();
        text = format!("{before}next TIME{rest}");
    }
    snapshot("run", "banner", text.trim_end());
}

#[test]
fn what_is_missing_is_said_at_the_start() {
    let shop = Fnc::new().example("shop");
    let ran = shop.run("run shop --port 0").exits(2);
    assert!(
        ran.stderr.contains("secret `payment_key` has no value"),
        "{ran}"
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ran = shop
        .run(&format!("run shop --secret payment_key=x --port {port}"))
        .exits(3);
    assert!(ran.stderr.contains("is in use"), "{ran}");
    let broken = Fnc::new().file("app.fn", "app a\nfunctoin b {}\n");
    let ran = broken.run("run --port 0").exits(1);
    assert!(ran.stderr.contains("FN01"), "{ran}");
}

const PROGRAM: &str = r#"
app all
queue jobs { retry 1 then parked }
queue parked
function add {
  handler "add.mjs:add"
  on http POST "/add" { auth none }
  on queue jobs
  env { WHERE = queue.jobs.url }
  scale 0..2
}
function broken {
  handler "broken.py:handle"
  on http GET "/broken" { auth none }
  scale 0..1
}
"#;

const ADD: &str = r"
export async function add(event, context) {
  const data = event.request?.data ?? event.records[0].data;
  if (data === 'send') return context.send('jobs', 1);
  return { sum: data.reduce((a, b) => a + b, 0), where: process.env.WHERE, home: process.env.HOME ?? null };
}
";

fn all() -> Running {
    let files = Fnc::new().file("app.fn", PROGRAM).file("add.mjs", ADD);
    let files = files.file(
        "broken.py",
        "import nothing_of_this_name\ndef handle(event, context): pass\n",
    );
    Running::start(files, "")
}

#[test]
fn functions_are_called_sends_denied_and_numbers_shown() {
    let all = all();
    let mut stream = TcpStream::connect(("127.0.0.1", port(&all))).unwrap();
    stream
        .write_all(b"GET /_fnc/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut events = BufReader::new(stream).lines();
    assert!(events.next().unwrap().unwrap().contains("200"));

    let called = all.fnc.run_with(
        &format!("invoke add . --event - --port {}", port(&all)),
        "[1, 2, 39]",
    );
    let answer: serde_json::Value = serde_json::from_str(&called.exits(0).stdout).unwrap();
    assert_eq!(answer["sum"], 42);
    assert_eq!(
        answer["home"],
        serde_json::Value::Null,
        "the environment is clean"
    );
    let url = format!("http://localhost:{}/_fnc/send/jobs", port(&all));
    assert_eq!(answer["where"], url);

    let told = events.find_map(|line| {
        let line = line.unwrap();
        let json = line.strip_prefix("data: ")?;
        serde_json::from_str::<serde_json::Value>(json).ok()
    });
    let told = told.unwrap();
    assert_eq!(told["function"], "add");
    assert_eq!(told["outcome"], "done");
    assert!(told["func_ms"].as_f64().unwrap() > 0.0);

    assert_eq!(all.post("/add", "\"send\"").status, 500);
    all.until("why", |it| it.lines_with(&["add #", "NotAllowed"]) == 1);

    let metrics = all.get("/_fnc/metrics").body;
    let line = "fnc_invocations_total{function=\"add\",trigger=\"invoke\",outcome=\"done\"} 1";
    assert!(metrics.lines().any(|it| it == line), "{metrics}");
    let line = "fnc_instances{function=\"add\",state=\"idle\"} 1";
    assert!(metrics.lines().any(|it| it == line), "{metrics}");
}

#[test]
fn a_handler_that_cannot_be_loaded_is_no_endless_wait() {
    let all = all();
    let reply = all.get("/broken");
    assert_eq!(reply.status, 503, "{reply:?}");
    all.until("why", |it| {
        it.lines_with(&["broken #", "nothing_of_this_name"]) >= 1
    });
    assert_eq!(all.get("/nowhere").status, 404);
    let reply = all.get("/add");
    assert_eq!(reply.status, 405);
    assert!(reply.head.contains("allow: POST"), "{reply:?}");
}

fn port(running: &Running) -> u16 {
    let output = running.output();
    let (_, after) = output.split_once("runs at http://localhost:").unwrap();
    after.split_whitespace().next().unwrap().parse().unwrap()
}
