//! The blocks of steps: what a message or a request carries.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::super::Checker;
use super::super::words::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{HttpCall, Name, Sending, Thing};
use crate::syntax::ast::{self, Expr, StatementKind};

/// The parts of a block: `KEY = value` and `word { … }`.
type Parts<'s> = IndexMap<&'s str, Part<'s>>;

/// One part of a block.
enum Part<'s> {
    Value(&'s ast::Entry),
    Block(&'s ast::Setting),
}

impl Checker<'_> {
    /// Reads what a message carries.
    pub(super) fn sending(&mut self, block: Option<&ast::Block>) -> Option<Sending> {
        let mut sending = Sending::default();
        for (word, part) in self.parts(block, Context::Message)? {
            match (word, part) {
                ("body", Part::Value(it)) => sending.body = self.json_value(&it.value)?,
                ("group", Part::Value(it)) => {
                    sending.group = Some(self.text(&it.value, "`group`")?.value);
                }
                ("key", Part::Value(it)) => sending.key = Some(self.json_value(&it.value)?),
                ("type", Part::Value(it)) => {
                    sending.kind = Some(self.text(&it.value, "`type`")?.value);
                }
                ("subject", Part::Value(it)) => {
                    sending.subject = Some(self.text(&it.value, "`subject`")?.value);
                }
                ("delay", Part::Value(it)) => {
                    sending.delay = Some(self.duration(&it.value, "`delay`")?);
                }
                ("attributes", Part::Block(it)) => sending.attributes = self.texts(it)?,
                (_, part) => return self.wrong_part(&part, Context::Message),
            }
        }
        Some(sending)
    }

    /// Reads what a request carries.
    pub(super) fn request(
        &mut self,
        block: Option<&ast::Block>,
        call: &mut HttpCall,
    ) -> Option<()> {
        for (word, part) in self.parts(block, Context::Request)? {
            match (word, part) {
                ("body", Part::Value(it)) => call.body = Some(self.json_value(&it.value)?),
                ("headers", Part::Block(it)) => call.headers = self.texts(it)?,
                ("query", Part::Block(it)) => call.query.extend(self.texts(it)?),
                (_, part) => return self.wrong_part(&part, Context::Request),
            }
        }
        Some(())
    }

    fn parts<'s>(&mut self, block: Option<&'s ast::Block>, context: Context) -> Option<Parts<'s>> {
        let mut parts = Parts::new();
        for statement in block.iter().flat_map(|it| &it.statements) {
            let (name, part) = match &statement.kind {
                StatementKind::Entry(it) => (&it.key, Part::Value(it)),
                StatementKind::Setting(it) => (&it.word, Part::Block(it)),
                StatementKind::Trigger(it) => {
                    self.no_step(it.keyword, "`on …` is no part of a message");
                    return None;
                }
                StatementKind::Broken => return None,
            };
            if !context.words().iter().any(|it| it.name == name.as_str()) {
                self.unknown_part(name, context);
                return None;
            }
            if let Some(first) = parts.get(name.as_str()) {
                let first = first.name().span;
                self.given_twice(name, first);
                return None;
            }
            parts.insert(name.as_str(), part);
        }
        Some(parts)
    }

    /// Reports a member that belongs into `body`.
    fn unknown_part(&mut self, name: &ast::Name, context: Context) {
        let word = name.as_str();
        let names: Vec<_> = context.words().iter().map(|it| it.name).collect();
        let near = crate::diagnostic::closest(word, names);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("what it carries stands in its body: `body = {{ {word} = … }}`"),
        };
        let message = format!("{} has no part `{word}`", context.title());
        self.report(
            Diagnostic::new(Code::FN0203, message)
                .label(name.span, "unknown here")
                .help(help),
        );
    }

    fn wrong_part<T>(&mut self, part: &Part, context: Context) -> Option<T> {
        let name = part.name();
        let words = context.words().iter();
        let form = words.clone().find(|it| it.name == name.as_str());
        self.form(name.as_str(), name.span, form.map_or("", |it| it.form));
        None
    }

    /// Reads `word { NAME = "…" }`.
    fn texts(&mut self, setting: &ast::Setting) -> Option<Vec<(String, String)>> {
        let mut texts = Vec::new();
        for entry in self.entries(setting) {
            let value = self.eval(&entry.value);
            let Some(text) = value.text() else {
                if let Some(kind) = value.kind() {
                    let message =
                        format!("`{}` takes a string, not {}", entry.key.value, kind.title());
                    self.report(
                        Diagnostic::new(Code::FN0205, message)
                            .label(entry.value.span, format!("this is {}", kind.title()))
                            .help("write a string such as `\"text\"`"),
                    );
                }
                return None;
            };
            texts.push((entry.key.value.to_string(), text));
        }
        Some(texts)
    }

    /// Reads a block of `KEY = value` as an object.
    pub(super) fn object_block(&mut self, block: &ast::Block, word: &str) -> Option<Json> {
        let mut entries = Vec::new();
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Entry(it) => entries.push(it.clone()),
                StatementKind::Setting(_) | StatementKind::Trigger(_) => {
                    self.form(word, statement.span, &format!("{word} {{ KEY = value }}"));
                    return None;
                }
                StatementKind::Broken => return None,
            }
        }
        let object = self.object(&entries);
        self.plain(object.json(), block.span)
    }

    /// Returns an expression's value as JSON.
    pub(super) fn json_value(&mut self, expr: &Expr) -> Option<Json> {
        let value = self.eval(expr);
        value.kind()?;
        self.plain(value.json(), expr.span)
    }

    fn plain(&mut self, value: Option<Json>, span: crate::source::Span) -> Option<Json> {
        if value.is_none() {
            self.report(
                Diagnostic::new(Code::FN0213, "a test can't know this value")
                    .label(
                        span,
                        "it holds something known only when deployed, or a secret",
                    )
                    .help("write the value itself"),
            );
        }
        value
    }

    /// Checks that a message has those parts that such a thing takes, and a key where it needs one.
    pub(super) fn check_parts(
        &mut self,
        name: &Name,
        thing: Thing,
        message: &Sending,
    ) -> Option<()> {
        let has = [
            ("key", message.key.is_some()),
            ("group", message.group.is_some()),
            ("delay", message.delay.is_some()),
            ("type", message.kind.is_some()),
            ("subject", message.subject.is_some()),
            ("attributes", !message.attributes.is_empty()),
        ];
        let takes: &[&str] = match thing {
            Thing::Queue => &["group", "delay", "attributes"],
            Thing::Topic | Thing::Bus => &["group", "type", "subject", "attributes"],
            Thing::Stream => &["key"],
            Thing::Bucket => &["key", "attributes"],
            Thing::Table | Thing::Layer | Thing::Vpc | Thing::Function => &[],
        };
        let wrong = has.iter().find(|(part, has)| *has && !takes.contains(part));
        let text = message.key.as_ref().is_none_or(Json::is_string);
        let (what, help) = match (wrong, thing) {
            (Some((part, _)), _) => (format!("takes no `{part}`"), format!("remove `{part}`")),
            (None, Thing::Table) if !message.body.is_object() => (
                "takes rows: objects with a member for each field".to_owned(),
                "write `body = { FIELD = VALUE }`".to_owned(),
            ),
            (None, Thing::Stream) if !text => (
                "takes records whose key is text".to_owned(),
                "write `key = \"…\"`".to_owned(),
            ),
            (None, Thing::Bucket) if !text || message.key.is_none() => (
                "takes objects whose key is text".to_owned(),
                "write `key = \"…\"`".to_owned(),
            ),
            (None, _) => return Some(()),
        };
        let message = format!("`{}` is a {} and {what}", name.value, thing.word());
        self.report(
            Diagnostic::new(Code::FN1205, message)
                .label(name.span, "it would refuse this")
                .help(help),
        );
        None
    }

    /// Returns the key of the row or object that is to be deleted.
    pub(super) fn deleted(
        &mut self,
        table: &Name,
        thing: Thing,
        message: &Sending,
    ) -> Option<Json> {
        let (fits, form): (fn(&Json) -> bool, _) = if thing == Thing::Bucket {
            (Json::is_string, "\"…\"")
        } else {
            (Json::is_object, "{ FIELD = VALUE }")
        };
        let key = message.key.clone().filter(fits);
        if key.is_none() {
            let name = table.as_str();
            let message = format!("what is to be deleted from `{name}` isn't said");
            self.report(
                Diagnostic::new(Code::FN1205, message)
                    .label(table.span, "a key is missing")
                    .help(format!("write `delete {name} {{ key = {form} }}`")),
            );
        }
        key
    }

    /// Checks that an event on a bus has a type.
    pub(super) fn check_event(&mut self, bus: &Name, message: &Sending) -> Option<()> {
        if message.kind.as_ref().is_some_and(|it| !it.is_empty()) {
            return Some(());
        }
        let message = format!("`{}` is a bus: an event needs a type", bus.value);
        self.report(
            Diagnostic::new(Code::FN1205, message)
                .label(bus.span, "it would refuse this event")
                .help("add `type = \"…\"`"),
        );
        None
    }

    /// Checks that a fifo queue or topic gets a group, and no other does.
    pub(super) fn check_group(
        &mut self,
        name: &Name,
        fifo: Option<bool>,
        message: &Sending,
    ) -> Option<()> {
        let (what, help) = match (fifo?, &message.group, message.delay) {
            (true, None, _) => ("is fifo: a message needs a group", "add `group = \"…\"`"),
            (false, Some(_), _) => ("is not fifo: a message has no group", "remove `group`"),
            (true, Some(_), Some(delay)) if delay > Duration::ZERO => (
                "is fifo: it delays all its messages alike",
                "remove `delay`, or give the queue one",
            ),
            (true, Some(_), _) | (false, None, _) => return Some(()),
        };
        self.report(
            Diagnostic::new(Code::FN1205, format!("`{}` {what}", name.value))
                .label(name.span, "it would refuse this message")
                .help(help),
        );
        None
    }
}

impl Part<'_> {
    fn name(&self) -> &ast::Name {
        match self {
            Part::Value(it) => &it.key,
            Part::Block(it) => &it.word,
        }
    }
}
