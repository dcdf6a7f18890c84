//! What the gateway and the instances ask of a program that runs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{broadcast, oneshot};

use super::admission::unknown;
use super::clock::stamp;
use super::driver::Driver;
use super::gateway::{Front, Parked, Served};
use super::host::{Host, Message, Receipt, Refused, Signal};
use super::id::request_id;
use super::inner::Inner;
use super::payload::{Caller, Payload, Sent};
use super::state::state;
use super::store::Saved;
use crate::engine::{Input, Nanos, SourceId, TopicId};
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
            inner.plan.program.topic(resource),
        ) {
            (Some(queue), _) => self.to_queue(&mut inner, queue, message),
            (None, Some(topic)) => self.to_topic(&mut inner, topic, message),
            (None, None) => Err(inner.unknown_resource(resource)),
        }
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
        self.to_queue(&mut inner, queue, message)
    }

    fn publish(&self, function: &str, topic: &str, message: Message) -> Result<Receipt, Refused> {
        let mut inner = self.lock();
        inner.plan.allow(function, Verb::Publish, topic)?;
        let topic = inner.plan.topic(topic)?;
        self.to_topic(&mut inner, topic, message)
    }
}

impl Driver {
    fn to_queue(
        &self,
        inner: &mut Inner,
        source: SourceId,
        message: Message,
    ) -> Result<Receipt, Refused> {
        inner.plan.admit_to_queue(source, &message)?;
        let group = message.group.as_deref().map(Arc::from);
        let delay = message.delay_ms.map(Nanos::millis);
        let (id, payload) = accepted(inner, message);
        let input = if inner.plan.passes_over(source, &payload) {
            Input::PassOver { source }
        } else {
            Input::Arrive {
                source,
                payload,
                group,
                delay,
            }
        };
        self.step(inner, input);
        Ok(Receipt::new(id, inner.kept.saved()))
    }

    fn to_topic(
        &self,
        inner: &mut Inner,
        topic: TopicId,
        message: Message,
    ) -> Result<Receipt, Refused> {
        inner.plan.admit_to_topic(topic, &message)?;
        let group = message.group.as_deref().map(Arc::from);
        let (id, payload) = accepted(inner, message);
        let passed_over = inner.plan.passed_over(topic, &payload);
        let input = Input::Publish {
            topic,
            payload,
            group,
            passed_over,
        };
        self.step(inner, input);
        Ok(Receipt::new(id, inner.kept.saved()))
    }
}

/// Gives a message its id.
fn accepted(inner: &Inner, message: Message) -> (String, Payload) {
    let id = request_id();
    let sent = Sent {
        id: id.clone(),
        time: inner.now(),
        message,
    };
    (id, Payload::Message(Arc::new(sent)))
}

impl Inner {
    fn tell(&self, instance: u64, line: &str) {
        let function = self
            .processes
            .get(&instance)
            .map_or("?", |it| &*it.function);
        self.listeners.instance(function, instance, line);
    }

    fn unknown_resource(&self, name: &str) -> Refused {
        let app = &self.plan.app;
        let names = app.queues.keys().chain(app.topics.keys());
        unknown("queue or topic", name, names.map(String::as_str))
    }
}
