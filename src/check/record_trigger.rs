//! Triggers whose records come from a queue, a stream, a table, a bucket or a bus.

use std::time::Duration;

use super::Checker;
use super::arguments::{bare_word, is_word};
use super::settings::Settings;
use super::words::Context;
use crate::model::{
    BucketChange, BucketTrigger, EventTrigger, Name, QueueTrigger, Setting, StartFrom,
    StreamTrigger,
};
use crate::syntax::ast::{self, Argument};

/// Records of a queue a call at most where nothing is said.
const QUEUE_BATCH: u32 = 10;
/// Records of a stream or a table a call at most where nothing is said.
const STREAM_BATCH: u32 = 100;

impl Checker<'_> {
    pub(super) fn queue_trigger(
        &mut self,
        queue: &Name,
        block: Option<&ast::Block>,
    ) -> QueueTrigger {
        let settings = self.settings(block, Context::QueueTrigger);
        let (batch, within) = self.batch(&settings, QUEUE_BATCH);
        let concurrency = settings
            .get("concurrency")
            .and_then(|it| self.count_setting(it, 1));
        QueueTrigger {
            queue: queue.clone(),
            batch,
            within,
            concurrency,
        }
    }

    /// Reads the block of `on stream` and `on table`, which take the same.
    pub(super) fn stream_trigger(
        &mut self,
        source: &Name,
        block: Option<&ast::Block>,
        context: Context,
    ) -> StreamTrigger {
        let settings = self.settings(block, context);
        let (batch, within) = self.batch(&settings, STREAM_BATCH);
        let from = settings.get("from").and_then(|it| self.start(it));
        let parallel = settings
            .get("parallel")
            .and_then(|it| self.count_setting(it, 1));
        let retry = settings.get("retry").and_then(|it| self.retry(it));
        let split_on_error = settings.get("split_on_error").map(|it| self.flag(it));
        let max_age = settings
            .get("max_age")
            .and_then(|it| self.positive_duration(it));
        StreamTrigger {
            source: source.clone(),
            batch,
            within,
            from: from.unwrap_or(Setting::language(StartFrom::Oldest)),
            parallel: parallel.unwrap_or(Setting::language(1)),
            retry,
            split_on_error: split_on_error.unwrap_or(Setting::language(false)),
            max_age,
        }
    }

    /// Reads what follows `on bucket NAME`; `None` when the change is none.
    pub(super) fn bucket_trigger(
        &mut self,
        bucket: &Name,
        change: &Name,
        block: Option<&ast::Block>,
    ) -> Option<BucketTrigger> {
        let settings = self.settings(block, Context::BucketTrigger);
        let prefix = settings.get("prefix").and_then(|it| self.key_part(it));
        let suffix = settings.get("suffix").and_then(|it| self.key_part(it));
        let changes = [BucketChange::Created, BucketChange::Deleted].map(|it| (it.word(), it));
        let change = self.one_of(change, "change of an object", &changes)?;
        Some(BucketTrigger {
            bucket: bucket.clone(),
            change,
            prefix: prefix.unwrap_or(Setting::language(String::new())),
            suffix: suffix.unwrap_or(Setting::language(String::new())),
        })
    }

    /// Reads `"type" from BUS`.
    pub(super) fn event_trigger(
        &mut self,
        event: &Argument,
        bus: &Name,
        block: Option<&ast::Block>,
    ) -> Option<EventTrigger> {
        self.settings(block, Context::EventTrigger);
        let event = self.text(&event.value, "`on event`")?;
        if event.value.is_empty() {
            self.out_of_range(event.span, "an event's type is empty", "any other text");
            return None;
        }
        Some(EventTrigger {
            event,
            bus: bus.clone(),
        })
    }

    /// Reads `batch N` and `batch N within D`.
    fn batch(
        &mut self,
        settings: &Settings<'_>,
        records: u32,
    ) -> (Setting<u32>, Setting<Duration>) {
        let mut batch = Setting::language(records);
        let mut wait = Setting::language(Duration::ZERO);
        let Some(setting) = settings.get("batch") else {
            return (batch, wait);
        };
        let plain = |it: &Argument| it.range.is_none() && !it.after_comma;
        let fits = setting.block.is_none() && setting.arguments.iter().all(plain);
        let (size, within) = match setting.arguments.as_slice() {
            [size] if fits => (Some(size), None),
            [size, word, within] if fits && is_word(word, "within") => (Some(size), Some(within)),
            _ => {
                self.wrong_form(setting, "batch N within DURATION");
                (None, None)
            }
        };
        if let Some(size) = size
            && let Some(n) = self.count(&size.value, "`batch`", 1)
        {
            batch = Setting::written(n, size.span);
        }
        if let Some(within) = within
            && let Some(duration) = self.duration(&within.value, "`within`")
        {
            wait = Setting::written(duration, within.span);
        }
        (batch, wait)
    }

    fn start(&mut self, setting: &ast::Setting) -> Option<Setting<StartFrom>> {
        let form = "from latest";
        let argument = self.single(setting, form)?;
        let Some(word) = bare_word(argument) else {
            self.wrong_form(setting, form);
            return None;
        };
        let starts = [StartFrom::Oldest, StartFrom::Latest].map(|it| (it.word(), it));
        let start = self.one_of(&word, "start", &starts)?;
        Some(Setting::written(start, word.span))
    }

    /// Reads `prefix "…"` and `suffix "…"`, which are compared character by character.
    fn key_part(&mut self, setting: &ast::Setting) -> Option<Setting<String>> {
        let text = self.text_setting(setting)?;
        let word = setting.word.as_str();
        if text.value.is_empty() {
            self.out_of_range(text.span, &format!("`{word}` is empty"), "any other text");
            return None;
        }
        Some(Setting::written(text.value, text.span))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    const NAMES: &str = r"
queue failed { keep 14d }
stream clicks
bucket receipts
table notes { key id string }
bus events
";

    #[track_caller]
    fn on(trigger: &str, expected: &[&str]) {
        let used = r#"
function w {
  handler "src/w.py:handle"
  on every 5m
  can write clicks, receipts, notes
  can publish events
  env { CLICKS = stream.clicks.name; EVENTS = bus.events.name }
  retry 2 then failed
}"#;
        let start = r#"function f { handler "src/f.py:handle"; retry 2 then failed; on every 1h"#;
        finds(&format!("{NAMES}{start}; {trigger} }}{used}"), expected);
    }

    #[test]
    fn streams_and_tables_take_all_their_words() {
        let block = "{ batch 50 within 5s; from latest; parallel 2; retry 3 then failed; split_on_error; max_age 1h }";
        on(&format!("on stream clicks {block}"), &[]);
        on(&format!("on table notes changed {block}"), &[]);
        on(
            "on stream clicks { from newest; retry 1 then failed }",
            &["FN0222 at `newest`"],
        );
        on(
            "on stream clicks { parallel 0; retry 1 then failed }",
            &["FN0221 at `0`"],
        );
        on(
            "on stream clicks { concurrency 5; retry 1 then failed }",
            &["FN0203 at `concurrency`"],
        );
        on("on table notes", &["FN0217 at `table notes`"]);
        on("on stream notes", &["FN0204 at `notes`"]);
    }

    #[test]
    fn buckets_say_what_happens_and_to_which_objects() {
        on(
            "on bucket receipts created { prefix \"in/\"; suffix \".png\" }",
            &[],
        );
        on("on bucket receipts deleted", &[]);
        on("on bucket receipts removed", &["FN0222 at `removed`"]);
        on(
            "on bucket receipts created { prefix \"\" }",
            &["FN0221 at `\"\"`"],
        );
        on("on bucket receipts", &["FN0217 at `bucket receipts`"]);
        on("on receipts", &["FN0203 at `receipts`"]);
    }

    #[test]
    fn events_have_a_type_and_a_bus() {
        on("on event \"order.placed\" from events", &[]);
        on("on event \"\" from events", &["FN0221 at `\"\"`"]);
        on(
            "on event \"order.placed\" from event",
            &["FN0202 at `event`"],
        );
        on(
            "on event \"order.placed\"",
            &["FN0217 at `event \"order.placed\"`"],
        );
    }
}
