//! The names of a program: params and lets, secrets, functions and resources; each kind a namespace of its own.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::Choices;
use super::value::Value;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::model::Thing;
use crate::source::{SourceId, Span};
use crate::syntax::ast::{self, DeclarationKind};

/// Returns what a kind of declaration declares.
pub(super) fn thing(word: &str) -> Option<Thing> {
    let all = [
        Thing::Queue,
        Thing::Topic,
        Thing::Stream,
        Thing::Bucket,
        Thing::Table,
        Thing::Bus,
        Thing::Layer,
        Thing::Vpc,
        Thing::Function,
    ];
    all.into_iter().find(|it| it.word() == word)
}

/// A declared function or resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    /// What it is; `None`: a secret, or of a kind that is already reported as unknown.
    pub(super) thing: Option<Thing>,
    pub(super) span: Span,
    /// Its condition, when it has one that came out false in this stage.
    pub(super) absent: Option<Span>,
}

impl Declared {
    /// Returns what messages call it.
    pub(super) fn word(self) -> &'static str {
        self.thing.map_or("resource", Thing::word)
    }
}

/// A param or let, evaluated when first asked for.
#[derive(Debug)]
pub(super) struct Constant<'a> {
    pub(super) span: Span,
    pub(super) source: ConstantSource<'a>,
    pub(super) state: State,
}

/// Where a constant's value comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum ConstantSource<'a> {
    Param(&'a ast::Param),
    Let(&'a ast::Constant),
}

/// How far the evaluation of a constant is.
#[derive(Debug, Clone)]
pub(super) enum State {
    Waiting,
    Running,
    Done(Value),
}

/// Every name of a program, and what the caller chose.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) choices: &'a Choices,
    /// The folder of each file, relative to the program's.
    pub(super) folders: BTreeMap<SourceId, &'a str>,
    pub(super) app: Option<&'a ast::Name>,
    pub(super) stages: Vec<&'a ast::Name>,
    pub(super) stage: Option<String>,
    /// Whether all declarations could be read, so that nothing is missing for that reason.
    pub(super) whole: bool,
    pub(super) constants: IndexMap<&'a str, Constant<'a>>,
    pub(super) secrets: IndexMap<&'a str, Declared>,
    pub(super) things: IndexMap<&'a str, Declared>,
    pub(super) outputs: IndexMap<&'a str, Declared>,
}

/// The roots of expressions, which a param or let can't be named: kinds, and the members of a record.
const ROOTS: [&str; 21] = [
    "stage",
    "app",
    "secret",
    "function",
    "queue",
    "topic",
    "stream",
    "bucket",
    "table",
    "bus",
    "layer",
    "vpc",
    "data",
    "attributes",
    "type",
    "subject",
    "key",
    "action",
    "keys",
    "new",
    "old",
];

impl Scope<'_> {
    /// Returns the function or resource of a name; where only capitals differ, the declared name is at fault, which is
    /// already reported.
    pub(super) fn thing(&self, name: &str) -> Option<Declared> {
        let mut all = self.things.iter();
        let same = |it: &&str| it.eq_ignore_ascii_case(name);
        let similar = || all.find(|(it, _)| same(it)).map(|(_, it)| it);
        self.things.get(name).or_else(similar).copied()
    }
}

const LONGEST_NAME: usize = 40;

/// Collects the names of all files, and reports duplicates and names that aren't legal.
pub(super) fn collect<'a>(
    files: &'a [ast::File],
    choices: &'a Choices,
    found: &mut Diagnostics,
) -> Scope<'a> {
    let mut scope = Scope {
        choices,
        folders: files
            .iter()
            .map(|it| (it.source, it.folder.as_str()))
            .collect(),
        app: None,
        stages: Vec::new(),
        stage: None,
        whole: files.iter().all(|it| it.broken.is_empty()),
        constants: IndexMap::new(),
        secrets: IndexMap::new(),
        things: IndexMap::new(),
        outputs: IndexMap::new(),
    };
    for declaration in files.iter().flat_map(|it| &it.declarations) {
        match &declaration.kind {
            DeclarationKind::App(app) => {
                legal(&app.name, found);
                scope.app.get_or_insert(&app.name);
            }
            DeclarationKind::Stages(stages) => stage_names(stages, &mut scope, found),
            DeclarationKind::Param(it) => {
                constant(&it.name, ConstantSource::Param(it), &mut scope, found);
            }
            DeclarationKind::Constant(it) => {
                constant(&it.name, ConstantSource::Let(it), &mut scope, found);
            }
            DeclarationKind::Secret(it) => {
                declare(&it.name, None, &mut scope.secrets, found);
            }
            DeclarationKind::Resource(it) => {
                let thing = thing(it.kind.as_str());
                declare(&it.name, thing, &mut scope.things, found);
            }
            DeclarationKind::Function(it) => {
                declare(&it.name, Some(Thing::Function), &mut scope.things, found);
            }
            DeclarationKind::Output(it) => {
                declare(&it.name, None, &mut scope.outputs, found);
            }
            DeclarationKind::Import(_)
            | DeclarationKind::Defaults(_)
            | DeclarationKind::Settings(_)
            | DeclarationKind::Test(_) => {}
        }
    }
    choose_stage(&mut scope, found);
    unknown_values(&scope, found);
    scope
}

fn legal(name: &ast::Name, found: &mut Diagnostics) {
    let text = name.as_str();
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|it| it.is_ascii_lowercase());
    let goes_on = letters.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if !(starts && goes_on) {
        let lower = text.to_ascii_lowercase();
        found.push(
            Diagnostic::new(Code::FN0206, format!("`{text}` can't be a name"))
                .label(
                    name.span,
                    "a name is lower-case letters, digits and `_`, beginning with a letter",
                )
                .help(format!("write `{lower}`")),
        );
    } else if text.len() > LONGEST_NAME {
        found.push(
            Diagnostic::new(Code::FN0206, format!("`{text}` is too long a name"))
                .label(
                    name.span,
                    format!("{} characters; {LONGEST_NAME} at most", text.len()),
                )
                .help(
                    "targets allow only short names for what is made from it; choose a shorter one",
                ),
        );
    }
}

fn duplicate(name: &ast::Name, first: Span, help: &str, found: &mut Diagnostics) {
    found.push(
        Diagnostic::new(Code::FN0201, format!("`{}` is declared twice", name.value))
            .label(name.span, "declared again here")
            .label(first, "first declared here")
            .help(help),
    );
}

fn declare<'a>(
    name: &'a ast::Name,
    thing: Option<Thing>,
    into: &mut IndexMap<&'a str, Declared>,
    found: &mut Diagnostics,
) {
    legal(name, found);
    if let Some(first) = into.get(name.as_str()) {
        let help = if thing.is_some() {
            "functions and resources share one set of names; rename one of the two"
        } else {
            "rename one of the two"
        };
        duplicate(name, first.span, help, found);
        return;
    }
    let declared = Declared {
        thing,
        span: name.span,
        absent: None,
    };
    into.insert(name.as_str(), declared);
}

fn constant<'a>(
    name: &'a ast::Name,
    source: ConstantSource<'a>,
    scope: &mut Scope<'a>,
    found: &mut Diagnostics,
) {
    legal(name, found);
    if ROOTS.contains(&name.as_str()) {
        found.push(
            Diagnostic::new(
                Code::FN0206,
                format!("`{}` can't be the name of a value", name.value),
            )
            .label(name.span, "expressions already use this word")
            .help(format!("choose another name, such as `the_{}`", name.value)),
        );
    }
    if let Some(first) = scope.constants.get(name.as_str()) {
        let help = "params and lets share one set of names; rename one of the two";
        duplicate(name, first.span, help, found);
        return;
    }
    let constant = Constant {
        span: name.span,
        source,
        state: State::Waiting,
    };
    scope.constants.insert(name.as_str(), constant);
}

fn stage_names<'a>(stages: &'a ast::Stages, scope: &mut Scope<'a>, found: &mut Diagnostics) {
    for name in &stages.names {
        legal(name, found);
        match scope.stages.iter().find(|it| it.value == name.value) {
            Some(first) => duplicate(name, first.span, "name each stage once", found),
            None => scope.stages.push(name),
        }
    }
}

fn choose_stage(scope: &mut Scope<'_>, found: &mut Diagnostics) {
    let Some(chosen) = &scope.choices.stage else {
        scope.stage = scope.stages.first().map(|it| it.value.to_string());
        return;
    };
    if scope.stages.iter().any(|it| it.value == *chosen) {
        scope.stage = Some(chosen.clone());
        return;
    }
    let names: Vec<_> = scope.stages.iter().map(|it| it.as_str()).collect();
    let mut diagnostic = Diagnostic::new(Code::FN0218, format!("there is no stage `{chosen}`"));
    diagnostic.help = match (names.as_slice(), closest(chosen, names.iter().copied())) {
        ([], _) => format!("declare it: `stage {chosen}`"),
        (_, Some(near)) => format!("did you mean `{near}`?"),
        (names, None) => format!("the program declares {}", names.join(", ")),
    };
    if let (Some(first), Some(last)) = (scope.stages.first(), scope.stages.last()) {
        diagnostic = diagnostic.label(first.span.to(last.span), "the stages there are");
    }
    found.push(diagnostic);
    scope.stage = scope.stages.first().map(|it| it.value.to_string());
}

/// Reports values that the caller gives to params which don't exist.
fn unknown_values(scope: &Scope<'_>, found: &mut Diagnostics) {
    let param = |name: &str| {
        let constant = scope.constants.get(name);
        constant.is_some_and(|it| matches!(it.source, ConstantSource::Param(_)))
    };
    let params = || scope.constants.keys().copied().filter(|it| param(it));
    for name in scope.choices.values.keys().filter(|it| !param(it)) {
        let help = match (closest(name, params()), params().collect::<Vec<_>>()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, all) if all.is_empty() => format!("declare it: `param {name} string`"),
            (None, all) => format!("the program has {}", all.join(", ")),
        };
        let message = format!("there is no param `{name}` to set");
        found.push(Diagnostic::new(Code::FN0202, message).help(help));
    }
}
