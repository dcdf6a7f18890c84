//! `expect …`: what must hold at a moment of a test.

use super::super::Checker;
use super::super::arguments::{arguments_span, bare_word, is_word};
use super::Before;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Expectation, Name, Thing};
use crate::syntax::ast::{self, Argument};

/// What can be expected, and how it is written.
const FORMS: [(&str, &str); 7] = [
    ("status", "expect status 200"),
    ("body", "expect body { KEY = value }"),
    ("invoked", "expect [not] invoked FUNCTION [N]"),
    ("queue", "expect [not] queue QUEUE has N"),
    ("table", "expect [not] table TABLE has { FIELD = VALUE }"),
    ("bucket", "expect [not] bucket BUCKET has \"KEY\""),
    ("instances", "expect instances FUNCTION at_most N"),
];

impl Checker<'_> {
    /// Reads an expectation.
    pub(super) fn expectation(
        &mut self,
        setting: &ast::Setting,
        form: &str,
        before: &Before,
    ) -> Option<Expectation> {
        let arguments = setting.arguments.as_slice();
        let (not, arguments) = match arguments {
            [first, rest @ ..] if is_word(first, "not") => (true, rest),
            all => (false, all),
        };
        let Some((first, rest)) = arguments.split_first() else {
            self.wrong_form(setting, form);
            return None;
        };
        let Some(word) = bare_word(first) else {
            self.form("expect", first.span, form);
            return None;
        };
        let form = self.one_of(&word, "expectation", &FORMS)?;
        let wrong_not = not && !matches!(word.as_str(), "invoked" | "queue" | "table" | "bucket");
        let wrong_block = setting.block.is_some() && !matches!(word.as_str(), "body" | "table");
        if wrong_not || wrong_block {
            self.form("expect", arguments_span(setting), form);
            return None;
        }
        if matches!(word.as_str(), "status" | "body") && !before.asked {
            self.nothing_asked(&word);
            return None;
        }
        match (word.as_str(), rest, &setting.block) {
            ("status", [status], None) => self.status(status),
            ("body", [], Some(block)) => Some(Expectation::Body(self.object_block(block, "body")?)),
            ("body", [value], None) => Some(Expectation::Body(self.json_value(&value.value)?)),
            ("invoked", [function, rest @ ..], None) if rest.len() <= 1 => {
                let function = self.named(function, setting, form, Thing::Function)?;
                let times = match rest.first() {
                    None => None,
                    Some(times) => Some(self.count(&times.value, "`invoked`", 0)?),
                };
                Some(Expectation::Invoked {
                    function,
                    times,
                    not,
                })
            }
            ("queue", [queue, has, count], None) if is_word(has, "has") => {
                let queue = self.named(queue, setting, form, Thing::Queue)?;
                let has = self.count(&count.value, "`has`", 0)?;
                Some(Expectation::Queue { queue, has, not })
            }
            ("table", [table, has], Some(block)) if is_word(has, "has") => {
                let table = self.named(table, setting, form, Thing::Table)?;
                let has = self.object_block(block, "has")?;
                Some(Expectation::Table { table, has, not })
            }
            ("bucket", [bucket, has, key], None) if is_word(has, "has") => {
                let bucket = self.named(bucket, setting, form, Thing::Bucket)?;
                let has = self.text(&key.value, "`has`")?.value;
                Some(Expectation::Bucket { bucket, has, not })
            }
            ("instances", [function, at_most, count], None) if is_word(at_most, "at_most") => {
                let function = self.named(function, setting, form, Thing::Function)?;
                let at_most = self.count(&count.value, "`at_most`", 0)?;
                Some(Expectation::Instances { function, at_most })
            }
            _ => {
                self.form("expect", arguments_span(setting), form);
                None
            }
        }
    }

    fn status(&mut self, argument: &Argument) -> Option<Expectation> {
        let status = self.count(&argument.value, "`status`", 200)?;
        match u16::try_from(status).ok().filter(|it| *it <= 599) {
            Some(status) => Some(Expectation::Status(status)),
            None => {
                self.out_of_range(
                    argument.span,
                    &format!("`status` is {status}"),
                    "200 to 599",
                );
                None
            }
        }
    }

    fn nothing_asked(&mut self, word: &Name) {
        self.report(
            Diagnostic::new(Code::FN1201, format!("there is no answer whose {} could be this", word.value))
                .label(word.span, "nothing has been asked before")
                .help("put a request before it, such as `http GET \"/\"`, or a direct call: `invoke FUNCTION`"),
        );
    }
}
