//! An app that `fnc run` runs, as a test sees it: requests go in, log lines and state come out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Fnc, Ran};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running app; it is killed when dropped.
pub(crate) struct Running {
    pub(crate) fnc: Arc<Fnc>,
    child: Child,
    port: u16,
    output: Arc<Mutex<String>>,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

impl Running {
    /// Starts `fnc run` in a folder with these arguments, on a free port, and waits until it listens.
    pub(crate) fn start(fnc: impl Into<Arc<Fnc>>, arguments: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fnc"));
        command.args(["run", "--port", "0"]);
        command.args(arguments.split_whitespace());
        Running::by(command, fnc)
    }

    /// Starts it by this command.
    pub(crate) fn by(mut command: Command, fnc: impl Into<Arc<Fnc>>) -> Running {
        let fnc = fnc.into();
        let mut child = command
            .current_dir(fnc.path("."))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), &output);
        listen(child.stderr.take().unwrap(), &output);
        let mut running = Running {
            fnc,
            child,
            port: 0,
            output,
        };
        let port = running.wait("the port", |it| {
            let output = it.output();
            let (_, after) = output.split_once("runs at http://localhost:")?;
            after.split_whitespace().next()?.parse().ok()
        });
        running.port = port;
        running
    }

    /// Returns everything it has printed.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Returns how many lines hold all of these words.
    pub(crate) fn lines_with(&self, words: &[&str]) -> usize {
        let output = self.output();
        let lines = output.lines();
        lines
            .filter(|line| words.iter().all(|it| line.contains(it)))
            .count()
    }

    /// Waits until `ready` gives something.
    pub(crate) fn wait<T>(&self, what: &str, ready: impl Fn(&Running) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(it) = ready(self) {
                return it;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{what} never came:\n{}",
                self.output()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until something holds.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&Running) -> bool) {
        self.wait(what, |it| holds(it).then_some(()));
    }

    /// Sends a request and returns the whole answer.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Reply {
        self.ask(method, path, "content-type: application/json\r\n", body)
    }

    /// Sends a request with these header lines.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let mut stream = self.connect();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             {headers}content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Sends a request, waits until it has come in, and breaks the connection off.
    pub(crate) fn hang_up(&self, path: &str) {
        let mut stream = self.connect();
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        self.until("it waits", |it| it.state("sources", "http", "waiting") == 1);
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request("GET", path, "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.request("POST", path, body)
    }

    /// Sends a message through the control API.
    pub(crate) fn send(&self, resource: &str, body: &str) {
        let reply = self.post(&format!("/_fnc/send/{resource}"), body);
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    /// Returns a number from the state: of the source with this trigger, or of the function with this name.
    pub(crate) fn state(&self, list: &str, name: &str, member: &str) -> u64 {
        let state = self.get("/_fnc/state").json();
        let key = if list == "functions" {
            "name"
        } else {
            "trigger"
        };
        let all = state[list].as_array().unwrap();
        let found = all.iter().find(|it| it[key] == name);
        let found = found.unwrap_or_else(|| panic!("no {name} in {state}"));
        found[member]
            .as_u64()
            .unwrap_or_else(|| panic!("no {member} in {found}"))
    }

    /// Returns the numbers of the processes of a function.
    pub(crate) fn pids(&self, function: &str) -> Vec<u64> {
        let state = self.get("/_fnc/state").json();
        let all = state["functions"].as_array().unwrap();
        let found = all.iter().find(|it| it["name"] == function).unwrap();
        let instances = found["instances"].as_array().unwrap();
        instances
            .iter()
            .filter_map(|it| it["pid"].as_u64())
            .collect()
    }

    /// Returns how many processes all functions have.
    pub(crate) fn instances(&self) -> usize {
        let state = self.get("/_fnc/state").json();
        let all = state["functions"].as_array().unwrap().iter();
        all.map(|it| it["instances"].as_array().unwrap().len())
            .sum()
    }

    /// Returns the number of its own process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Opens a connection.
    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Runs another command against this app.
    pub(crate) fn fnc(&self, arguments: &str) -> Ran {
        self.fnc.run(&format!("{arguments} --port {}", self.port))
    }

    /// Returns the port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Kills it at once, and starts it again in the same folder.
    #[cfg(unix)]
    pub(crate) fn killed_and_started(mut self, arguments: &str) -> Running {
        self.signal(rustix::process::Signal::KILL);
        Running::start(Arc::clone(&self.fnc), arguments)
    }

    /// Waits for it to end by itself.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Sends a signal, and waits for the end.
    #[cfg(unix)]
    pub(crate) fn signal(&mut self, signal: rustix::process::Signal) -> ExitStatus {
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps what a stream says.
fn listen(stream: impl Read + Send + 'static, output: &Arc<Mutex<String>>) {
    let output = Arc::clone(output);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            let mut output = output.lock().unwrap();
            output.push_str(&line);
            output.push('\n');
        }
    });
}
