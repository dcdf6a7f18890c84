//! One test, step by step.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::answer::Answered;
use super::expectation::{Asked, differs};
use super::since::Since;
use super::world::{RESTLESS, Restless, World};
use crate::check::START;
use crate::engine::{Input, Nanos, Profile, Time};
use crate::event::{Body, Event, Incoming, Json as Known};
use crate::model::{HttpCall, Scenario, Sending, StepKind};
use crate::runtime::asked::{Asked as Change, NewObject};
use crate::runtime::gateway::{Found, Guard, KEY_HEADER, Routes, is_key, verdict};
use crate::runtime::host::Message;
use crate::runtime::{Plan, Serial};
use crate::source::Span;

/// What came of a test.
pub(crate) struct Tested {
    /// How much virtual time has passed, in words.
    pub(crate) time: String,
    /// How many calls of handlers and stubs there were.
    pub(crate) calls: u32,
    /// What is odd about the machine, such as another version of Python.
    pub(crate) warnings: BTreeSet<String>,
    /// Why it failed, if it did.
    pub(crate) failed: Option<Failed>,
}

/// A step that failed.
pub(crate) struct Failed {
    /// The step.
    pub(crate) span: Span,
    /// What was expected.
    pub(crate) expected: String,
    /// What is so instead.
    pub(crate) found: String,
    /// What happened before, in virtual time.
    pub(crate) lines: Vec<String>,
}

/// Runs a test of a program; fails only when the machine does.
pub(crate) fn run(plan: &Arc<Plan>, scenario: &Scenario, profile: Profile) -> io::Result<Tested> {
    let start = time(START);
    let serial = Serial::new(Arc::clone(plan))?;
    let mut test = Test {
        world: World::new(plan, profile, start, serial),
        routes: Routes::of(&plan.app),
        asked: Asked::default(),
    };
    let mut failed = None;
    for step in &scenario.steps {
        match test.step(&step.kind) {
            Ok(()) => {}
            Err(why) => {
                let (expected, found, lines) = match why {
                    Why::Differs(expected, found, lines) => (expected, found, lines),
                    Why::Restless => (
                        "the program to come to rest".to_owned(),
                        format!("more than {RESTLESS} things happened at one moment"),
                        test.world.history.about(&[]),
                    ),
                };
                failed = Some(Failed {
                    span: step.span,
                    expected,
                    found,
                    lines,
                });
                break;
            }
        }
    }
    Ok(Tested {
        time: Since(test.world.now.since(start)).to_string(),
        calls: test.world.calls.values().sum(),
        warnings: test.world.warnings(),
        failed,
    })
}

fn time(millis: i64) -> Time {
    Time(u64::try_from(millis).unwrap_or(0).saturating_mul(1_000_000))
}

struct Test {
    world: World,
    routes: Routes,
    asked: Asked,
}

/// Why a step failed.
enum Why {
    /// What was expected, what is so instead, and what happened.
    Differs(String, String, Vec<String>),
    Restless,
}

impl From<Restless> for Why {
    fn from(_: Restless) -> Self {
        Why::Restless
    }
}

impl Test {
    fn step(&mut self, step: &StepKind) -> Result<(), Why> {
        if let StepKind::Stub { function, stub } = step {
            let stubs = &mut self.world.stubs;
            stubs.entry(function.value.clone()).or_default().add(stub);
            return Ok(());
        }
        self.world.begin()?;
        match step {
            StepKind::Stub { .. } => {}
            StepKind::Http(call) => self.http(call),
            StepKind::Send { queue, message } => {
                let sent = self.world.send(queue.as_str(), carried(message));
                sent.map_err(|it| refused(queue.as_str(), it))?;
            }
            StepKind::Publish { topic, message } => {
                let sent = self.world.publish(topic.as_str(), carried(message));
                sent.map_err(|it| refused(topic.as_str(), it))?;
            }
            StepKind::Write { stream, message } => {
                let key = message.key.as_ref().and_then(Json::as_str);
                let message = Message {
                    key: key.map(str::to_owned),
                    ..carried(message)
                };
                let done = self.world.change(stream.as_str(), Change::Write(message));
                done.map_err(|it| refused(stream.as_str(), it))?;
            }
            StepKind::Put { to, message } => {
                let key = message.key.as_ref().and_then(Json::as_str);
                let change = match (key, &message.body) {
                    (Some(key), _) => Some(Change::PutObject(NewObject {
                        key: key.to_owned(),
                        message: carried(message),
                        content_type: None,
                    })),
                    (None, Json::Object(row)) => Some(Change::PutRow(row.clone())),
                    (None, _) => None,
                };
                if let Some(change) = change {
                    let done = self.world.change(to.as_str(), change);
                    done.map_err(|it| refused(to.as_str(), it))?;
                }
            }
            StepKind::Delete { from, key } => {
                let change = match key {
                    Json::Object(key) => Some(Change::DeleteRow(key.clone())),
                    Json::String(key) => Some(Change::DeleteObject(key.clone())),
                    Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
                };
                if let Some(change) = change {
                    let done = self.world.change(from.as_str(), change);
                    done.map_err(|it| refused(from.as_str(), it))?;
                }
            }
            StepKind::Fire(function) => {
                let id = self.world.plan.program.function(function.as_str());
                for source in id.map_or_else(Vec::new, |it| self.world.plan.schedules(it)) {
                    self.world.input(Input::Fire { source });
                }
            }
            StepKind::Invoke { function, data } => self.invoke(function.as_str(), data),
            StepKind::After(length) => {
                let length = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
                self.world.pass_until(self.world.now + Nanos(length))?;
            }
            StepKind::At(at) => self.world.pass_until(time(*at))?,
            StepKind::Expect(expectation) => {
                if let Some(it) = differs(&self.world, &self.asked, expectation) {
                    return Err(Why::Differs(it.expected, it.found, it.lines));
                }
            }
        }
        self.world.settle()?;
        Ok(())
    }

    fn http(&mut self, call: &HttpCall) {
        let what = format!("{} {}", call.method, call.path);
        let method = call.method.word();
        let (function, pattern, params, guard) = match self.routes.find(method, &call.path) {
            Found::Function {
                function,
                pattern,
                params,
                access,
            } => {
                let guard = access.guard.clone();
                (function.to_owned(), pattern.to_owned(), params, guard)
            }
            Found::OtherMethods(_) => {
                return self.refuse(what, 405, "no route with this method");
            }
            Found::Nothing => return self.refuse(what, 404, "no route with this path"),
        };
        let Some(source) = self.world.plan.http(&function) else {
            return self.refuse(what, 404, "no route with this path");
        };
        let to = Target {
            function: &function,
            pattern: &pattern,
            params,
        };
        let auth = match self.lets_in(&guard, call, &to) {
            Ok(auth) => auth,
            Err((status, why)) => return self.refuse(what, status, why),
        };
        let event = request(call, to, auth);
        let id = self.world.id();
        let event = self.world.ask(source, id, event.into());
        self.asked = Asked {
            event: Some(event),
            function,
            refused: None,
            what,
        };
    }

    /// Returns what is known of a caller whom a route lets in, or the answer to another one.
    fn lets_in(
        &mut self,
        guard: &Guard,
        call: &HttpCall,
        to: &Target,
    ) -> Result<Option<Known>, (u16, &'static str)> {
        match guard {
            Guard::Open => Ok(None),
            Guard::Key(secret) => {
                let mut headers = call.headers.iter();
                let given = headers.find(|(name, _)| name.eq_ignore_ascii_case(KEY_HEADER));
                let given = given.map(|(_, value)| value.as_str());
                let wanted = self.world.plan.key(secret).unwrap_or_default();
                if is_key(given, wanted) {
                    Ok(None)
                } else {
                    Err((401, "unauthorized"))
                }
            }
            Guard::Custom(function) => {
                let asked = HttpCall {
                    body: None,
                    ..call.clone()
                };
                let to = Target {
                    function,
                    ..to.clone()
                };
                let answer = self.world.decide(function, &request(&asked, to, None));
                let answer = answer.ok_or((500, "internal error"))?;
                let known = verdict(answer.to_string().as_bytes());
                known.map(Some).ok_or((403, "forbidden"))
            }
        }
    }

    fn refuse(&mut self, what: String, status: u16, why: &str) {
        self.asked = Asked {
            refused: Some(Answered::error(status, why)),
            what,
            ..Asked::default()
        };
    }

    fn invoke(&mut self, function: &str, data: &Json) {
        let Some(source) = self.world.plan.invoke(function) else {
            return;
        };
        let id = self.world.id();
        let body = Body::of(&bytes_of(data));
        let event = Event::invoke(function, &id, self.world.stamp(), body).to_json();
        let event = self.world.ask(source, id, event.into());
        self.asked = Asked {
            event: Some(event),
            function: function.to_owned(),
            refused: None,
            what: format!("invoke {function}"),
        };
    }
}

fn refused(name: &str, why: String) -> Why {
    let expected = format!("`{name}` to take the message");
    Why::Differs(expected, why, Vec::new())
}

/// Returns what a value is as a payload: text as it is, anything else as JSON.
fn bytes_of(value: &Json) -> Vec<u8> {
    match value {
        Json::String(text) => text.clone().into_bytes(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            value.to_string().into_bytes()
        }
    }
}

fn carried(sending: &Sending) -> Message {
    let delay = sending.delay.map(|it| it.as_millis());
    Message {
        body: bytes_of(&sending.body).into(),
        binary: false,
        attributes: sending.attributes.clone(),
        group: sending.group.clone(),
        delay_ms: delay.map(|it| u64::try_from(it).unwrap_or(u64::MAX)),
        kind: sending.kind.clone(),
        subject: sending.subject.clone(),
        key: None,
    }
}

/// The route that a request goes to.
#[derive(Clone)]
struct Target<'a> {
    function: &'a str,
    pattern: &'a str,
    params: IndexMap<String, String>,
}

fn request(call: &HttpCall, to: Target, auth: Option<Known>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(&call.query);
    let query = query.finish();
    let headers = call.headers.iter();
    let mut headers: Vec<(Cow<str>, Cow<str>)> = headers
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let typed = |(name, _): &(Cow<str>, Cow<str>)| name.eq_ignore_ascii_case("content-type");
    let json = call.body.as_ref().is_some_and(|it| !it.is_string());
    if json && !headers.iter().any(typed) {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let incoming = Incoming {
        method: call.method.word(),
        path: &call.path,
        route: to.pattern,
        params: Some(to.params),
        query: &query,
        headers,
        cookies: Vec::new(),
        body: Cow::Owned(call.body.as_ref().map(bytes_of).unwrap_or_default()),
        client_ip: "127.0.0.1",
        auth,
    };
    Event::http(to.function, &incoming).to_json()
}
