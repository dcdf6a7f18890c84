//! The steps of a test.

use jiff::Timestamp;

use super::super::Checker;
use super::super::arguments::{arguments_span, bare_word};
use super::super::words::Context;
use super::Before;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{HttpCall, Method, Name, Step, StepKind, Stub, Thing, TriggerKind};
use crate::source::Span;
use crate::syntax::ast::{self, Argument};

impl Checker<'_> {
    /// Reads a step; what is wrong with it is reported.
    pub(super) fn step(
        &mut self,
        setting: &ast::Setting,
        span: Span,
        before: &mut Before,
    ) -> Option<Step> {
        let word = Context::Test.words().iter();
        let Some(word) = word.clone().find(|it| it.name == setting.word.as_str()) else {
            self.unknown_step(&setting.word);
            return None;
        };
        let kind = self.step_kind(setting, word.form, before)?;
        self.time_passes(&kind, arguments_span(setting), before);
        Some(Step { span, kind })
    }

    fn unknown_step(&mut self, word: &ast::Name) {
        let words = Context::Test.words();
        let names: Vec<_> = words.iter().map(|it| it.name).collect();
        let help = match closest(word.as_str(), names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("steps are {}", names.join(", ")),
        };
        self.report(
            Diagnostic::new(Code::FN0203, format!("there is no step `{}`", word.value))
                .label(word.span, "unknown")
                .help(help),
        );
    }

    fn step_kind(
        &mut self,
        setting: &ast::Setting,
        form: &str,
        before: &Before,
    ) -> Option<StepKind> {
        match setting.word.as_str() {
            "stub" => self.stub(setting, form),
            "http" => self.http_call(setting, form),
            "send" => {
                let queue = self.only_name(setting, form, &[Thing::Queue])?;
                let message = self.sending(setting.block.as_ref())?;
                let fifo = before.app.queues.get(queue.as_str());
                self.check_group(&queue, fifo.map(|it| it.fifo.value), &message)?;
                self.check_parts(&queue, Thing::Queue, &message)?;
                Some(StepKind::Send { queue, message })
            }
            "publish" => {
                let topic = self.only_name(setting, form, &[Thing::Topic, Thing::Bus])?;
                let message = self.sending(setting.block.as_ref())?;
                let fifo = before.app.topics.get(topic.as_str());
                let bus = before.app.buses.contains_key(topic.as_str());
                let fifo = fifo.map(|it| it.fifo.value).or(bus.then_some(false));
                self.check_group(&topic, fifo, &message)?;
                let thing = if bus { Thing::Bus } else { Thing::Topic };
                self.check_parts(&topic, thing, &message)?;
                if bus {
                    self.check_event(&topic, &message)?;
                }
                Some(StepKind::Publish { topic, message })
            }
            "write" => {
                let stream = self.only_name(setting, form, &[Thing::Stream])?;
                let message = self.sending(setting.block.as_ref())?;
                self.check_parts(&stream, Thing::Stream, &message)?;
                Some(StepKind::Write { stream, message })
            }
            "put" | "delete" => {
                let name = self.only_name(setting, form, &[Thing::Table, Thing::Bucket])?;
                let message = self.sending(setting.block.as_ref())?;
                let bucket = before.app.buckets.contains_key(name.as_str());
                let thing = if bucket { Thing::Bucket } else { Thing::Table };
                if setting.word.as_str() == "put" {
                    self.check_parts(&name, thing, &message)?;
                    return Some(StepKind::Put { to: name, message });
                }
                let key = self.deleted(&name, thing, &message)?;
                Some(StepKind::Delete { from: name, key })
            }
            "fire" if setting.block.is_none() => {
                let function = self.only_name(setting, form, &[Thing::Function])?;
                self.check_schedule(&function, before)?;
                Some(StepKind::Fire(function))
            }
            "invoke" => {
                let function = self.only_name(setting, form, &[Thing::Function])?;
                let message = self.sending(setting.block.as_ref())?;
                Some(StepKind::Invoke {
                    function,
                    data: message.body,
                })
            }
            "after" => {
                let time = self.duration_setting(setting)?;
                Some(StepKind::After(time.value))
            }
            "at" => {
                let text = self.text_setting(setting)?;
                let Ok(time) = text.value.parse::<Timestamp>() else {
                    self.form("at", text.span, form);
                    return None;
                };
                Some(StepKind::At(time.as_millisecond()))
            }
            "expect" => {
                let expectation = self.expectation(setting, form, before)?;
                Some(StepKind::Expect(expectation))
            }
            _ => {
                self.wrong_form(setting, form);
                None
            }
        }
    }

    /// Returns the only argument of a step: the name of one of these things.
    fn only_name(&mut self, setting: &ast::Setting, form: &str, things: &[Thing]) -> Option<Name> {
        let [only] = setting.arguments.as_slice() else {
            self.wrong_form(setting, form);
            return None;
        };
        let Some(name) = bare_word(only) else {
            self.form(setting.word.as_str(), only.span, form);
            return None;
        };
        self.refers_to(&name, things).is_some().then_some(name)
    }

    /// Returns the name that an argument is, of such a thing.
    pub(super) fn named(
        &mut self,
        argument: &Argument,
        setting: &ast::Setting,
        form: &str,
        thing: Thing,
    ) -> Option<Name> {
        let Some(name) = bare_word(argument) else {
            self.form(setting.word.as_str(), argument.span, form);
            return None;
        };
        self.refers(&name, thing).then_some(name)
    }

    fn stub(&mut self, setting: &ast::Setting, form: &str) -> Option<StepKind> {
        let (function, rest) = match setting.arguments.as_slice() {
            [function, rest @ ..] if !rest.is_empty() => (function, rest),
            _ => {
                self.wrong_form(setting, form);
                return None;
            }
        };
        let function = self.named(function, setting, form, Thing::Function)?;
        let verb = rest.first().and_then(bare_word);
        let verb = verb.as_ref().map(Name::as_str);
        let stub = match (verb, rest, &setting.block) {
            (Some("fails"), [_], None) => Stub::Fails(None),
            (Some("fails"), [_, count], None) => {
                Stub::Fails(Some(self.count(&count.value, "`fails`", 1)?))
            }
            (Some("answers"), [_], Some(block)) => {
                Stub::Answers(self.object_block(block, "answers")?)
            }
            (Some("answers"), [_, value], None) => Stub::Answers(self.json_value(&value.value)?),
            (Some("takes"), [_, time], None) => Stub::Takes(self.duration(&time.value, "`takes`")?),
            _ => {
                self.wrong_form(setting, form);
                return None;
            }
        };
        Some(StepKind::Stub { function, stub })
    }

    fn http_call(&mut self, setting: &ast::Setting, form: &str) -> Option<StepKind> {
        let [method, path] = setting.arguments.as_slice() else {
            self.wrong_form(setting, form);
            return None;
        };
        let Some(method) = bare_word(method) else {
            self.form("http", method.span, form);
            return None;
        };
        let methods = Method::ALL.iter().filter(|it| **it != Method::Any);
        let methods: Vec<_> = methods.map(|it| (it.word(), *it)).collect();
        let method = self.one_of(&method, "method", &methods)?;
        let path = self.text(&path.value, "the path of a request")?;
        if !path.value.starts_with('/') {
            self.form("http", path.span, form);
            return None;
        }
        let (path, asked) = match path.value.split_once('?') {
            Some((path, query)) => (path.to_owned(), pairs(query)),
            None => (path.value, Vec::new()),
        };
        let mut call = HttpCall {
            method,
            path,
            body: None,
            headers: Vec::new(),
            query: asked,
        };
        self.request(setting.block.as_ref(), &mut call)?;
        Some(StepKind::Http(call))
    }

    /// Checks that a function has a schedule to fire.
    fn check_schedule(&mut self, name: &Name, before: &Before) -> Option<()> {
        let function = before.app.functions.get(name.as_str())?;
        let mut kinds = function.triggers.iter().map(|it| &it.kind);
        let scheduled =
            kinds.any(|it| matches!(it, TriggerKind::Schedule(_) | TriggerKind::Every(_)));
        if scheduled {
            return Some(());
        }
        self.report(
            Diagnostic::new(Code::FN1202, format!("`{}` has no schedule", name.value))
                .label(name.span, "there is nothing to fire")
                .label(function.name.span, "declared here")
                .help(format!("call it: `invoke {}`", name.value)),
        );
        None
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|it| !it.is_empty());
    let pair = |it: &str| match it.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (it.to_owned(), String::new()),
    };
    parts.map(pair).collect()
}
