//! Clients that mean no good, or are simply too many: others are served, and memory stays bounded.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::running::Running;
use crate::harness::Fnc;

const PROGRAM: &str = r#"
app open
function hello { handler "main.py:handle"; on http ANY "/hello" { auth none } }
"#;
const HANDLER: &str =
    "def handle(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n";
/// More memory than `fnc run` needs for whatever its clients do, in KiB.
const MOST_MEMORY: u64 = 200 << 10;

fn hello() -> Running {
    let fnc = Fnc::new().file("app.fn", PROGRAM).file("main.py", HANDLER);
    let app = Running::start(fnc, "");
    assert_eq!(app.get("/hello").body, "hello");
    app
}

/// Returns how much memory it holds, in KiB.
#[expect(clippy::disallowed_methods, reason = "the system tells it in a file")]
fn memory(app: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", app.pid())).unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Opens connections that begin so and say no more; some may be closed again by the other side.
fn crowd(app: &Running, count: usize, beginning: &str) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = app.connect();
        let _ = stream.write_all(beginning.as_bytes());
        stream
    };
    (0..count).map(open).collect()
}

/// Returns how many connections this process may open: ten thousand, where the system lets it.
fn many() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let _ = setrlimit(Resource::Nofile, most);
    let files = limit
        .maximum
        .map_or(usize::MAX, |it| usize::try_from(it).unwrap());
    // Other tests run beside these.
    files.saturating_sub(5_000).clamp(200, 10_000)
}

#[test]
fn ten_thousand_connections_keep_nobody_out() {
    let app = hello();
    let crowd = crowd(&app, many(), "");
    assert_eq!(app.get("/hello").body, "hello");
    assert!(memory(&app) < MOST_MEMORY, "{} KiB", memory(&app));
    drop(crowd);
}

#[test]
fn requests_that_never_end_keep_nobody_out() {
    let app = hello();
    let head = "POST /hello HTTP/1.1\r\nhost: localhost\r\n";
    let half = many().min(3_000) / 2;
    let heads = crowd(&app, half, head);
    assert_eq!(app.get("/hello").body, "hello");
    let body = format!("{head}content-length: 1000\r\n\r\n{{");
    let bodies = crowd(&app, half, &body);
    assert_eq!(app.get("/hello").body, "hello");
    assert!(memory(&app) < MOST_MEMORY, "{} KiB", memory(&app));
    drop((heads, bodies));
}

#[test]
fn a_body_of_a_hundred_megabytes_is_refused() {
    let app = hello();
    let mut stream = app.connect();
    let size = 100 << 20;
    let head = format!("POST /hello HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        // It reads on for a while, so that the answer is seen, and no further.
        if stream.write_all(&piece).is_err() {
            break;
        }
    }
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    assert!(read.is_err() || &answer == b"HTTP/1.1 413", "{answer:?}");
    assert_eq!(app.get("/hello").body, "hello");
    assert!(memory(&app) < MOST_MEMORY, "{} KiB", memory(&app));
}

#[test]
fn a_thousand_functions_start_no_process_until_one_is_needed() {
    let function = |n: u32| {
        format!(
            "function f{n} {{ handler \"main.py:handle\"; on http GET \"/f{n}\" {{ auth none }} }}\n"
        )
    };
    let functions: String = (0..1_000).map(function).collect();
    let program = format!("app many\n{functions}");
    let fnc = Fnc::new().file("app.fn", &program).file("main.py", HANDLER);
    let app = Running::start(fnc, "");
    assert_eq!(app.instances(), 0, "nobody has asked for anything");
    assert_eq!(app.get("/f777").body, "hello");
    assert_eq!(app.instances(), 1, "one has been asked for");
}
