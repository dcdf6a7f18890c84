//! What the gateway and the instances ask of a program that runs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{broadcast, oneshot};

use super::admission::unknown;
use super::arrival::Place;
use super::asked::Asked;
use super::clock::stamp;
use super::driver::Driver;
use super::gateway::{Front, Parked, Served};
use super::held::{Deed, Moment};
use super::host::{Doing, Host, Message, Receipt, Refused, Signal, done};
use super::id::request_id;
use super::inner::Inner;
use super::payload::{Caller, Sent};
use super::state::state;
use super::store::Saved;
use crate::engine::Input;
use crate::event::{Body, Event};
use crate::model::Verb;

impl Front for Driver {
    fn request(
        &self,
        function: &str,
        request_id: String,
        event: Bytes,
    ) -> oneshot::Receiver<Served> {
        let source = self.lock().plan.http(function);
        match source {
            Some(source) => self.call(source, Caller { request_id, event }),
            // The program has changed meanwhile: nobody will answer.
            None => oneshot::channel().1,
        }
    }

    fn invoke(
        &self,
        function: &str,
        request_id: String,
        event: Bytes,
    ) -> Result<oneshot::Receiver<Served>, Refused> {
        let source = {
            let inner = self.lock();
            inner.plan.invoke(function).ok_or_else(|| {
                let names = inner.plan.functions.iter().map(|it| &*it.name);
                unknown("function", function, names)
            })?
        };
        Ok(self.call(source, Caller { request_id, event }))
    }

    fn send(&self, resource: &str, message: Message) -> Result<Receipt, Refused> {
        let mut inner = self.lock();
        match (
            inner.plan.program.queue(resource),
            inner.plan.topic(resource).ok(),
        ) {
            (Some(queue), _) => self.take(&mut inner, Place::Queue(queue), message),
            (None, Some(topic)) => self.take(&mut inner, Place::Topic(topic), message),
            (None, None) => {
                let asked = inner.plan.sending(resource, message)?;
                let (_, id, saved) = self.change(&mut inner, resource, asked)?;
                Ok(Receipt::new(id.unwrap_or_default(), saved))
            }
        }
    }

    fn key(&self, secret: &str) -> Option<String> {
        self.lock().plan.key(secret).map(str::to_owned)
    }

    fn fire(&self, function: &str) -> Result<Saved, Refused> {
        let mut inner = self.lock();
        let Some(id) = inner.plan.program.function(function) else {
            let names = inner.plan.functions.iter().map(|it| &*it.name);
            return Err(unknown("function", function, names));
        };
        let schedules = inner.plan.schedules(id);
        if schedules.is_empty() {
            return Err(Refused::Invalid(format!("`{function}` has no schedule")));
        }
        for source in schedules {
            self.step(&mut inner, Input::Fire { source });
        }
        Ok(inner.kept.saved())
    }

    fn parked(&self, queue: Option<&str>) -> Result<Vec<Parked>, Refused> {
        let inner = self.lock();
        let wanted = match queue {
            None => None,
            Some(name) => Some(inner.plan.queue(name)?),
        };
        let all = inner.engine.parked();
        let parked = all.filter(|it| wanted.is_none_or(|queue| it.queue == queue));
        let described = parked.map(|it| {
            let origin = inner.plan.source(it.origin);
            let message = it.payload.message();
            Parked {
                queue: inner.plan.source(it.queue).resource.clone(),
                origin: origin.resource.clone(),
                id: it.payload.id(&origin.resource),
                since: stamp(it.since),
                base64: message.binary,
                body: if message.binary {
                    STANDARD.encode(&message.body)
                } else {
                    String::from_utf8_lossy(&message.body).into_owned()
                },
                attributes: message.attributes.into_iter().collect(),
            }
        });
        let mut described: Vec<Parked> = described.collect();
        described.sort_by(|a, b| (&a.queue, a.since).cmp(&(&b.queue, b.since)));
        Ok(described)
    }

    fn redrive(&self, queue: &str, ids: Option<&[String]>) -> Result<(usize, Saved), Refused> {
        let mut inner = self.lock();
        let queue = inner.plan.queue(queue)?;
        let parked = inner.engine.parked().filter(|it| it.queue == queue);
        let chosen = parked.filter(|it| {
            let id = it.payload.id(&inner.plan.source(it.origin).resource);
            ids.is_none_or(|ids| ids.contains(&id))
        });
        let events: Vec<u64> = chosen.map(|it| it.event).collect();
        let count = events.len();
        let events = Some(events);
        self.step(&mut inner, Input::Redrive { queue, events });
        Ok((count, inner.kept.saved()))
    }

    fn state(&self) -> Value {
        let inner = self.lock();
        state(&inner.plan, &inner.engine, &inner.processes)
    }

    fn metrics(&self) -> String {
        let inner = self.lock();
        inner.metrics.text(&inner.plan, &inner.engine)
    }

    fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.lock().listeners.watch()
    }
}

impl Host for Driver {
    fn signal(&self, instance: u64, signal: Signal) {
        match signal {
            Signal::Answered { invocation, answer } => self.answered(invocation, answer),
            Signal::Ready { pid } => {
                let mut inner = self.lock();
                if let Some(process) = inner.processes.get_mut(&instance) {
                    process.pid = Some(pid);
                }
                self.step(&mut inner, Input::Ready { instance });
            }
            Signal::Output { line, .. } => self.lock().tell(instance, &line),
            Signal::InitFailed { message, trace } => {
                let inner = self.lock();
                inner.tell(instance, &format!("could not be loaded: {message}"));
                for line in trace {
                    inner.tell(instance, &format!("  {}", line.trim_end()));
                }
            }
            Signal::Exited { how } => {
                let mut inner = self.lock();
                if inner.processes.get(&instance).is_some_and(|it| !it.ending) {
                    inner.tell(instance, &format!("ended: {how}"));
                }
                inner.processes.remove(&instance);
                self.step(&mut inner, Input::Exited { instance });
                inner.forget_calls(instance);
            }
        }
    }

    fn send(&self, function: &str, queue: &str, message: Message) -> Result<Receipt, Refused> {
        let mut inner = self.lock();
        inner.plan.allow(function, Verb::Send, queue)?;
        let queue = inner.plan.queue(queue)?;
        self.take(&mut inner, Place::Queue(queue), message)
    }

    fn publish(&self, function: &str, topic: &str, message: Message) -> Result<Receipt, Refused> {
        let mut inner = self.lock();
        inner.plan.allow(function, Verb::Publish, topic)?;
        let topic = inner.plan.topic(topic)?;
        self.take(&mut inner, Place::Topic(topic), message)
    }

    fn ask(&self, function: &str, resource: &str, asked: Asked) -> Doing {
        let allowed = self.lock().plan.allow(function, asked.right(), resource);
        if let Err(why) = allowed {
            return done(Err(why));
        }
        match asked {
            Asked::Invoke(data) => self.call_another(resource, &data),
            asked @ (Asked::Write(_)
            | Asked::PutObject(_)
            | Asked::GetObject(_)
            | Asked::ListObjects(..)
            | Asked::DeleteObject(_)
            | Asked::PutRow(_)
            | Asked::GetRow(_)
            | Asked::QueryRows(_)
            | Asked::DeleteRow(_)) => {
                let carried = self.change(&mut self.lock(), resource, asked);
                Box::pin(async move {
                    let (answer, _, saved) = carried?;
                    let saved = saved.wait().await;
                    saved.map_err(|it| Refused::Invalid(it.to_string()))?;
                    Ok(answer)
                })
            }
        }
    }
}

impl Driver {
    /// Takes a message that is fit for where it goes.
    fn take(&self, inner: &mut Inner, to: Place, message: Message) -> Result<Receipt, Refused> {
        inner.plan.admit(to, &message)?;
        let id = request_id();
        let sent = Sent {
            id: id.clone(),
            time: inner.now(),
            message,
            log: None,
        };
        let input = inner.plan.arrival(to, Arc::new(sent));
        self.step(inner, input);
        Ok(Receipt::new(id, inner.kept.saved()))
    }

    /// Changes or reads what is held; returns the answer, the id of what happened, and when it is kept.
    fn change(
        &self,
        inner: &mut Inner,
        name: &str,
        asked: Asked,
    ) -> Result<(Bytes, Option<String>, Saved), Refused> {
        let plan = Arc::clone(&inner.plan);
        let mut moment = Moment {
            now: inner.clock.now(),
            id: &mut request_id,
        };
        let deed = inner.kept.held.ask(&plan, &mut moment, name, asked)?;
        let id = deed.news.first().map(|(_, it)| it.id.clone());
        let answer = deed.answer.clone();
        let saved = if deed.changes.is_empty() {
            Saved::at_once()
        } else {
            self.tell(inner, deed);
            inner.kept.saved()
        };
        Ok((answer, id, saved))
    }

    /// Keeps a deed, and tells those who wait for it.
    pub(super) fn tell(&self, inner: &mut Inner, deed: Deed) {
        inner.kept.change(deed.changes);
        let plan = Arc::clone(&inner.plan);
        for (name, sent) in deed.news {
            if let Some(topic) = plan.program.topic(&name) {
                self.step(inner, plan.arrival(Place::Topic(topic), sent));
            }
        }
        inner.kept.write();
    }

    /// Calls a function for another one, which waits for the answer.
    fn call_another(&self, function: &str, data: &str) -> Doing {
        let id = request_id();
        let time = stamp(self.lock().now());
        let event = Event::invoke(function, &id, time, Body::of(data.as_bytes()));
        let waiting = Front::invoke(self, function, id, event.to_json().into());
        let function = function.to_owned();
        Box::pin(async move {
            let failed = |why: &str| Err(Refused::CallFailed(format!("`{function}` {why}")));
            match waiting?.await.unwrap_or(Served::Unavailable) {
                Served::Returned(text) => Ok(text),
                Served::Failed => failed("failed"),
                Served::TimedOut => failed("timed out"),
                Served::Throttled => failed("is called too often"),
                Served::Unavailable => failed("is unavailable"),
            }
        })
    }
}

impl Inner {
    fn tell(&self, instance: u64, line: &str) {
        let function = self
            .processes
            .get(&instance)
            .map_or("?", |it| &*it.function);
        self.listeners.instance(function, instance, line);
    }
}
