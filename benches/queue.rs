//! How fast `fnc run` accepts and delivers messages that it keeps: each is on disk before it is accepted.
//!
//! `cargo bench --bench queue`; needs Linux, Python and Node.js. The sender shares the machine's cores with what it
//! measures.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]
#![allow(
    clippy::disallowed_methods,
    reason = "a benchmark has a clock and files"
)]
#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const MESSAGES: usize = 10_000;
const SENDERS: usize = 32;

const PROGRAM: &str = r#"
app drain
queue jobs { retry 1 then parked }
queue parked
function work {
  handler "HANDLER:handle"
  on queue jobs { batch 10 }
  scale 4..4
}
"#;
const PYTHON: &str = "def handle(event, context):\n    return None\n";
const NODE: &str = "export const handle = () => null;\n";

fn main() {
    // `cargo test --benches` runs this too, without its arguments: there is nothing to test.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    println!("{MESSAGES} messages, batch 10, 4 instances; messages per second");
    println!("{:18} {:>9} {:>9} {:>9}", "", "accepted", "drained", "both");
    for (file, text) in [("work.py", PYTHON), ("work.mjs", NODE)] {
        for option in ["", "--ephemeral"] {
            let folder = tempfile::tempdir().unwrap();
            let program = PROGRAM.replace("HANDLER", file);
            fs::write(folder.path().join("app.fn"), program).unwrap();
            fs::write(folder.path().join(file), text).unwrap();
            let app = App::start(folder.path(), option);
            let (accepted, drained) = app.accept_then_drain();
            let both = app.accept_and_drain();
            println!("{file:9}{option:>12} {accepted:>6.0} {drained:>9.0} {both:>9.0}");
        }
    }
}

/// A running app; killed when dropped.
struct App {
    child: Child,
    port: u16,
}

impl App {
    /// Starts it, and waits until its instances are ready.
    fn start(folder: &Path, option: &str) -> App {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fnc"))
            .args(["run", "--port", "0"])
            .args(option.split_whitespace())
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("localhost:")?;
            port.trim().parse().ok()
        });
        // Someone has to read what it says.
        thread::spawn(move || lines.for_each(drop));
        let port = port.expect("it says where it listens");
        let app = App { child, port };
        while app.state("functions", "work", "ready") < 4 {
            thread::sleep(Duration::from_millis(20));
        }
        app
    }

    /// Fills the queue with messages that stay unseen until all at once they don't.
    fn accept_then_drain(&self) -> (f64, f64) {
        let start = Instant::now();
        let due = start + Duration::from_secs(20);
        self.send(Some(due));
        let accepted = start.elapsed();
        thread::sleep(due - Instant::now());
        self.until_done(MESSAGES);
        let drained = due.elapsed();
        let rate = |it: Duration| MESSAGES as f64 / it.as_secs_f64();
        (rate(accepted), rate(drained))
    }

    /// Sends messages while others are handled.
    fn accept_and_drain(&self) -> f64 {
        let start = Instant::now();
        self.send(None);
        self.until_done(2 * MESSAGES);
        MESSAGES as f64 / start.elapsed().as_secs_f64()
    }

    fn send(&self, due: Option<Instant>) {
        let senders = (0..SENDERS).map(|sender| {
            let port = self.port;
            let share = MESSAGES / SENDERS + usize::from(sender < MESSAGES % SENDERS);
            thread::spawn(move || {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
                stream.set_nodelay(true).unwrap();
                for number in 0..share {
                    let delay = due.map_or(0, |it| (it - Instant::now()).as_millis());
                    let body = format!("{{\"sender\":{sender},\"number\":{number}}}");
                    let query = format!("/_fnc/send/jobs?delay_ms={delay}");
                    let answer = ask(&mut stream, "POST", &query, &body);
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                }
            })
        });
        let senders: Vec<_> = senders.collect();
        for sender in senders {
            sender.join().unwrap();
        }
    }

    fn until_done(&self, count: usize) {
        while self.state("sources", "jobs", "done") < count as u64 {
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn state(&self, list: &str, name: &str, member: &str) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let answer = ask(&mut stream, "GET", "/_fnc/state", "");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let state: serde_json::Value = serde_json::from_str(body).unwrap();
        let all = state[list].as_array().unwrap().iter();
        let mut named = all.filter(|it| it["name"] == name || it["source"] == name);
        named.next().unwrap()[member].as_u64().unwrap()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request and returns the answer, whose body is as long as its header says.
fn ask(stream: &mut TcpStream, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let mut buffer = [0; 8192];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "it has hung up");
        answer.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|it| it.strip_prefix("content-length: "));
        if body.len() >= length.unwrap().parse().unwrap() {
            return answer;
        }
    }
}
