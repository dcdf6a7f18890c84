//! Functions, and the settings they share with `defaults`.

use std::time::Duration;

use super::Checker;
use super::arguments::{arguments_span, bare_word};
use super::platform::Platform;
use super::scale::unscaled;
use super::settings::Settings;
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Arch, Contract, EnvVar, Expect, Function, Grant, Handler, Hatch, Name, Origin, RawAllow, Retry,
    Runtime, Scale, Setting, Size, Thing, Verb,
};
use crate::source::Span;
use crate::syntax::ast;

const MEMORY: Size = Size::mb(256);
const TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts after the first for pushed events where nothing is said.
const RETRY: u32 = 2;

/// The settings that a function may also take from `defaults`.
#[derive(Debug, Clone, Default)]
pub(super) struct Common {
    runtime: Option<Setting<Runtime>>,
    memory: Option<Setting<Size>>,
    timeout: Option<Setting<Duration>>,
    contract: Option<Setting<Contract>>,
    env: Vec<EnvVar>,
    scale: Option<Scale>,
    retry: Option<Setting<Retry>>,
    platform: Platform,
    hatches: Vec<Hatch>,
    allow: Vec<RawAllow>,
}

impl Checker<'_> {
    pub(super) fn defaults(&mut self, defaults: &ast::Defaults) -> Common {
        let settings = self.settings(Some(&defaults.block), Context::Defaults);
        let mut common = self.common(&settings);
        common.runtime.iter_mut().for_each(inherit);
        common.memory.iter_mut().for_each(inherit);
        common.timeout.iter_mut().for_each(inherit);
        common.contract.iter_mut().for_each(inherit);
        common.retry.iter_mut().for_each(inherit);
        common.platform.inherited();
        (common.hatches, common.allow) = self.hatches_and_rights(&settings, Context::FunctionHatch);
        if let Some(scale) = &mut common.scale {
            inherit(&mut scale.min);
            inherit(&mut scale.max);
            inherit(&mut scale.concurrency);
            inherit(&mut scale.target);
            inherit(&mut scale.idle);
        }
        common
    }

    fn common(&mut self, settings: &Settings<'_>) -> Common {
        Common {
            runtime: settings.get("runtime").and_then(|it| self.runtime(it)),
            memory: settings.get("memory").and_then(|it| self.size_setting(it)),
            timeout: settings
                .get("timeout")
                .and_then(|it| self.positive_duration(it)),
            contract: settings.get("contract").and_then(|it| self.contract(it)),
            env: settings
                .get("env")
                .map(|it| self.env(it))
                .unwrap_or_default(),
            scale: settings.get("scale").and_then(|it| self.scale(it)),
            retry: settings.get("retry").and_then(|it| self.retry(it)),
            platform: self.platform(settings),
            hatches: Vec::new(),
            allow: Vec::new(),
        }
    }

    pub(super) fn lower_function(
        &mut self,
        function: &ast::Function,
        doc: Option<String>,
        span: Span,
        defaults: &Common,
    ) -> Option<Function> {
        let settings = self.settings(Some(&function.block), Context::Function);
        let own = self.common(&settings);
        let runtime = own.runtime.or(defaults.runtime);
        let handler = self.handler(function, &settings, runtime.map(|it| it.value));
        let mut can = self.grants(&settings);
        let named = self.physical_name(&settings);
        let (own_hatches, own_allow) = self.hatches_and_rights(&settings, Context::FunctionHatch);
        let expect = settings.get("expect").and_then(|it| self.expect(it));
        let mut triggers: Vec<_> = settings
            .triggers
            .iter()
            .filter_map(|(statement, trigger)| self.trigger(statement, trigger))
            .collect();
        let handler = handler?;
        let runtime = runtime.or_else(|| by_file(&handler.file)).or_else(|| {
            self.no_runtime(&handler);
            None
        })?;
        let platform = own.platform.over(&defaults.platform);
        let mut hatches = defaults.hatches.clone();
        hatches.extend(own_hatches);
        let mut allow = defaults.allow.clone();
        allow.extend(own_allow);
        let mut env = defaults.env.clone();
        for variable in own.env {
            match env
                .iter_mut()
                .find(|it| it.name.value == variable.name.value)
            {
                Some(inherited) => *inherited = variable,
                None => env.push(variable),
            }
        }
        // Programs are kept whole, and growing vectors make room for four.
        can.shrink_to_fit();
        triggers.shrink_to_fit();
        env.shrink_to_fit();
        let dropped = Retry {
            count: RETRY,
            park: None,
        };
        Some(Function {
            name: function.name.to_name(),
            doc,
            span,
            handler,
            runtime,
            memory: own
                .memory
                .or(defaults.memory)
                .unwrap_or(Setting::language(MEMORY)),
            timeout: own
                .timeout
                .or(defaults.timeout)
                .unwrap_or(Setting::language(TIMEOUT)),
            contract: own
                .contract
                .or(defaults.contract)
                .unwrap_or(Setting::language(Contract::Portable)),
            env,
            can,
            triggers,
            scale: own
                .scale
                .or_else(|| defaults.scale.clone())
                .unwrap_or_else(unscaled),
            retry: own
                .retry
                .or_else(|| defaults.retry.clone())
                .unwrap_or(Setting::language(dropped)),
            expect,
            disk: platform.disk,
            arch: platform.arch.unwrap_or(Setting::language(Arch::X64)),
            logs: platform.logs,
            trace: platform.trace.unwrap_or(Setting::language(false)),
            tags: platform.tags,
            layers: platform.layers.unwrap_or_default(),
            vpc: platform.vpc,
            named,
            allow,
            hatches,
        })
    }

    fn no_runtime(&mut self, handler: &Handler) {
        self.report(
            Diagnostic::new(
                Code::FN0305,
                format!("no runtime is known for `{}`", handler.file),
            )
            .label(handler.span, "the ending of the file doesn't tell")
            .help("handlers are `.py`, `.js`, `.mjs` or `.cjs` files; another language needs `runtime custom` or `runtime container`"),
        );
    }

    fn runtime(&mut self, setting: &ast::Setting) -> Option<Setting<Runtime>> {
        let argument = self.single(setting, "runtime python3.13")?;
        let known = Runtime::ALL.map(|it| (it.word(), it));
        let Some(word) = bare_word(argument) else {
            self.wrong_form(setting, "runtime python3.13");
            return None;
        };
        self.one_of(&word, "runtime", &known)
            .map(|it| Setting::written(it, word.span))
    }

    fn contract(&mut self, setting: &ast::Setting) -> Option<Setting<Contract>> {
        let argument = self.single(setting, "contract portable")?;
        let Some(word) = bare_word(argument) else {
            self.wrong_form(setting, "contract portable");
            return None;
        };
        let known = [
            ("portable", Contract::Portable),
            ("lambda", Contract::Lambda),
        ];
        let contract = self.one_of(&word, "contract", &known);
        contract.map(|it| Setting::written(it, word.span))
    }

    fn grants(&mut self, settings: &Settings<'_>) -> Vec<Grant> {
        let mut grants: Vec<Grant> = Vec::new();
        for setting in settings.all("can") {
            let form = "can VERB NAME, …";
            let words: Option<Vec<_>> = setting.arguments.iter().map(bare_word).collect();
            let words = words
                .filter(|_| setting.block.is_none())
                .unwrap_or_default();
            let commas = setting.arguments.iter().skip(2).all(|it| it.after_comma);
            let ([verb, names @ ..], true) = (words.as_slice(), commas) else {
                self.wrong_form(setting, form);
                continue;
            };
            let known = [
                Verb::Send,
                Verb::Publish,
                Verb::Write,
                Verb::Read,
                Verb::Invoke,
                Verb::Reply,
            ]
            .map(|it| (it.word(), it));
            let Some(verb) = self.one_of(verb, "right", &known) else {
                continue;
            };
            if verb == Verb::Reply {
                self.reply(setting, names, &mut grants);
                continue;
            }
            if names.is_empty() || setting.arguments.get(1).is_some_and(|it| it.after_comma) {
                self.wrong_form(setting, form);
            }
            let things: &[Thing] = match verb {
                Verb::Send => &[Thing::Queue],
                Verb::Publish => &[Thing::Topic, Thing::Bus],
                Verb::Write => &[Thing::Stream, Thing::Bucket, Thing::Table],
                Verb::Read => &[Thing::Bucket, Thing::Table],
                Verb::Invoke | Verb::Reply => &[Thing::Function],
            };
            for name in names {
                let first = grants
                    .iter()
                    .find(|it| it.verb == verb && it.resource.value == name.value);
                if let Some(first) = first.map(|it| it.resource.span) {
                    self.given_twice(name, first);
                } else if let Some(of) = self.refers_to(name, things) {
                    grants.push(Grant {
                        verb,
                        of,
                        resource: name.clone(),
                    });
                }
            }
        }
        grants
    }

    /// Reads `can reply`: to whoever has connected to the app's websocket, so it names nothing.
    fn reply(&mut self, setting: &ast::Setting, names: &[Name], grants: &mut Vec<Grant>) {
        let span = setting
            .arguments
            .first()
            .map_or(setting.word.span, |it| it.span);
        if !names.is_empty() {
            self.wrong_form(setting, "can reply");
        }
        let resource = Name::new("websocket".to_owned(), span);
        if let Some(first) = grants.iter().find(|it| it.verb == Verb::Reply) {
            let word = Name::new("can reply".to_owned(), span);
            self.given_twice(&word, first.resource.span);
            return;
        }
        grants.push(Grant {
            verb: Verb::Reply,
            of: Thing::Function,
            resource,
        });
    }

    fn expect(&mut self, setting: &ast::Setting) -> Option<Expect> {
        let form = "expect RATE taking DURATION";
        let plain = |it: &ast::Argument| it.range.is_none() && !it.after_comma;
        let (rate, taking) = match setting.arguments.as_slice() {
            [rate, word, taking]
                if bare_word(word).is_some_and(|it| it.value == "taking")
                    && setting.block.is_none()
                    && setting.arguments.iter().all(plain) =>
            {
                (rate, taking)
            }
            _ => {
                self.wrong_form(setting, form);
                return None;
            }
        };
        let rate = self.rate(&rate.value, "`expect`");
        let taking = self.duration(&taking.value, "`taking`");
        Some(Expect {
            rate: rate?,
            taking: taking?,
            span: arguments_span(setting),
        })
    }
}

pub(super) fn inherit<T>(setting: &mut Setting<T>) {
    if let Origin::Written(span) = setting.origin {
        setting.origin = Origin::Defaults(span);
    }
}

fn by_file(file: &str) -> Option<Setting<Runtime>> {
    let runtime = match file.rsplit_once('.')?.1 {
        "py" => Runtime::Python313,
        "js" | "mjs" | "cjs" => Runtime::Node22,
        _ => return None,
    };
    Some(Setting::language(runtime))
}
