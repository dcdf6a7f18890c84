//! Real Python and Node processes.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "any other signal fails the test"
)]

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::asked::Asked;
use super::super::host::{
    Answer, Call, Doing, Host, Message, Receipt, Refused, Signal, Spec, Stream, done,
};
use crate::runtime::store::Saved;

const PYTHON: &str = r#"
import asyncio, os, sys, time
def handle(event, context):
    what = event["records"][0]["data"]
    if what == "raise": raise ValueError("no such order")
    if what == "exit": os._exit(3)
    if what == "quit": sys.exit("quits")
    if what == "hang": time.sleep(60)
    if what == "memory": event["hold"] = b"x" * (300 << 20); time.sleep(60)
    if what == "nan": return float("nan")
    if what == "bytes": return {"statusCode": 200, "body": b"\xff"}
    if what == "env": return {"cwd": os.getcwd(), "env": dict(os.environ)}
    if what == "log":
        print("a line")
        print("trouble", file=sys.stderr)
    if what == "send": context.send("orders", {"n": 1}, delay="5s", attributes={"kind": "é"})
    if what == "bytes out": context.send("orders", b"\xff\x00", group="g")
    if what == "publish": context.publish("placed", "text", type="t")
    if what == "forbidden": context.send("secret_queue", 1)
    if what == "refused": context.send("full", 1)
    if isinstance(what, dict): time.sleep(what["sleep"])
    return {"got": what, "id": context.request_id, "left": context.remaining_ms() > 1000}
async def later(event, context):
    await asyncio.sleep(event["records"][0]["data"]["sleep"])
    return event["records"][0]["id"]
"#;

const NODE: &str = r"
export async function handle(event, context) {
  const what = event.records[0].data;
  if (what === 'raise') throw new RangeError('no such order');
  if (what === 'exit') process.exit(3);
  if (what === 'hang') for (;;);
  if (what === 'memory') { event.hold = Buffer.alloc(300 << 20, 1); await new Promise((done) => setTimeout(done, 60000)); }
  if (what === 'nothing') return undefined;
  if (what === 'bytes') return { statusCode: 200, body: Buffer.from([255]) };
  if (what === 'env') return { cwd: process.cwd(), env: process.env };
  if (what === 'log') { console.log('a line'); console.error('trouble'); }
  if (what === 'send') await context.send('orders', { n: 1 }, { delay: '5s', attributes: { kind: 'é' } });
  if (what === 'bytes out') await context.send('orders', new Uint8Array([255, 0]), { group: 'g' });
  if (what === 'publish') await context.publish('placed', 'text', { type: 't' });
  if (what === 'forbidden') await context.send('secret_queue', 1);
  if (what === 'refused') await context.send('full', 1);
  if (typeof what === 'object') await new Promise((done) => setTimeout(done, what.sleep * 1000));
  return { got: what, id: context.request_id, left: context.remaining_ms() > 1000 };
}
";

struct Ear {
    heard: mpsc::UnboundedSender<Signal>,
    sent: Mutex<Vec<(String, Message)>>,
}

impl Ear {
    fn take(&self, resource: &str, message: Message) -> Result<Receipt, Refused> {
        if resource == "full" {
            return Err(Refused::Invalid("`full` is full".to_owned()));
        }
        self.sent
            .lock()
            .unwrap()
            .push((resource.to_owned(), message));
        Ok(Receipt::new("m-1".to_owned(), Saved::at_once()))
    }
}

impl Host for Ear {
    fn signal(&self, instance: u64, signal: Signal) {
        assert_eq!(instance, 7);
        let _ = self.heard.send(signal);
    }

    fn send(&self, _: &str, queue: &str, message: Message) -> Result<Receipt, Refused> {
        self.take(queue, message)
    }

    fn publish(&self, _: &str, topic: &str, message: Message) -> Result<Receipt, Refused> {
        self.take(topic, message)
    }

    fn ask(&self, _: &str, resource: &str, asked: Asked) -> Doing {
        done(match asked {
            Asked::Invoke(data) => Ok(format!("{{\"{resource}\":{data}}}").into()),
            Asked::GetRow(row) => Ok(serde_json::Value::Object(row).to_string().into()),
            other => Err(Refused::CallFailed(format!("{other:?}"))),
        })
    }
}

struct Running {
    instance: super::Instance,
    signals: mpsc::UnboundedReceiver<Signal>,
    ear: Arc<Ear>,
    folder: tempfile::TempDir,
    calls: u64,
}

impl Running {
    /// Starts a handler file; its language is that of the file's name.
    #[expect(clippy::disallowed_methods, reason = "the handler is a file")]
    fn start(handler: &str, text: &str, concurrency: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = handler.split_once(':').unwrap();
        fs::create_dir_all(folder.path().join("src")).unwrap();
        fs::write(folder.path().join(file), text).unwrap();
        fs::write(folder.path().join("src/sibling.py"), "WORD = 'sibling'\n").unwrap();
        let is_python = handler.contains(".py:");
        let (heard, signals) = mpsc::unbounded_channel();
        let ear = Arc::new(Ear {
            heard,
            sent: Mutex::default(),
        });
        let can = json!({ "send": ["orders", "full"], "publish": ["placed"] });
        let spec = Spec {
            instance: 7,
            function: "bill".to_owned(),
            runtime: if is_python { "python3.13" } else { "node22" }.to_owned(),
            folder: folder.path().to_owned(),
            config: json!({ "app": "shop", "function": "bill", "handler": handler, "can": can }),
            concurrency,
            memory: 128 << 20,
            env: vec![("STAGE".to_owned(), "dev".to_owned())],
        };
        let instance = super::start(spec, ear.clone());
        Running {
            instance,
            signals,
            ear,
            folder,
            calls: 0,
        }
    }

    fn call(&mut self, data: &Value) {
        self.calls += 1;
        let id = format!("r-{}", self.calls);
        let record = json!({ "id": id, "data": data });
        self.instance.call(Call {
            invocation: self.calls,
            request_id: id,
            deadline_ms: 4_000_000_000_000,
            event: Bytes::from(json!({ "records": [record] }).to_string()),
        });
    }

    /// Waits for the next signal that isn't output.
    async fn next(&mut self) -> Signal {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.signals.recv());
            match next.await.expect("a signal within 20 s").expect("a host") {
                Signal::Output { .. } => {}
                signal => return signal,
            }
        }
    }

    async fn ready(mut self) -> Self {
        let signal = self.next().await;
        assert!(
            matches!(signal, Signal::Ready { pid } if pid > 1),
            "{signal:?}"
        );
        self
    }

    async fn ask(&mut self, data: &str) -> Answer {
        self.call(&json!(data));
        match self.next().await {
            Signal::Answered { invocation, answer } => {
                assert_eq!(invocation, self.calls);
                answer
            }
            other => panic!("{other:?}"),
        }
    }

    async fn returned(&mut self, data: &str) -> Value {
        match self.ask(data).await {
            Answer::Returned(text) => serde_json::from_slice(&text).unwrap(),
            raised @ Answer::Raised { .. } => panic!("{raised:?}"),
        }
    }

    async fn raised(&mut self, data: &str) -> (String, String, String) {
        match self.ask(data).await {
            Answer::Raised {
                kind,
                message,
                trace,
            } => (kind, message, trace.join("\n")),
            returned @ Answer::Returned(_) => panic!("{returned:?}"),
        }
    }

    async fn exited(&mut self) -> String {
        match self.next().await {
            Signal::Exited { how } => how,
            other => panic!("{other:?}"),
        }
    }
}

fn both() -> [(&'static str, &'static str); 2] {
    [
        ("src/bill.py:handle", PYTHON),
        ("src/bill.mjs:handle", NODE),
    ]
}

#[tokio::test]
async fn answers_and_goes_on_after_an_exception() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        let expected = json!({ "got": "hello", "id": "r-1", "left": true });
        assert_eq!(it.returned("hello").await, expected);
        let (kind, message, trace) = it.raised("raise").await;
        assert!(["ValueError", "RangeError"].contains(&&*kind), "{kind}");
        assert_eq!(message, "no such order");
        assert!(
            trace.contains("src/bill.") && !trace.contains("bootstrap"),
            "{trace}"
        );
        let (body, base64) = ("body", "base64");
        let bytes = it.returned("bytes").await;
        assert_eq!(
            (&bytes[body], &bytes[base64]),
            (&json!("/w=="), &json!(true))
        );
        assert_eq!(it.returned("again").await["id"], "r-4");
    }
}

#[tokio::test]
async fn what_only_one_language_can_do_wrong() {
    let mut python = Running::start("src/bill.py:handle", PYTHON, 1)
        .ready()
        .await;
    assert_eq!(python.raised("nan").await.0, "ValueError");
    assert_eq!(python.raised("quit").await.0, "SystemExit");
    let mut node = Running::start("src/bill.mjs:handle", NODE, 1).ready().await;
    assert_eq!(node.returned("nothing").await, Value::Null);
}

#[tokio::test]
async fn a_crash_is_told_with_its_exit_code() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        it.call(&json!("exit"));
        assert_eq!(it.exited().await, "exit code 3", "{handler}");
    }
}

#[tokio::test]
async fn a_handler_that_hangs_is_killed() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        it.call(&json!("hang"));
        tokio::time::sleep(Duration::from_millis(200)).await;
        it.instance.kill();
        assert_eq!(it.exited().await, "signal 9", "{handler}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_handler_that_holds_too_much_memory_is_killed() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        it.call(&json!("memory"));
        let how = it.exited().await;
        assert!(
            how.starts_with("memory ") && how.ends_with(" MB of 128 MB"),
            "{how}"
        );
    }
}

#[tokio::test]
async fn an_idle_instance_stops_when_asked_and_dies_when_dropped() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        it.instance.stop();
        assert_eq!(it.exited().await, "signal 15", "{handler}");
        let Running {
            instance,
            mut signals,
            ..
        } = Running::start(handler, text, 1).ready().await;
        drop(instance);
        let last = signals.recv().await;
        assert_eq!(
            last,
            Some(Signal::Exited {
                how: "signal 9".to_owned()
            }),
            "{handler}"
        );
    }
}

#[tokio::test]
async fn a_handler_that_cannot_be_loaded_says_why() {
    for (handler, text, why) in [
        (
            "src/bill.py:handle",
            "import no_such_module\n",
            "ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            "src/bill.py:handle",
            "def handle(:\n",
            "SyntaxError: invalid syntax",
        ),
        (
            "src/bill.py:handle",
            "x = 1\n",
            "ImportError: src/bill.py has no function `handle`",
        ),
        (
            "src/bill.mjs:handle",
            "import './no.mjs';\n",
            "Error: Cannot find module",
        ),
        (
            "src/bill.mjs:handle",
            "export const x = 1;\n",
            "Error: src/bill.mjs has no function `handle`",
        ),
    ] {
        let mut it = Running::start(handler, text, 2);
        let signal = it.next().await;
        assert!(
            matches!(&signal, Signal::InitFailed { message, .. } if message.starts_with(why)),
            "{signal:?}"
        );
        assert_eq!(it.exited().await, "exit code 1");
    }
}

#[tokio::test]
async fn a_handler_finds_its_neighbours_but_not_the_bootstrap() {
    let text = "import sibling\ntry:\n  import portable\nexcept ImportError:\n  portable = None\n\
                def handle(event, context): return [sibling.WORD, portable is None]\n";
    let mut it = Running::start("src/bill.py:handle", text, 1).ready().await;
    assert_eq!(it.returned("").await, json!(["sibling", true]));
    let common = "exports.handle = (event) => 'from ' + require('path').basename(__filename);\n";
    let mut it = Running::start("src/bill.cjs:handle", common, 1)
        .ready()
        .await;
    assert_eq!(it.returned("").await, json!("from bill.cjs"));
}

#[tokio::test]
async fn ten_calls_run_at_once_in_one_process() {
    let mut handlers = both().to_vec();
    handlers.push(("src/bill.py:later", PYTHON));
    for (handler, text) in handlers {
        let mut it = Running::start(handler, text, 10).ready().await;
        let begin = Instant::now();
        for _ in 0..20 {
            it.call(&json!({ "sleep": 0.3 }));
        }
        let mut done = Vec::new();
        for _ in 0..20 {
            match it.next().await {
                Signal::Answered {
                    invocation,
                    answer: Answer::Returned(_),
                } => done.push(invocation),
                other => panic!("{other:?}"),
            }
        }
        done.sort_unstable();
        assert_eq!(done, (1..=20).collect::<Vec<u64>>());
        let took = begin.elapsed();
        assert!(
            took >= Duration::from_millis(600),
            "{handler} took {took:?}"
        );
        assert!(
            took < Duration::from_millis(2500),
            "{handler} took {took:?}"
        );
    }
}

#[tokio::test]
async fn the_environment_is_clean() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        let told = it.returned("env").await;
        let folder = it.folder.path().canonicalize().unwrap();
        assert_eq!(told["cwd"], json!(folder.to_str().unwrap()));
        assert_eq!(told["env"]["STAGE"], "dev");
        let names: Vec<&str> = told["env"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        for name in names {
            let known = [
                "PATH",
                "LANG",
                "TZ",
                "PYTHON",
                "AWS_LAMBDA_",
                "FNC_",
                "LAMBDA_TASK_ROOT",
                "_HANDLER",
                "STAGE",
                "LC_CTYPE",
            ];
            assert!(known.iter().any(|it| name.starts_with(it)), "{name}");
        }
    }
}

#[tokio::test]
async fn output_is_told_line_by_line() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        it.call(&json!("log"));
        let mut heard = Vec::new();
        while heard.len() < 2 {
            let next = tokio::time::timeout(Duration::from_secs(20), it.signals.recv());
            match next.await.unwrap().unwrap() {
                Signal::Output { stream, line } => heard.push((stream == Stream::Out, line)),
                other => assert!(matches!(other, Signal::Answered { .. }), "{other:?}"),
            }
        }
        heard.sort();
        let expected = [(false, "trouble".to_owned()), (true, "a line".to_owned())];
        assert_eq!(heard, expected, "{handler}");
    }
}

#[tokio::test]
async fn a_handler_sends_what_it_may_and_nothing_else() {
    for (handler, text) in both() {
        let mut it = Running::start(handler, text, 1).ready().await;
        for what in ["send", "bytes out", "publish"] {
            it.returned(what).await;
        }
        let attributes = vec![("kind".to_owned(), "é".to_owned())];
        let message = |body: &'static [u8]| Message {
            body: body.into(),
            ..Message::default()
        };
        let sent = [
            (
                "orders",
                Message {
                    attributes,
                    delay_ms: Some(5000),
                    ..message(b"{\"n\":1}")
                },
            ),
            (
                "orders",
                Message {
                    binary: true,
                    group: Some("g".to_owned()),
                    ..message(b"\xff\x00")
                },
            ),
            (
                "placed",
                Message {
                    kind: Some("t".to_owned()),
                    ..message(b"text")
                },
            ),
        ];
        let sent = sent.map(|(resource, message)| (resource.to_owned(), message));
        assert_eq!(*it.ear.sent.lock().unwrap(), sent, "{handler}");
        let (kind, message, _) = it.raised("forbidden").await;
        assert_eq!(kind, "NotAllowed");
        assert!(message.contains("`can send secret_queue`"), "{message}");
        let (kind, message, _) = it.raised("refused").await;
        assert_eq!((&*kind, &*message), ("SendFailed", "`full` is full"));
    }
}
