//! A whole program: what it has once, what is absent in this stage, and the order in which things are read.

use std::time::Duration;

use indexmap::IndexMap;

use super::Checker;
use super::arguments::bare_word;
use super::function::Common;
use super::scope::{Declared, Thing};
use super::value::{Kind, Value};
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{App, Function, Name, Queue, Secret, Setting, Target, Topic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Declaration, DeclarationKind, Expr};

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
        let mut common = Common::default();
        for declaration in declarations() {
            if let DeclarationKind::Defaults(defaults) = &declaration.kind {
                common = self.defaults(defaults);
            }
        }
        let mut targets = Target::ALL.to_vec();
        let mut app_doc = None;
        let mut secrets: IndexMap<String, Secret> = IndexMap::new();
        let mut queues: IndexMap<String, Queue> = IndexMap::new();
        let mut topics: IndexMap<String, Topic> = IndexMap::new();
        let mut functions: IndexMap<String, Function> = IndexMap::new();
        for declaration in declarations() {
            let (docs, span) = (doc(&declaration.docs), declaration.span);
            match &declaration.kind {
                DeclarationKind::App(app) => {
                    targets = self.targets(app);
                    app_doc = docs;
                }
                DeclarationKind::Secret(it) => {
                    if is_this(&it.name, &self.scope.secrets) {
                        let secret = self.lower_secret(it, docs, span);
                        secrets.insert(it.name.value.clone(), secret);
                    }
                }
                DeclarationKind::Resource(it) => {
                    if !is_this(&it.name, &self.scope.things) {
                        continue;
                    }
                    if it.kind.value == "queue" && it.external.is_none() {
                        let queue = self.lower_queue(it, docs, span);
                        queues.insert(it.name.value.clone(), queue);
                    } else if it.kind.value == "topic" && it.external.is_none() {
                        let topic = self.lower_topic(it, docs, span);
                        topics.insert(it.name.value.clone(), topic);
                    }
                }
                DeclarationKind::Function(it) => {
                    if is_this(&it.name, &self.scope.things)
                        && let Some(function) = self.lower_function(it, docs, span, &common)
                    {
                        functions.insert(it.name.value.clone(), function);
                    }
                }
                DeclarationKind::Import(_)
                | DeclarationKind::Stages(_)
                | DeclarationKind::Param(_)
                | DeclarationKind::Constant(_)
                | DeclarationKind::Defaults(_)
                | DeclarationKind::Output(_)
                | DeclarationKind::Settings(_)
                | DeclarationKind::Test(_) => {}
            }
        }
        let Some(name) = self.scope.app.cloned() else {
            if files.iter().all(|it| it.broken.is_empty()) {
                self.no_app(files);
            }
            return None;
        };
        let mut app = App {
            name,
            doc: app_doc,
            stage: self.scope.stage.clone(),
            targets,
            secrets,
            queues,
            topics,
            functions,
        };
        derive_hidden(&mut app);
        Some(app)
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
                DeclarationKind::Import(_) => {
                    self.no_declaration("import", declaration);
                    continue;
                }
                DeclarationKind::Output(_) => {
                    self.no_declaration("output", declaration);
                    continue;
                }
                DeclarationKind::Settings(it) => {
                    let word = it.target.value.clone();
                    self.no_declaration(&word, declaration);
                    continue;
                }
                DeclarationKind::Test(_) => {
                    self.no_declaration("test", declaration);
                    continue;
                }
                DeclarationKind::Param(_)
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
            let near = closest(word, ["queue", "topic", "function", "secret"]);
            Diagnostic::new(Code::FN0203, format!("`{word}` can't be declared"))
                .label(span, "this version of fnc doesn't know it")
                .help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "resources are `queue` and `topic`".to_owned(),
                })
        };
        if let Some(span) = resource.external {
            self.report(unknown("external", span));
        } else if !matches!(kind, "queue" | "topic") {
            self.report(unknown(kind, resource.kind.span));
        }
    }

    fn no_declaration(&mut self, word: &str, declaration: &Declaration) {
        let start = declaration.span.start as usize;
        let span = Span::new(declaration.span.source, start, start + word.len());
        let declarations = "app, stage, param, let, secret, defaults, queue, topic and function";
        self.report(
            Diagnostic::new(Code::FN0203, format!("`{word}` can't be declared"))
                .label(span, "this version of fnc doesn't know it")
                .help(format!("declarations are {declarations}")),
        );
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
    pub(super) fn refers(&mut self, name: &Name, thing: Thing) -> bool {
        let Some(declared) = self.scope.things.get(name.as_str()).copied() else {
            let things = self.scope.things.iter();
            let right_kind = things
                .filter(|(_, it)| it.thing == thing)
                .map(|(name, _)| *name);
            let help = match closest(name.as_str(), right_kind) {
                Some(near) => format!("did you mean `{near}`?"),
                None if thing == Thing::Function => {
                    "functions are declared with `function NAME { … }`".to_owned()
                }
                None => format!("declare it: `{} {}`", thing.word(), name.value),
            };
            let message = format!("there is no {} `{}`", thing.word(), name.value);
            self.report(
                Diagnostic::new(Code::FN0202, message)
                    .label(name.span, "not declared")
                    .help(help),
            );
            return false;
        };
        if declared.thing != thing {
            if declared.thing != Thing::Unknown {
                let (is, needs) = (declared.thing.word(), thing.word());
                self.report(
                    Diagnostic::new(
                        Code::FN0204,
                        format!("`{}` is a {is}, not a {needs}", name.value),
                    )
                    .label(name.span, format!("a {needs} is needed here"))
                    .label(declared.span, "declared here")
                    .help(match (declared.thing, thing) {
                        (Thing::Queue, Thing::Topic) => {
                            "queues are used with `can send` and `on queue`"
                        }
                        (Thing::Topic, Thing::Queue) => {
                            "topics are used with `can publish` and `on topic`"
                        }
                        _ => "name another, or change its declaration",
                    }),
                );
            }
            return false;
        }
        match declared.absent {
            Some(condition) => {
                self.absent_name(name, declared.thing.word(), condition);
                false
            }
            None => true,
        }
    }

    /// Reports the use of a name that is absent in this stage.
    pub(super) fn absent_name(&mut self, name: &Name, what: &str, condition: Span) -> Value {
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

    fn targets(&mut self, app: &ast::App) -> Vec<Target> {
        let settings = self.settings(app.block.as_ref(), Context::App);
        let Some(setting) = settings.get("targets") else {
            return Target::ALL.to_vec();
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

/// Tells whether this is the declaration that holds: the first of its name, and present in this stage.
fn is_this(name: &Name, names: &IndexMap<&str, Declared>) -> bool {
    let declared = names.get(name.as_str());
    declared.is_some_and(|it| it.span == name.span && it.absent.is_none())
}

/// A message stays hidden for six times the longest call, and the time its batch is waited for: AWS's advice, Lambda
/// Developer Guide, "Creating and configuring an Amazon SQS event source mapping".
fn derive_hidden(app: &mut App) {
    let mut longest: IndexMap<String, Duration> = IndexMap::new();
    for name in app.queues.keys() {
        longest.insert(name.clone(), Duration::ZERO);
    }
    for function in app.functions.values() {
        for trigger in &function.triggers {
            if let crate::model::TriggerKind::Queue(it) = &trigger.kind {
                let needed = function.timeout.value * 6 + it.within.value;
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
