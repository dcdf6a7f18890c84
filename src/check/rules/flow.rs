//! Where events come from and where they go: looked up by every rule that concerns more than one declaration.

use indexmap::IndexMap;

use crate::model::{App, Function, Name, QueueTrigger, Retry, TriggerKind, Verb};

/// Who uses which queue.
#[derive(Debug, Default)]
pub(super) struct Flow<'a> {
    queues: IndexMap<&'a str, QueueUse<'a>>,
    no_queue: QueueUse<'a>,
}

/// Who uses a queue.
#[derive(Debug, Default)]
pub(super) struct QueueUse<'a> {
    /// The functions that take its messages.
    pub(super) consumers: Vec<(&'a Function, &'a QueueTrigger)>,
    /// The functions that may send to it, and where they say so.
    pub(super) senders: Vec<(&'a Function, &'a Name)>,
    /// Whether queues or functions park in it.
    pub(super) parked_in: bool,
}

impl<'a> Flow<'a> {
    /// Passes the program once and notes who uses what.
    pub(super) fn of(app: &'a App) -> Self {
        let mut flow = Flow::default();
        for function in app.functions.values() {
            for trigger in &function.triggers {
                match &trigger.kind {
                    TriggerKind::Queue(it) => {
                        let used = flow.queues.entry(it.queue.as_str()).or_default();
                        used.consumers.push((function, it));
                    }
                    TriggerKind::Stream(it) | TriggerKind::Table(it) => {
                        if let Some(retry) = &it.retry {
                            flow.park(&retry.value);
                        }
                    }
                    TriggerKind::Http(_)
                    | TriggerKind::Schedule(_)
                    | TriggerKind::Every(_)
                    | TriggerKind::Topic(_)
                    | TriggerKind::Bucket(_)
                    | TriggerKind::Event(_)
                    | TriggerKind::Websocket(_)
                    | TriggerKind::Raw(_) => {}
                }
            }
            for queue in function.granted(Verb::Send) {
                let used = flow.queues.entry(queue.as_str()).or_default();
                used.senders.push((function, queue));
            }
            if function.has_pushed() {
                flow.park(&function.retry.value);
            }
        }
        for retry in app.queues.values().filter_map(|it| it.retry.as_ref()) {
            flow.park(&retry.value);
        }
        flow
    }

    fn park(&mut self, retry: &'a Retry) {
        if let Some(park) = &retry.park {
            self.queues.entry(park.as_str()).or_default().parked_in = true;
        }
    }

    /// Returns who uses a queue.
    pub(super) fn queue(&self, name: &str) -> &QueueUse<'a> {
        self.queues.get(name).unwrap_or(&self.no_queue)
    }
}
