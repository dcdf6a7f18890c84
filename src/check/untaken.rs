//! What `defaults` and the app's `http` block say, and nothing takes in any stage: each function or route has a word of
//! its own, or there is none that could take it.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::syntax::ast::{
    self, Block, DeclarationKind, ExprKind, Function, Setting, StatementKind, Trigger,
};

/// The triggers whose events are pushed at a function, which its `retry` is about.
const PUSHED: [&str; 5] = ["topic", "bucket", "schedule", "every", "event"];

/// Reports each of them.
pub(super) fn untaken(files: &[ast::File], found: &mut Diagnostics) {
    let kinds = || files.iter().flat_map(|it| &it.declarations);
    let functions = kinds().filter_map(|it| match &it.kind {
        DeclarationKind::Function(it) => Some(it),
        DeclarationKind::App(_)
        | DeclarationKind::Import(_)
        | DeclarationKind::Stages(_)
        | DeclarationKind::Param(_)
        | DeclarationKind::Secret(_)
        | DeclarationKind::Constant(_)
        | DeclarationKind::Defaults(_)
        | DeclarationKind::Resource(_)
        | DeclarationKind::Output(_)
        | DeclarationKind::Settings(_)
        | DeclarationKind::Test(_) => None,
    });
    let functions: Vec<&Function> = functions.collect();
    for declaration in kinds() {
        match &declaration.kind {
            DeclarationKind::App(it) => http(it.block.as_ref(), &functions, found),
            DeclarationKind::Defaults(it) => defaults(&it.block, &functions, found),
            DeclarationKind::Function(_)
            | DeclarationKind::Import(_)
            | DeclarationKind::Stages(_)
            | DeclarationKind::Param(_)
            | DeclarationKind::Secret(_)
            | DeclarationKind::Constant(_)
            | DeclarationKind::Resource(_)
            | DeclarationKind::Output(_)
            | DeclarationKind::Settings(_)
            | DeclarationKind::Test(_) => {}
        }
    }
}

/// Reports what the app says for http routes and none takes.
fn http(block: Option<&Block>, functions: &[&Function], found: &mut Diagnostics) {
    let blocks = block.into_iter().flat_map(settings);
    let blocks = blocks.filter(|it| it.word.as_str() == "http");
    for setting in blocks.filter_map(|it| it.block.as_ref()).flat_map(settings) {
        let word = setting.word.as_str();
        let mut routes = functions.iter().flat_map(|it| triggers(&it.block));
        let taken = routes.any(|route| match (source(route), word) {
            (Some("http"), "domain") => true,
            (Some("http"), _) => !route.block.as_ref().is_some_and(|it| has(it, word)),
            _ => false,
        });
        if !taken {
            report(setting.word.span, word, "route", found);
        }
    }
}

/// Reports what is said for functions and none takes.
fn defaults(block: &Block, functions: &[&Function], found: &mut Diagnostics) {
    if functions.is_empty() {
        return;
    }
    for setting in settings(block) {
        let word = setting.word.as_str();
        match word {
            // They are merged, key by key.
            "env" | "tags" => {
                for (key, span) in setting.block.iter().flat_map(entries) {
                    let own = |it: &&Function| {
                        let mut blocks = settings(&it.block).filter(|it| it.word.as_str() == word);
                        blocks.any(|it| {
                            let mut keys = it.block.iter().flat_map(entries);
                            keys.any(|(own, _)| own == key)
                        })
                    };
                    if functions.iter().all(own) {
                        report(span, key, "function", found);
                    }
                }
            }
            "aws" | "azure" | "knative" => {}
            _ => {
                let takes = |it: &&Function| {
                    let mut sources = triggers(&it.block).filter_map(source);
                    let fits = word != "retry" || sources.any(|it| PUSHED.contains(&it));
                    fits && !has(&it.block, word)
                };
                if !functions.iter().any(takes) {
                    report(setting.word.span, word, "function", found);
                }
            }
        }
    }
}

fn report(span: Span, word: &str, of: &str, found: &mut Diagnostics) {
    found.push(
        Diagnostic::new(Code::FN0540, format!("no {of} takes this `{word}`"))
            .label(
                span,
                "each that could take it has its own, or there is none",
            )
            .help("remove it, or the words that stand in its way"),
    );
}

fn has(block: &Block, word: &str) -> bool {
    settings(block).any(|it| it.word.as_str() == word)
}

fn settings(block: &Block) -> impl Iterator<Item = &Setting> {
    block.statements.iter().filter_map(|it| match &it.kind {
        StatementKind::Setting(it) => Some(it),
        StatementKind::Entry(_) | StatementKind::Trigger(_) | StatementKind::Broken => None,
    })
}

fn entries(block: &Block) -> impl Iterator<Item = (&str, Span)> {
    block.statements.iter().filter_map(|it| match &it.kind {
        StatementKind::Entry(it) => Some((it.key.as_str(), it.key.span)),
        StatementKind::Setting(_) | StatementKind::Trigger(_) | StatementKind::Broken => None,
    })
}

fn triggers(block: &Block) -> impl Iterator<Item = &Trigger> {
    block.statements.iter().filter_map(|it| match &it.kind {
        StatementKind::Trigger(it) => Some(&**it),
        StatementKind::Setting(_) | StatementKind::Entry(_) | StatementKind::Broken => None,
    })
}

/// Returns the word after `on`.
fn source(trigger: &Trigger) -> Option<&str> {
    let first = trigger.arguments.first()?;
    match &first.value.kind {
        ExprKind::Path(path) => path.word().map(ast::Name::as_str),
        ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::List(_)
        | ExprKind::Object(_)
        | ExprKind::Group(_)
        | ExprKind::Call(_)
        | ExprKind::Unary(_)
        | ExprKind::Binary(_)
        | ExprKind::If(_)
        | ExprKind::ByStage(_) => None,
    }
}
