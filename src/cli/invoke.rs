//! `fnc invoke`: one function once, in the running app or alone.

use std::io::{self, Read, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;

use super::running::{Reply, Running, encoded};
use super::secrets::{SecretArgs, missing};
use super::{Failure, Outcome, Program, ProgramArgs, Terminal};
use crate::diagnostic::{closest, has_errors};
use crate::event::aws::{Facts, from_aws};
use crate::event::{Event, Time, Trigger};
use crate::model::{App, Function, TriggerKind};
use crate::runtime::alone::{Told, call_alone};
use crate::runtime::host::{Answer, Call, Spec, Stream};
use crate::runtime::spec::{Place, config, environment};

/// Call one function once, in the running app or else alone, and print its answer
#[derive(Debug, Args)]
pub(crate) struct Invoke {
    /// The function
    function: String,

    #[command(flatten)]
    program: ProgramArgs,

    /// A portable event, a recorded AWS event, or any JSON; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,

    #[command(flatten)]
    secrets: SecretArgs,

    #[command(flatten)]
    running: Running,
}

impl Invoke {
    /// Calls the function and prints what it returns.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let program = Program::load(&self.program)?;
        let checked = program.check(program.chosen_stage(&self.program));
        let Some(app) = checked.app.filter(|_| !has_errors(&checked.diagnostics)) else {
            terminal.findings(&checked.diagnostics, &program.sources);
            return Ok(Outcome::Faulty);
        };
        let function = self.find(&app)?;
        let now = now();
        let request_id = format!("invoke-{}", now.0);
        let event = self.event(function, &request_id, now)?.to_json();
        let path = format!("invoke/{}", encoded(&self.function));
        if let Some(reply) = self.running.ask("POST", &path, event.as_bytes())? {
            return told(&reply);
        }
        terminal.remark(format!(
            "no app is running: `{}` runs alone, and what it sends goes nowhere",
            self.function
        ));
        let secrets = self.secrets.values(&program.folder)?;
        let place = Place {
            url: "http://localhost:3000",
            secrets: &secrets,
        };
        let spec = Spec {
            instance: 1,
            function: self.function.clone(),
            runtime: function.runtime.value.word().to_owned(),
            folder: program.folder.clone(),
            config: config(&app, function),
            concurrency: 1,
            memory: function.memory.value.0,
            env: environment(function, place).map_err(|name| missing(&name))?,
        };
        let limit = function.timeout.value;
        let millis = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        let call = Call {
            invocation: 1,
            request_id,
            deadline_ms: u64::try_from(now.0)
                .unwrap_or(0)
                .saturating_add(millis(limit)),
            event: event.into(),
        };
        alone(spec, call, limit)
    }

    fn find<'a>(&self, app: &'a App) -> Result<&'a Function, Failure> {
        app.functions.get(&self.function).ok_or_else(|| {
            let name = &self.function;
            let names = app.functions.keys().map(String::as_str);
            Failure::Usage(match closest(name, names) {
                Some(near) => format!("there is no function `{name}`; did you mean `{near}`?"),
                None => format!("there is no function `{name}`"),
            })
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the event is read from disk")]
    fn event(&self, function: &Function, request_id: &str, now: Time) -> Result<Event, Failure> {
        let text = match &self.event {
            None => "{}".to_owned(),
            Some(path) if path.as_os_str() == "-" => {
                let mut text = String::new();
                let read = io::stdin().read_to_string(&mut text);
                read.map_err(|it| Failure::Machine(format!("standard input: {it}")))?;
                text
            }
            Some(path) => std::fs::read_to_string(path).map_err(Failure::file("read", path))?,
        };
        let sources: Vec<(Trigger, &str)> = function.triggers.iter().filter_map(source).collect();
        let name = function.name.as_str();
        let facts = Facts {
            function: name,
            sources: &sources,
            request_id,
            now,
        };
        let event = from_aws(&facts, &text)
            .map_err(|it| Failure::Usage(format!("the event can't be read: {it}")))?;
        if event.function != name {
            let other = &event.function;
            let message = format!("the event is one of `{other}`, not of `{name}`");
            return Err(Failure::Usage(message));
        }
        Ok(event)
    }
}

fn source(trigger: &crate::model::Trigger) -> Option<(Trigger, &str)> {
    match &trigger.kind {
        TriggerKind::Queue(it) => Some((Trigger::Queue, it.queue.as_str())),
        TriggerKind::Topic(it) => Some((Trigger::Topic, it.topic.as_str())),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Stream(_)
        | TriggerKind::Table(_)
        | TriggerKind::Bucket(_)
        | TriggerKind::Event(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "an event has a time")]
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |it| it.as_millis());
    Time(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Prints what the running app answered.
fn told(reply: &Reply) -> Result<Outcome, Failure> {
    if reply.status == 200 {
        Terminal::result(String::from_utf8_lossy(&reply.body));
        return Ok(Outcome::Done);
    }
    match reply.json() {
        // The app's log says why.
        Err(Failure::Usage(error)) if reply.status >= 500 => {
            let _ = writeln!(io::stderr(), "{error}");
            Ok(Outcome::Faulty)
        }
        Err(failure) => Err(failure),
        Ok(_) => Ok(Outcome::Faulty),
    }
}

fn alone(spec: Spec, call: Call, limit: Duration) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|it| Failure::Machine(it.to_string()))?;
    let mut errors = io::stderr();
    // Standard output is for the answer alone.
    let tell = |told: Told| {
        let _ = match told {
            Told::Line(Stream::Out | Stream::Err, line) => writeln!(errors, "{line}"),
            Told::Sent(resource, body) => writeln!(errors, "sent to {resource}: {body}"),
        };
    };
    let answer = runtime.block_on(call_alone(spec, call, limit, tell));
    match answer {
        Ok(Answer::Returned(text)) => {
            Terminal::result(String::from_utf8_lossy(&text));
            Ok(Outcome::Done)
        }
        Ok(Answer::Raised {
            kind,
            message,
            trace,
        }) => {
            for line in trace {
                let _ = writeln!(io::stderr(), "{line}");
            }
            let _ = writeln!(io::stderr(), "the function failed: {kind}: {message}");
            Ok(Outcome::Faulty)
        }
        Err(unanswered) => {
            let _ = writeln!(io::stderr(), "{unanswered}");
            Ok(Outcome::Faulty)
        }
    }
}
