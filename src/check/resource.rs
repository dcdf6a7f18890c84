//! Queues and topics.

use std::time::Duration;

use super::Checker;
use super::arguments::{arguments_span, bare_word, is_word};
use super::words::Context;
use crate::model::{Queue, Retry, Setting, Size, Thing, Topic};
use crate::source::Span;
use crate::syntax::ast;

/// How long a message waits at most where nothing is said.
const KEEP: Duration = Duration::from_hours(4 * 24);
/// How long a delivered message stays hidden where nothing is said and nobody consumes the queue.
const HIDDEN: Duration = Duration::from_secs(30);
/// The largest message where nothing is said.
const MAX_SIZE: Size = Size(256 << 10);

impl Checker<'_> {
    pub(super) fn lower_queue(
        &mut self,
        queue: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Queue {
        let settings = self.resource_settings(queue, Context::Queue);
        let retry = settings.get("retry").and_then(|it| {
            let retry = self.retry(it)?;
            if retry.value.park.is_none() {
                self.wrong_form(it, "retry N then QUEUE");
            }
            Some(retry)
        });
        let keep = settings
            .get("keep")
            .and_then(|it| self.positive_duration(it));
        let delay = settings
            .get("delay")
            .and_then(|it| self.duration_setting(it));
        let hidden = settings
            .get("hidden")
            .and_then(|it| self.positive_duration(it));
        let fifo = settings.get("fifo").map(|it| self.flag(it));
        let max_size = settings
            .get("max_size")
            .and_then(|it| self.size_setting(it));
        Queue {
            name: queue.name.to_name(),
            doc,
            span,
            retry,
            keep: keep.unwrap_or(Setting::language(KEEP)),
            delay: delay.unwrap_or(Setting::language(Duration::ZERO)),
            hidden: hidden.unwrap_or(Setting::language(HIDDEN)),
            fifo: fifo.unwrap_or(Setting::language(false)),
            max_size: max_size.unwrap_or(Setting::language(MAX_SIZE)),
            place: self.place(queue, &settings),
        }
    }

    pub(super) fn lower_topic(
        &mut self,
        topic: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Topic {
        let settings = self.resource_settings(topic, Context::Topic);
        let fifo = settings.get("fifo").map(|it| self.flag(it));
        Topic {
            name: topic.name.to_name(),
            doc,
            span,
            fifo: fifo.unwrap_or(Setting::language(false)),
            place: self.place(topic, &settings),
        }
    }

    /// Reads `retry N` and `retry N then QUEUE`.
    pub(super) fn retry(&mut self, setting: &ast::Setting) -> Option<Setting<Retry>> {
        let plain = |it: &ast::Argument| it.range.is_none() && !it.after_comma;
        let fits = setting.block.is_none() && setting.arguments.iter().all(plain);
        let (count, park) = match setting.arguments.as_slice() {
            [count] if fits => (count, None),
            [count, then, park] if fits && is_word(then, "then") && bare_word(park).is_some() => {
                (count, bare_word(park))
            }
            _ => {
                self.wrong_form(setting, "retry N then QUEUE");
                return None;
            }
        };
        let count = self.count(&count.value, "`retry`", 0)?;
        if let Some(park) = &park
            && !self.refers(park, Thing::Queue)
        {
            return None;
        }
        Some(Setting::written(
            Retry { count, park },
            arguments_span(setting),
        ))
    }
}
