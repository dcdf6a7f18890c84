//! The app that `fnc run` runs, as other commands reach it: over its control API.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use clap::Args;
use serde_json::Value;

use super::Failure;
use crate::runtime::gateway::MARK;

/// Where the running app is.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// The port that the running app listens on
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    port: u16,
}

/// What the running app answered.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Returns the body as JSON; `Err` holds what the app refuses, in its own words.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        let value = serde_json::from_slice(&self.body);
        let value: Value = value.map_err(|it| Failure::Machine(it.to_string()))?;
        match (self.status, value.get("error").and_then(Value::as_str)) {
            (200, _) => Ok(value),
            (500.., Some(error)) => Err(Failure::Machine(error.to_owned())),
            (_, Some(error)) => Err(Failure::Usage(error.to_owned())),
            (status, None) => Err(Failure::Machine(format!("the app answered {status}"))),
        }
    }
}

impl Running {
    /// Asks the running app; `None` when there is none.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<Option<Reply>, Failure> {
        let port = self.port;
        let mut stream = match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Ok(None),
            Err(error) => return Err(Failure::Machine(format!("port {port}: {error}"))),
        };
        let mut request = format!("{method} /_fnc/{path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n");
        let _ = write!(
            request,
            "connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut response = Vec::new();
        let exchanged = stream
            .write_all(&[request.as_bytes(), body].concat())
            .and_then(|()| stream.read_to_end(&mut response));
        exchanged.map_err(|it| Failure::Machine(format!("port {port}: {it}")))?;
        match reply(&response) {
            Some(reply) => Ok(Some(reply)),
            None => Err(Failure::Machine(format!(
                "what listens on port {port} is not `fnc run`; name its port with `--port`"
            ))),
        }
    }

    /// Asks the running app; that there is none is a failure.
    pub(crate) fn must(&self, method: &str, path: &str, body: &[u8]) -> Result<Reply, Failure> {
        self.ask(method, path, body)?.ok_or_else(|| {
            let port = self.port;
            Failure::Machine(format!(
                "no app runs on port {port}; start it with `fnc run`, or name its port with `--port`"
            ))
        })
    }
}

/// Reads a response; `None` when it isn't one of a control API.
fn reply(response: &[u8]) -> Option<Reply> {
    let end = response.windows(4).position(|it| it == b"\r\n\r\n")?;
    let (head, body) = response.split_at_checked(end + 4)?;
    let head = std::str::from_utf8(head).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let is_own = |line: &str| {
        let name = line.split(':').next();
        name.is_some_and(|it| it.eq_ignore_ascii_case(MARK.as_str()))
    };
    head.lines().find(|line| is_own(line))?;
    Some(Reply {
        status,
        body: body.to_vec(),
    })
}

/// Returns text as a part of a path or query.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
