//! Triggers.

use std::time::Duration;

use jiff::tz::TimeZoneDatabase;
use serde_json::{Map, Value as Json};

use super::Checker;
use super::arguments::{bare_word, is_word};
use super::program::doc;
use super::settings::Settings;
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{
    Cron, EveryTrigger, HttpTrigger, Method, Name, RawTrigger, Route, RouteSegment,
    ScheduleTrigger, Target, Thing, TopicTrigger, Trigger, TriggerKind, duration_text,
};
use crate::source::Spanned;
use crate::syntax::ast::{self, Argument};

const FORMS: &[(&str, &str)] = &[
    ("http", "on http METHOD \"/path\""),
    ("schedule", "on schedule \"0 3 * * *\" in \"ZONE\""),
    ("every", "on every 5m"),
    ("queue", "on queue NAME"),
    ("topic", "on topic NAME"),
    ("stream", "on stream NAME"),
    ("table", "on table NAME changed"),
    ("bucket", "on bucket NAME created"),
    ("event", "on event \"TYPE\" from BUS"),
    ("websocket", super::websocket::FORM),
];

impl Checker<'_> {
    /// Reads a trigger; `None` when it is absent in this stage or too broken to go on.
    pub(super) fn trigger(
        &mut self,
        statement: &ast::Statement,
        trigger: &ast::Trigger,
    ) -> Option<Trigger> {
        let present = trigger.when.as_ref().is_none_or(|it| self.holds(it));
        let (first, rest) = trigger.arguments.split_first()?;
        let source = bare_word(first);
        let raw = source.as_ref().and_then(|it| Target::parse(it.as_str()));
        if let Some(target) = raw {
            let raw = self.raw_trigger(target, statement, trigger)?;
            return present.then_some(raw);
        }
        let known = source
            .as_ref()
            .and_then(|word| FORMS.iter().find(|(it, _)| *it == word.value));
        let Some((word, form)) = known else {
            self.unknown_source(first, source.as_ref());
            return None;
        };
        let plain = |it: &Argument| it.range.is_none() && !it.after_comma;
        let rest: Vec<&Argument> = rest.iter().collect();
        let kind = if rest.iter().all(|it| plain(it)) {
            self.kind(word, &rest, trigger)
        } else {
            None
        };
        let Some(kind) = kind else {
            let last = rest.last().map_or(first.span, |it| it.span);
            self.form("on", first.span.to(last), form);
            return None;
        };
        let kind = kind.ok()?;
        let filter = trigger.filter.as_ref();
        let filter = filter.and_then(|it| self.filter(it, &kind));
        let blocks = Settings::hatches(trigger.block.as_ref(), Context::Http);
        let hatches = self.hatches(&blocks);
        present.then(|| Trigger {
            doc: doc(&statement.docs),
            span: statement.span,
            kind,
            filter,
            hatches,
        })
    }

    /// Reads `on aws { KEY = value }`.
    fn raw_trigger(
        &mut self,
        target: Target,
        statement: &ast::Statement,
        trigger: &ast::Trigger,
    ) -> Option<Trigger> {
        let (first, last) = (trigger.arguments.first()?, trigger.arguments.last()?);
        let (Some(block), [_]) = (&trigger.block, trigger.arguments.as_slice()) else {
            let form = format!("on {} {{ Type = \"…\" }}", target.word());
            self.form("on", first.span.to(last.span), &form);
            return None;
        };
        if let Some(filter) = &trigger.filter {
            self.misplaced(
                filter.span,
                "a trigger in a target's own words takes no `where`".to_owned(),
                "write the filter in the target's own words too",
            );
        }
        let body = self.raw_block(first.span, block);
        Some(Trigger {
            doc: doc(&statement.docs),
            span: statement.span,
            kind: TriggerKind::Raw(RawTrigger { target, body }),
            filter: None,
            hatches: Vec::new(),
        })
    }

    fn unknown_source(&mut self, first: &Argument, source: Option<&Name>) {
        let words: Vec<_> = FORMS.iter().map(|(word, _)| *word).collect();
        let word = source.map_or("this", |it| it.as_str());
        let declared = self.scope.things.get(word).map(|it| it.word());
        let help = match (declared, closest(word, words.iter().copied())) {
            (Some("table"), _) => format!("say what happens: `on table {word} changed`"),
            (Some("bucket"), _) => format!("say what happens: `on bucket {word} created`"),
            (Some("bus"), _) => format!("say which event: `on event \"TYPE\" from {word}`"),
            (Some(kind), _) => format!("say what it is: `on {kind} {word}`"),
            (None, Some(near)) => format!("did you mean `on {near}`?"),
            (None, None) => format!("functions start on {}", words.join(", ")),
        };
        self.report(
            Diagnostic::new(Code::FN0203, format!("nothing starts on `{word}`"))
                .label(first.span, "unknown trigger")
                .help(help),
        );
    }

    /// Reads what follows `on`: `None` when it has the wrong form, `Err` when it was reported.
    fn kind(
        &mut self,
        word: &str,
        rest: &[&Argument],
        trigger: &ast::Trigger,
    ) -> Option<Result<TriggerKind, ()>> {
        let block = trigger.block.as_ref();
        let reported = |kind: Option<TriggerKind>| Some(kind.ok_or(()));
        match (word, rest) {
            ("http", [method, path]) => {
                let settings = self.settings(block, Context::Http);
                let auth = self.route_auth(&settings);
                let cors = self.route_cors(&settings);
                let method = self.method(method);
                let route = self.route(path);
                reported(method.zip(route).map(|(method, route)| {
                    TriggerKind::Http(HttpTrigger {
                        method,
                        route,
                        auth,
                        cors,
                    })
                }))
            }
            ("schedule", [cron, zone @ ..]) => {
                let zone = match zone {
                    [] => None,
                    [word, zone] if is_word(word, "in") => Some(*zone),
                    _ => return None,
                };
                let input = self.input(block);
                let cron = self.cron(cron);
                let zone = zone.map(|it| self.zone(it));
                reported(
                    match (cron, zone) {
                        (Some(cron), None) => Some((cron, None)),
                        (Some(cron), Some(Some(zone))) => Some((cron, Some(zone))),
                        (None, _) | (Some(_), Some(None)) => None,
                    }
                    .map(|(cron, zone)| {
                        TriggerKind::Schedule(Box::new(ScheduleTrigger { cron, zone, input }))
                    }),
                )
            }
            ("every", [interval]) => {
                let input = self.input(block);
                let interval = self.interval(interval);
                reported(
                    interval.map(|interval| TriggerKind::Every(EveryTrigger { interval, input })),
                )
            }
            ("queue", [name]) => {
                let queue = bare_word(name)?;
                let trigger = self.queue_trigger(&queue, block);
                let known = self.refers(&queue, Thing::Queue);
                reported(known.then_some(TriggerKind::Queue(trigger)))
            }
            ("topic", [name]) => {
                let topic = bare_word(name)?;
                self.settings(block, Context::TopicTrigger);
                let known = self.refers(&topic, Thing::Topic);
                reported(known.then_some(TriggerKind::Topic(TopicTrigger { topic })))
            }
            ("stream", [name]) => {
                let stream = bare_word(name)?;
                let trigger = self.stream_trigger(&stream, block, Context::StreamTrigger);
                let known = self.refers(&stream, Thing::Stream);
                reported(known.then_some(TriggerKind::Stream(trigger)))
            }
            ("table", [name, changed]) if is_word(changed, "changed") => {
                let table = bare_word(name)?;
                let trigger = self.stream_trigger(&table, block, Context::TableTrigger);
                let known = self.refers(&table, Thing::Table);
                reported(known.then_some(TriggerKind::Table(trigger)))
            }
            ("bucket", [name, change]) => {
                let (bucket, change) = bare_word(name).zip(bare_word(change))?;
                let trigger = self.bucket_trigger(&bucket, &change, block);
                let known = self.refers(&bucket, Thing::Bucket);
                reported(trigger.filter(|_| known).map(TriggerKind::Bucket))
            }
            ("event", [event, from, bus]) if is_word(from, "from") => {
                let bus = bare_word(bus)?;
                let trigger = self.event_trigger(event, &bus, block);
                let known = self.refers(&bus, Thing::Bus);
                reported(trigger.filter(|_| known).map(TriggerKind::Event))
            }
            ("websocket", rest) => {
                let kind = self.websocket_trigger(rest, block)?;
                Some(kind.map(TriggerKind::Websocket))
            }
            _ => None,
        }
    }

    fn method(&mut self, argument: &Argument) -> Option<Spanned<Method>> {
        let word = bare_word(argument);
        if let Some(method) = word.as_ref().and_then(|it| Method::parse(it.as_str())) {
            return Some(Spanned::new(method, argument.span));
        }
        let words = Method::ALL.map(Method::word);
        let near = word.as_ref().and_then(|it| closest(it.as_str(), words));
        let shown = word.map_or("this".to_owned(), |it| format!("`{}`", it.value));
        self.report(
            Diagnostic::new(Code::FN0403, format!("{shown} is not an http method"))
                .label(argument.span, "unknown method")
                .help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("methods are {}", words.join(", ")),
                }),
        );
        None
    }

    fn route(&mut self, argument: &Argument) -> Option<Spanned<Route>> {
        let text = self.text(&argument.value, "a path")?;
        match parse_route(&text.value) {
            Ok(route) => Some(Spanned::new(route, text.span)),
            Err(problem) => {
                self.report(
                    Diagnostic::new(Code::FN0402, format!("`{}` is not a path", text.value))
                        .label(text.span, problem)
                        .help("a path is like `/orders/{id}`, or `/files/{rest+}` for all below `/files`"),
                );
                None
            }
        }
    }

    fn cron(&mut self, argument: &Argument) -> Option<Spanned<Cron>> {
        let text = self.text(&argument.value, "a schedule")?;
        let cron = match Cron::parse(&text.value) {
            Ok(cron) => cron,
            Err(problem) => {
                self.report(
                    Diagnostic::new(Code::FN0404, format!("the cron expression {problem}"))
                        .label(text.span, "not five good fields")
                        .help(
                            "for example `0 3 * * *`: every day at three; `*/15 8-17 * * MON-FRI`",
                        ),
                );
                return None;
            }
        };
        if !cron.can_fire() {
            self.report(
                Diagnostic::new(Code::FN0405, format!("`{cron}` never comes"))
                    .label(text.span, "no such date")
                    .help("check day of month and month: the third and the fourth field"),
            );
        }
        Some(Spanned::new(cron, text.span))
    }

    fn zone(&mut self, argument: &Argument) -> Option<Spanned<String>> {
        let text = self.text(&argument.value, "a zone")?;
        // The names that are part of the program: the machine's own zones may differ.
        let names = TimeZoneDatabase::bundled();
        let zones: Vec<_> = names.available().map(|it| it.as_str().to_owned()).collect();
        if zones.contains(&text.value) {
            return Some(text);
        }
        self.report(
            Diagnostic::new(
                Code::FN0406,
                format!("there is no time zone `{}`", text.value),
            )
            .label(text.span, "unknown zone")
            .help(
                match closest(&text.value, zones.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => {
                        "zones have IANA names: \"Europe/Berlin\", \"America/New_York\", \"UTC\""
                            .to_owned()
                    }
                },
            ),
        );
        None
    }

    fn interval(&mut self, argument: &Argument) -> Option<Spanned<Duration>> {
        let interval = self.duration(&argument.value, "`every`")?;
        let (minute, hour, day) = (60_000, 3_600_000, 86_400_000);
        let ms = interval.as_millis();
        let divides = ms > 0 && (hour % ms == 0 || (ms % hour == 0 && day % ms == 0));
        if ms >= minute && ms % minute == 0 && divides {
            return Some(Spanned::new(interval, argument.span));
        }
        let label = if ms < minute {
            "shorter than a minute"
        } else {
            "ticks would drift from day to day"
        };
        self.report(
            Diagnostic::new(Code::FN0407, format!("`every {}` can't be kept", duration_text(interval)))
                .label(argument.span, label)
                .help("it divides an hour or a day: 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m 1h 2h 3h 4h 6h 8h 12h 1d"),
        );
        None
    }

    fn input(&mut self, block: Option<&ast::Block>) -> Map<String, Json> {
        let settings = self.settings(block, Context::Schedule);
        let mut input = Map::new();
        let Some(setting) = settings.get("input") else {
            return input;
        };
        for entry in self.entries(setting) {
            let value = self.eval(&entry.value);
            match value.json() {
                Some(json) => {
                    input.insert(entry.key.value.to_string(), json);
                }
                None if value.kind().is_some() => {
                    self.deployed(entry.value.span);
                }
                None => {}
            }
        }
        input
    }
}

/// Reads a path; the error says what is wrong with it.
fn parse_route(text: &str) -> Result<Route, String> {
    let Some(rest) = text.strip_prefix('/') else {
        return Err("a path begins with `/`".to_owned());
    };
    let mut segments: Vec<RouteSegment> = Vec::new();
    if rest.is_empty() {
        return Ok(Route { segments });
    }
    for part in rest.split('/') {
        if matches!(segments.last(), Some(RouteSegment::Rest(_))) {
            return Err("`{name+}` takes all that follows, so it stands last".to_owned());
        }
        let inner = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        let segment = match inner {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => RouteSegment::Rest(param_name(name, &segments)?),
                None => RouteSegment::Param(param_name(name, &segments)?),
            },
            None => RouteSegment::Literal(literal(part)?),
        };
        segments.push(segment);
    }
    Ok(Route { segments })
}

fn param_name(name: &str, before: &[RouteSegment]) -> Result<String, String> {
    let mut letters = name.chars();
    let starts = letters
        .next()
        .is_some_and(|it| it.is_ascii_alphabetic() || it == '_');
    if !starts || !letters.all(|it| it.is_ascii_alphanumeric() || it == '_') {
        return Err(format!(
            "`{name}` is not a parameter's name: letters, digits and `_`"
        ));
    }
    let same = |it: &RouteSegment| match it {
        RouteSegment::Param(other) | RouteSegment::Rest(other) => other == name,
        RouteSegment::Literal(_) => false,
    };
    if before.iter().any(same) {
        return Err(format!("`{{{name}}}` stands twice"));
    }
    Ok(name.to_owned())
}

/// The unreserved characters and sub-delimiters of RFC 3986, section 3.3, without those that gateways treat specially.
fn literal(part: &str) -> Result<String, String> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "-._~!$'(),;=:@".contains(it);
    match part.chars().find(|it| !allowed(*it)) {
        _ if part.is_empty() => Err("a part between two `/` is empty".to_owned()),
        _ if matches!(part, "." | "..") => Err("`.` and `..` are no parts of a path".to_owned()),
        Some(it) if "{}".contains(it) => {
            Err("a parameter is a whole part: `/{id}`, not `/x{id}`".to_owned())
        }
        Some(it) => Err(format!("`{it}` can't stand in a path")),
        None => Ok(part.to_owned()),
    }
}
