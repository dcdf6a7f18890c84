//! A whole program: what it has once, what is absent in this stage, and the order in which things are read.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use super::Checker;
use super::arguments::bare_word;
use super::function::Common;
use super::scope::{Declared, thing};
use super::settings::Settings;
use super::value::{Kind, Value};
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{About, App, Setting, Target, Thing};
use crate::source::{Span, Spanned, Text};
use crate::syntax::ast::{self, Declaration, DeclarationKind, Expr, StatementKind};

/// Returns a documentation comment as one text.
pub(super) fn doc(docs: &[Spanned<String>]) -> Option<String> {
    let lines: Vec<_> = docs.iter().map(|it| it.value.trim_end()).collect();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

impl Checker<'_> {
    /// Reads the program; `None` when it has no `app`.
    pub(super) fn program(&mut self, files: &[ast::File]) -> Option<App> {
        let declarations = || files.iter().flat_map(|it| &it.declarations);
        self.once_only(files);
        for name in self.scope.constants.keys().copied().collect::<Vec<_>>() {
            let span = self
                .scope
                .constants
                .get(name)
                .map_or_else(Span::default, |it| it.span);
            self.constant(name, span);
        }
        for declaration in declarations() {
            self.presence(declaration);
        }
        self.http_defaults(files);
        let mut common = Common::default();
        for declaration in declarations() {
            if let DeclarationKind::Defaults(defaults) = &declaration.kind {
                common = self.defaults(defaults);
            }
        }
        let mut app = self.empty();
        for declaration in declarations() {
            self.declaration(declaration, &common, &mut app);
        }
        if self.scope.app.is_none() {
            if files.iter().all(|it| it.broken.is_empty()) {
                self.no_app(files);
            }
            return None;
        }
        derive_hidden(&mut app);
        Some(app)
    }

    /// Returns the program before its declarations; one without `app` has no name, and is given up when all is read.
    fn empty(&self) -> App {
        App {
            name: self.scope.app.map(ast::Name::to_name).unwrap_or_default(),
            doc: None,
            stage: self.scope.stage.clone(),
            targets: Target::ALL.to_vec(),
            secrets: IndexMap::new(),
            queues: IndexMap::new(),
            topics: IndexMap::new(),
            streams: IndexMap::new(),
            buckets: IndexMap::new(),
            tables: IndexMap::new(),
            buses: IndexMap::new(),
            layers: IndexMap::new(),
            vpcs: IndexMap::new(),
            functions: IndexMap::new(),
            outputs: IndexMap::new(),
            about: About::default(),
            raw: Vec::new(),
            settings: BTreeMap::new(),
        }
    }

    fn declaration(&mut self, declaration: &Declaration, common: &Common, app: &mut App) {
        let (docs, span) = (doc(&declaration.docs), declaration.span);
        match &declaration.kind {
            DeclarationKind::App(it) => {
                let settings = self.settings(it.block.as_ref(), Context::App);
                app.targets = self.targets(it, &settings);
                app.about.description = settings
                    .get("description")
                    .and_then(|it| self.text_setting(it));
                let tags = settings.get("tags").map(|it| self.tags(it));
                app.about.tags = tags.unwrap_or_default();
                app.about.domain = self.http.domain.clone();
                app.doc = docs;
            }
            DeclarationKind::Secret(it) => {
                if is_this(&it.name, &self.scope.secrets) {
                    let secret = self.lower_secret(it, docs, span);
                    app.secrets.insert(it.name.value.to_string(), secret);
                }
            }
            DeclarationKind::Resource(it) => {
                if is_this(&it.name, &self.scope.things) {
                    self.resource(it, docs, span, app);
                }
            }
            DeclarationKind::Function(it) => {
                if is_this(&it.name, &self.scope.things)
                    && let Some(function) = self.lower_function(it, docs, span, common)
                {
                    app.functions.insert(it.name.value.to_string(), function);
                }
            }
            DeclarationKind::Output(it) => {
                let name = it.name.as_str();
                let first = self.scope.outputs.get(name);
                if first.is_some_and(|first| first.span == it.name.span)
                    && let Some(output) = self.lower_output(it, docs, span)
                {
                    app.outputs.insert(name.to_owned(), output);
                }
            }
            DeclarationKind::Settings(it) => self.target_block(it, app),
            DeclarationKind::Import(_)
            | DeclarationKind::Stages(_)
            | DeclarationKind::Param(_)
            | DeclarationKind::Constant(_)
            | DeclarationKind::Defaults(_)
            | DeclarationKind::Test(_) => {}
        }
    }

    fn resource(&mut self, it: &ast::Resource, docs: Option<String>, span: Span, app: &mut App) {
        let name = it.name.value.to_string();
        match thing(it.kind.as_str()) {
            Some(Thing::Queue) => {
                app.queues.insert(name, self.lower_queue(it, docs, span));
            }
            Some(Thing::Topic) => {
                app.topics.insert(name, self.lower_topic(it, docs, span));
            }
            Some(Thing::Stream) => {
                app.streams.insert(name, self.lower_stream(it, docs, span));
            }
            Some(Thing::Bucket) => {
                app.buckets.insert(name, self.lower_bucket(it, docs, span));
            }
            Some(Thing::Table) => {
                app.tables.insert(name, self.lower_table(it, docs, span));
            }
            Some(Thing::Bus) => {
                app.buses.insert(name, self.lower_bus(it, docs, span));
            }
            Some(Thing::Layer) => {
                app.layers.insert(name, self.lower_layer(it, docs, span));
            }
            Some(Thing::Vpc) => {
                app.vpcs.insert(name, self.lower_vpc(it, docs, span));
            }
            Some(Thing::Function) | None => {}
        }
    }

    fn no_app(&mut self, files: &[ast::File]) {
        let start = files
            .first()
            .map_or_else(Span::default, |it| Span::new(it.source, 0, 0));
        self.report(
            Diagnostic::new(Code::FN0208, "the program has no `app`")
                .label(start, "it begins here")
                .help("name it in a line of its own, at the top: `app shop`"),
        );
    }

    /// Reports what a program has once and declares again, and declarations that don't exist.
    fn once_only(&mut self, files: &[ast::File]) {
        let mut seen: IndexMap<&str, Span> = IndexMap::new();
        for declaration in files.iter().flat_map(|it| &it.declarations) {
            let (word, span) = match &declaration.kind {
                DeclarationKind::App(it) => ("app", it.name.span),
                DeclarationKind::Stages(_) => ("stage", declaration.span),
                DeclarationKind::Defaults(it) => ("defaults", it.keyword),
                DeclarationKind::Resource(it) => {
                    self.known_resource(it);
                    continue;
                }
                DeclarationKind::Test(it) => {
                    self.test_in_program(it);
                    continue;
                }
                DeclarationKind::Import(_)
                | DeclarationKind::Output(_)
                | DeclarationKind::Settings(_)
                | DeclarationKind::Param(_)
                | DeclarationKind::Secret(_)
                | DeclarationKind::Constant(_)
                | DeclarationKind::Function(_) => continue,
            };
            match seen.get(word) {
                Some(first) => {
                    let first = *first;
                    self.report(
                        Diagnostic::new(Code::FN0223, format!("`{word}` stands twice"))
                            .label(span, "again here")
                            .label(first, "first here")
                            .help(format!("a program has one `{word}`; join the two")),
                    );
                }
                None => {
                    seen.insert(word, span);
                }
            }
        }
    }

    fn known_resource(&mut self, resource: &ast::Resource) {
        let kind = resource.kind.as_str();
        let unknown = |word: &str, span: Span| {
            let near = closest(
                word,
                [
                    "queue", "topic", "stream", "bucket", "table", "bus", "layer", "vpc",
                    "function", "secret",
                ],
            );
            Diagnostic::new(Code::FN0203, format!("`{word}` can't be declared"))
                .label(span, "this version of fnc doesn't know it")
                .help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "resources are queue, topic, stream, bucket, table, bus, layer and vpc"
                        .to_owned(),
                })
        };
        if thing(kind).is_none() {
            self.report(unknown(kind, resource.kind.span));
        }
    }

    /// Finds out whether a declaration is there in this stage.
    fn presence(&mut self, declaration: &Declaration) {
        let (name, when, secret) = match &declaration.kind {
            DeclarationKind::Secret(it) => (&it.name, &it.when, true),
            DeclarationKind::Resource(it) => (&it.name, &it.when, false),
            DeclarationKind::Function(it) => (&it.name, &it.when, false),
            DeclarationKind::App(_)
            | DeclarationKind::Import(_)
            | DeclarationKind::Stages(_)
            | DeclarationKind::Param(_)
            | DeclarationKind::Constant(_)
            | DeclarationKind::Defaults(_)
            | DeclarationKind::Output(_)
            | DeclarationKind::Settings(_)
            | DeclarationKind::Test(_) => return,
        };
        let Some(condition) = when else { return };
        if self.holds(condition) {
            return;
        }
        let names = if secret {
            &mut self.scope.secrets
        } else {
            &mut self.scope.things
        };
        if let Some(declared) = names
            .get_mut(name.as_str())
            .filter(|it| it.span == name.span)
        {
            declared.absent = Some(condition.span);
        }
    }

    /// Returns whether a `when` is true; what is wrong with it counts as true, so that its thing is checked.
    pub(super) fn holds(&mut self, condition: &Expr) -> bool {
        self.typed(condition, Kind::Bool, "`when`") != Some(Value::Bool(false))
    }

    /// Checks that a name stands for a thing of this kind that is there in this stage.
    pub(super) fn refers(&mut self, name: &Spanned<impl Text>, thing: Thing) -> bool {
        self.refers_to(name, &[thing]).is_some()
    }

    /// Returns what a name stands for when it is one of these kinds and there in this stage.
    pub(super) fn refers_to(
        &mut self,
        name: &Spanned<impl Text>,
        things: &[Thing],
    ) -> Option<Thing> {
        let words: Vec<_> = things.iter().map(|it| it.word()).collect();
        let words = words.join(" or ");
        let Some(declared) = self.scope.thing(name.as_str()) else {
            let names = self.scope.things.iter();
            let fits = |it: &Declared| it.thing.is_some_and(|it| things.contains(&it));
            let right_kind = names.filter(|(_, it)| fits(it)).map(|(name, _)| *name);
            let help = match closest(name.as_str(), right_kind) {
                Some(near) => format!("did you mean `{near}`?"),
                None if things == [Thing::Function] => {
                    "functions are declared with `function NAME { … }`".to_owned()
                }
                None => {
                    let kind = things.first().map_or("queue", |it| it.word());
                    format!("declare it: `{kind} {}`", name.value)
                }
            };
            let message = format!("there is no {words} `{}`", name.value);
            self.report(
                Diagnostic::new(Code::FN0202, message)
                    .label(name.span, "not declared")
                    .help(help),
            );
            return None;
        };
        // A kind that doesn't exist is already reported.
        let actual = declared.thing?;
        if !things.contains(&actual) {
            let message = format!("`{}` is a {}, not a {words}", name.value, actual.word());
            self.report(
                Diagnostic::new(Code::FN0204, message)
                    .label(name.span, format!("a {words} is needed here"))
                    .label(declared.span, "declared here")
                    .help(uses(actual)),
            );
            return None;
        }
        match declared.absent {
            Some(condition) => {
                self.absent_name(name, actual.word(), condition);
                None
            }
            None => Some(actual),
        }
    }

    /// Reports the use of a name that is absent in this stage.
    pub(super) fn absent_name(
        &mut self,
        name: &Spanned<impl Text>,
        what: &str,
        condition: Span,
    ) -> Value {
        let stage = self
            .scope
            .stage
            .clone()
            .map_or_else(String::new, |it| format!(" in stage `{it}`"));
        self.report(
            Diagnostic::new(
                Code::FN0209,
                format!("the {what} `{}` isn't there{stage}", name.value),
            )
            .label(name.span, "used here")
            .label(condition, "absent because this is false")
            .help("put the same `when` on what uses it"),
        )
    }

    fn targets(&mut self, app: &ast::App, settings: &Settings<'_>) -> Vec<Target> {
        let Some(setting) = settings.get("targets") else {
            // Where the block can't be read, nobody knows which targets it names.
            let mut statements = app.block.iter().flat_map(|it| &it.statements);
            return if statements.any(|it| matches!(it.kind, StatementKind::Broken)) {
                Vec::new()
            } else {
                Target::ALL.to_vec()
            };
        };
        if setting.arguments.is_empty() || setting.block.is_some() {
            self.wrong_form(setting, "targets aws, azure, knative");
        }
        let known = Target::ALL.map(|it| (it.word(), it));
        let mut chosen = Vec::new();
        for argument in &setting.arguments {
            match bare_word(argument) {
                Some(word) => chosen.extend(self.one_of(&word, "target", &known)),
                None => self.wrong_form(setting, "targets aws, azure, knative"),
            }
        }
        Target::ALL
            .into_iter()
            .filter(|it| chosen.contains(it))
            .collect()
    }
}

/// Returns how a thing is used.
fn uses(thing: Thing) -> &'static str {
    match thing {
        Thing::Queue => "queues are used with `can send` and `on queue`",
        Thing::Topic => "topics are used with `can publish` and `on topic`",
        Thing::Stream => "streams are used with `can write` and `on stream`",
        Thing::Bucket => "buckets are used with `can read`, `can write` and `on bucket`",
        Thing::Table => "tables are used with `can read`, `can write` and `on table`",
        Thing::Bus => "buses are used with `can publish` and `on event`",
        Thing::Layer => "layers are used with `layers`",
        Thing::Vpc => "networks are used with `vpc`",
        Thing::Function => "functions are used with `can invoke`",
    }
}

/// Tells whether this is the declaration that holds: the first of its name, and present in this stage.
fn is_this(name: &ast::Name, names: &IndexMap<&str, Declared>) -> bool {
    let declared = names.get(name.as_str());
    declared.is_some_and(|it| it.span == name.span && it.absent.is_none())
}

/// A message stays hidden for as long as the slowest of its consumers needs.
fn derive_hidden(app: &mut App) {
    let mut longest: IndexMap<String, Duration> = IndexMap::new();
    for name in app.queues.keys() {
        longest.insert(name.clone(), Duration::ZERO);
    }
    for function in app.functions.values() {
        for trigger in &function.triggers {
            if let crate::model::TriggerKind::Queue(it) = &trigger.kind {
                let needed = function.hidden_for(it);
                if let Some(longest) = longest.get_mut(it.queue.as_str()) {
                    *longest = needed.max(*longest);
                }
            }
        }
    }
    for (name, queue) in &mut app.queues {
        let needed = longest.get(name).copied().unwrap_or_default();
        if !queue.hidden.is_written() && !needed.is_zero() {
            queue.hidden = Setting::language(needed);
        }
    }
}
