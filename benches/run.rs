//! How much an http request costs in `fnc run`: requests per second, waiting time, and processor time over the
//! whole process tree, beside a bare Node.js server and functions-framework on the same machine.
//!
//! `benches/peers/setup.sh`, then `cargo bench --bench run`; needs Linux, Python and Node.js. Take the ratios: the load generator shares the
//! machine's cores with what it measures.

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
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const WARM_UP: Duration = Duration::from_secs(1);
const TIME: Duration = Duration::from_secs(5);

const PROGRAM: &str = r#"
app hello
function python {
  handler "hello.py:handle"
  on http GET "/python" { auth none }
  scale 1..1
}
function node {
  handler "hello.mjs:handle"
  on http GET "/node" { auth none }
  scale 1..1
}
"#;
const PYTHON: &str = "def handle(event, context):\n    return {'message': 'hello'}\n";
const NODE: &str = "export const handle = () => ({ message: 'hello' });\n";
const BARE: &str = "require('http').createServer((_, reply) => { \
    reply.setHeader('content-type', 'application/json'); reply.end('{\"message\":\"hello\"}'); \
    }).listen(0, '127.0.0.1', function () { console.log('at localhost:' + this.address().port); });";

/// Where `benches/peers/setup.sh` puts functions-framework.
const PEER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/.conformance/peers/node_modules/@google-cloud/functions-framework/build/src/main.js"
);
const PEERS: &str = "exports.handle = (_, reply) => reply.json({ message: 'hello' });\n";

fn main() {
    // `cargo test --benches` runs this too, without its arguments: there is nothing to test.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    assert!(
        Path::new(PEER).exists(),
        "functions-framework is missing: run benches/peers/setup.sh"
    );
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("index.js", PEERS),
        ("app.fn", PROGRAM),
        ("hello.py", PYTHON),
        ("hello.mjs", NODE),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    println!(
        "{:14} {:>5} {:>8} {:>8} {:>8} {:>8}  per process",
        "", "conn", "rps", "p50 ms", "p99 ms", "CPU µs"
    );
    let mut node = Command::new("node");
    let bare = Server::start(node.args(["-e", BARE]));
    for connections in [1, 32] {
        bare.measure("bare node", "/", connections);
    }
    drop(bare);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut node = Command::new("node");
    node.args([PEER, "--target=handle", &format!("--port={port}")]);
    let peer = Server::start(node.current_dir(folder.path()));
    for connections in [1, 32] {
        peer.measure("framework", "/", connections);
    }
    drop(peer);
    let mut fnc = Command::new(env!("CARGO_BIN_EXE_fnc"));
    let fnc = fnc.args(["run", "--port", "0"]).current_dir(folder.path());
    let fnc = Server::start(fnc);
    for name in ["python", "node"] {
        for connections in [1, 32] {
            fnc.measure(&format!("fnc, {name}"), &format!("/{name}"), connections);
        }
    }
    println!("fnc itself held {} MB at most", fnc.memory() >> 10);
}

/// A server in a process of its own; killed when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts it, and waits until it says where it listens: `localhost:PORT`.
    fn start(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("localhost:")?;
            port.trim().trim_end_matches('/').parse().ok()
        });
        // Someone has to read what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Server {
            port: port.expect("the server says where it listens"),
            child,
        }
    }

    fn measure(&self, name: &str, path: &str, connections: usize) {
        self.load(path, connections, WARM_UP);
        let before = self.cpu();
        let mut times = self.load(path, connections, TIME);
        let after = self.cpu();
        times.sort();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        let count = times.len() as f64;
        // The kernel counts in hundredths of a second.
        let spent = |it: &(u32, String, u64)| {
            let started = before.iter().find(|(pid, ..)| *pid == it.0);
            (it.2 - started.map_or(0, |it| it.2)) as f64 * 1e4 / count
        };
        let each = after.iter().filter(|it| spent(it) >= 1.0);
        let each: Vec<String> = each
            .map(|it| format!("{} {:.0}", it.1, spent(it)))
            .collect();
        println!(
            "{name:14} {connections:>5} {:>8.0} {:>8.2} {:>8.2} {:>8.0}  {}",
            count / TIME.as_secs_f64(),
            at(50),
            at(99),
            after.iter().map(spent).sum::<f64>(),
            each.join(", "),
        );
    }

    /// Sends requests over so many connections, one after the other on each; returns how long each took.
    fn load(&self, path: &str, connections: usize, time: Duration) -> Vec<Duration> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let end = Instant::now() + time;
        let clients: Vec<_> = (0..connections)
            .map(|_| runtime.spawn(client(self.port, path.to_owned(), end)))
            .collect();
        let results = clients.into_iter().map(|it| runtime.block_on(it).unwrap());
        results.flatten().collect()
    }

    /// Returns the processor time of it and its children, in hundredths of a second, with number and name.
    fn cpu(&self) -> Vec<(u32, String, u64)> {
        let mut tree = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
                continue;
            };
            let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
                continue;
            };
            let (name, rest) = stat.rsplit_once(')').unwrap();
            let fields: Vec<&str> = rest.split_whitespace().collect();
            let parent: u32 = fields[1].parse().unwrap();
            if pid == self.child.id() || parent == self.child.id() {
                let time = |at: usize| fields[at].parse::<u64>().unwrap();
                let name = name.split_once('(').unwrap().1.to_owned();
                tree.push((pid, name, time(11) + time(12)));
            }
        }
        tree
    }

    /// Returns how many kilobytes it held at most.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        line.unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn client(port: u16, path: String, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
    let mut times = Vec::new();
    let mut buffer = vec![0; 4096];
    while Instant::now() < end {
        let start = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut filled = 0;
        loop {
            let read = stream.read(&mut buffer[filled..]).await.unwrap();
            assert!(read > 0, "the server has hung up");
            filled += read;
            let text = &buffer[..filled];
            if text.windows(5).any(|it| it == b"hello") && text.ends_with(b"}")
                || text.ends_with(b"0\r\n\r\n")
            {
                assert!(
                    text.starts_with(b"HTTP/1.1 200"),
                    "{}",
                    String::from_utf8_lossy(text)
                );
                break;
            }
        }
        times.push(start.elapsed());
    }
    times
}
