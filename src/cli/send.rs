//! `fnc send`: an event to a queue, topic, bus or stream, a row to a table, or an object to a bucket, of the running app.

use std::io::{self, Read};

use clap::Args;

use super::running::{Running, encoded};
use super::{Failure, Outcome, Terminal};
use crate::model::duration_value;

/// Send an event to a queue, topic, bus or stream, a row to a table, or an object to a bucket, of the running app
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The queue, topic, bus, stream, table or bucket
    resource: String,

    /// The event; `-` reads standard input
    #[arg(default_value = "{}")]
    data: String,

    /// Give it an attribute; may be repeated
    #[arg(long = "attr", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,

    /// Hide it for so long, such as 5s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    delay: Option<u128>,

    /// Its group, on a fifo queue or topic
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,

    /// Its key, on a stream or in a bucket
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// Its type, on a bus
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,

    /// What it is about, on a bus
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,

    #[command(flatten)]
    running: Running,
}

fn attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as NAME=VALUE".to_owned()),
    }
}

fn duration(text: &str) -> Result<u128, String> {
    let read = duration_value(text).map(|it| it.as_millis());
    read.ok_or_else(|| "write it as a number and a unit: 500ms, 5s, 2m".to_owned())
}

impl Send {
    /// Sends it and prints its id.
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let mut data = self.data.clone().into_bytes();
        if self.data == "-" {
            data.clear();
            let read = io::stdin().read_to_end(&mut data);
            read.map_err(|it| Failure::Machine(format!("standard input: {it}")))?;
        }
        let mut options = Vec::new();
        for (name, value) in &self.attributes {
            options.push(format!("attr.{}={}", encoded(name), encoded(value)));
        }
        options.extend(self.delay.map(|it| format!("delay_ms={it}")));
        let texts = [
            ("group", &self.group),
            ("key", &self.key),
            ("type", &self.kind),
            ("subject", &self.subject),
        ];
        for (name, value) in texts {
            options.extend(value.iter().map(|it| format!("{name}={}", encoded(it))));
        }
        let path = format!("send/{}?{}", encoded(&self.resource), options.join("&"));
        let sent = self.running.must("POST", &path, &data)?.json()?;
        Terminal::result(sent.get("id").and_then(|it| it.as_str()).unwrap_or(""));
        Ok(Outcome::Done)
    }
}
