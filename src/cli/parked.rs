//! `fnc parked`: what waits in parking queues of the running app.

use std::collections::BTreeSet;

use clap::Args;

use super::running::{Running, encoded};
use super::{Failure, Outcome, Terminal};
use crate::runtime::gateway::Parked as Message;

/// List what waits in parking queues of the running app, or send it back
#[derive(Debug, Args)]
pub(crate) struct Parked {
    /// The queue; none: all of them
    queue: Option<String>,

    /// Send the messages back to where they came from
    #[arg(long)]
    redrive: bool,

    #[command(flatten)]
    running: Running,
}

impl Parked {
    /// Prints the messages, or sends them back.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let path = match &self.queue {
            Some(queue) => format!("parked/{}", encoded(queue)),
            None => "parked".to_owned(),
        };
        let listed = self.running.must("GET", &path, b"")?.json()?;
        if terminal.is_json() && !self.redrive {
            Terminal::result(listed);
            return Ok(Outcome::Done);
        }
        let messages: Vec<Message> =
            serde_json::from_value(listed).map_err(|it| Failure::Machine(it.to_string()))?;
        if messages.is_empty() {
            terminal.say("nothing is parked");
        } else if self.redrive {
            self.redrive(terminal, &messages)?;
        } else {
            for message in &messages {
                Terminal::result(line(message));
            }
        }
        Ok(Outcome::Done)
    }

    fn redrive(&self, terminal: &Terminal, messages: &[Message]) -> Result<(), Failure> {
        let queues: BTreeSet<&str> = messages.iter().map(|it| it.queue.as_str()).collect();
        for queue in queues {
            let path = format!("redrive/{}", encoded(queue));
            let done = self.running.must("POST", &path, b"")?.json()?;
            let count = done.get("redriven").and_then(serde_json::Value::as_u64);
            terminal.say(format!("{} sent back from `{queue}`", count.unwrap_or(0)));
        }
        Ok(())
    }
}

/// Returns a message in one line: where it is, since when, its id, where it failed and what it holds.
fn line(message: &Message) -> String {
    let Message {
        queue,
        since,
        id,
        origin,
        ..
    } = message;
    let body = message.body.replace(['\n', '\r', '\t'], " ");
    let mut shown: String = body.chars().take(60).collect();
    if shown.len() < body.len() {
        shown.push('…');
    }
    format!("{queue}  {since}  {id}  from {origin}  {shown}")
}
