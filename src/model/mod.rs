//! The program as meant: one stage of it, names resolved, values typed, spans kept. What every back end
//! and the engine read.

mod cron;
mod defaults;
mod env;
mod function;
mod resource;
mod route;
mod setting;
mod target;
mod trigger;
mod units;

use indexmap::IndexMap;

pub use cron::{Cron, CronField};
pub use defaults::{DefaultValue, defaults};
pub use env::{Attribute, AttributeKind, EnvPart, EnvValue, EnvVar};
pub use function::{Contract, Expect, Function, Grant, Handler, Language, Runtime, Scale, Verb};
pub use resource::{Queue, Retry, Secret, Topic};
pub use route::{Method, Route, RouteSegment};
pub use setting::{Origin, Setting};
pub use target::Target;
pub use trigger::{
    Auth, EveryTrigger, HttpTrigger, QueueTrigger, ScheduleTrigger, TopicTrigger, Trigger,
    TriggerKind,
};
pub(crate) use units::UNITS;
pub use units::{Rate, Size, Unit, UnitError, duration_text, duration_value, number};

use crate::source::Spanned;

/// A name as the program writes it, and where.
pub type Name = Spanned<String>;

/// One stage of one program. Maps keep the order of declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// The chosen stage, when the program declares stages.
    pub stage: Option<String>,
    /// The targets it is meant for, in the order AWS, Azure, Knative.
    pub targets: Vec<Target>,
    /// Its deploy-time secrets.
    pub secrets: IndexMap<String, Secret>,
    /// Its queues.
    pub queues: IndexMap<String, Queue>,
    /// Its topics.
    pub topics: IndexMap<String, Topic>,
    /// Its functions.
    pub functions: IndexMap<String, Function>,
}

impl App {
    /// Returns `APP` or `APP-STAGE`, the stem of derived names; `_` is kept.
    pub fn stem(&self) -> String {
        match &self.stage {
            Some(stage) => format!("{}-{stage}", self.name.value),
            None => self.name.value.clone(),
        }
    }

    /// Returns the queue triggers on `queue` with the functions they start, in order.
    pub fn consumers<'a>(
        &'a self,
        queue: &'a str,
    ) -> impl Iterator<Item = (&'a Function, &'a QueueTrigger)> {
        let triggers = move |function: &'a Function| {
            let on_queue = move |trigger: &'a Trigger| match &trigger.kind {
                TriggerKind::Queue(it) if it.queue.value == queue => Some((function, it)),
                TriggerKind::Queue(_)
                | TriggerKind::Http(_)
                | TriggerKind::Schedule(_)
                | TriggerKind::Every(_)
                | TriggerKind::Topic(_) => None,
            };
            function.triggers.iter().filter_map(on_queue)
        };
        self.functions.values().flat_map(triggers)
    }

    /// Returns the functions that a message on `topic` starts, in order.
    pub fn subscribers<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Function> {
        let subscribed = move |function: &&Function| {
            function.triggers.iter().any(|trigger| match &trigger.kind {
                TriggerKind::Topic(it) => it.topic.value == topic,
                TriggerKind::Queue(_)
                | TriggerKind::Http(_)
                | TriggerKind::Schedule(_)
                | TriggerKind::Every(_) => false,
            })
        };
        self.functions.values().filter(subscribed)
    }
}
