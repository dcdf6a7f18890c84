//! Names that are declared and never used, in any stage.

use indexmap::IndexSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::syntax::ast::{
    self, Argument, Block, DeclarationKind, Expr, ExprKind, ParamKind, StatementKind, TextPart,
};

/// Reports params, lets, secrets, queues and topics that nothing uses.
pub(super) fn unused(files: &[ast::File], found: &mut Diagnostics) {
    let mut used = Used::default();
    for declaration in files.iter().flat_map(|it| &it.declarations) {
        used.declaration(&declaration.kind);
    }
    for declaration in files.iter().flat_map(|it| &it.declarations) {
        let (name, what, is_used) = match &declaration.kind {
            DeclarationKind::Param(it) => {
                (&it.name, "param", used.words.contains(it.name.as_str()))
            }
            DeclarationKind::Constant(it) => {
                (&it.name, "let", used.words.contains(it.name.as_str()))
            }
            DeclarationKind::Secret(it) => {
                (&it.name, "secret", used.secrets.contains(it.name.as_str()))
            }
            DeclarationKind::Resource(it)
                if matches!(
                    it.kind.as_str(),
                    "queue" | "topic" | "stream" | "bucket" | "table" | "bus" | "layer" | "vpc"
                ) =>
            {
                (
                    &it.name,
                    it.kind.as_str(),
                    used.words.contains(it.name.as_str()),
                )
            }
            DeclarationKind::Resource(_)
            | DeclarationKind::App(_)
            | DeclarationKind::Import(_)
            | DeclarationKind::Stages(_)
            | DeclarationKind::Defaults(_)
            | DeclarationKind::Function(_)
            | DeclarationKind::Output(_)
            | DeclarationKind::Settings(_)
            | DeclarationKind::Test(_) => continue,
        };
        if !is_used {
            found.push(
                Diagnostic::new(
                    Code::FN0215,
                    format!("the {what} `{}` is never used", name.value),
                )
                .label(name.span, "nothing refers to it")
                .help("use it, or remove it"),
            );
        }
    }
}

/// The words that occur where a name could be meant.
#[derive(Default)]
struct Used<'a> {
    words: IndexSet<&'a str>,
    secrets: IndexSet<&'a str>,
}

impl<'a> Used<'a> {
    fn declaration(&mut self, kind: &'a DeclarationKind) {
        match kind {
            DeclarationKind::App(it) => self.maybe_block(it.block.as_ref()),
            DeclarationKind::Import(it) => self.text(&it.path),
            DeclarationKind::Stages(_) => {}
            DeclarationKind::Param(it) => {
                if let ParamKind::OneOf(choices) = &it.kind {
                    for choice in choices {
                        self.text(choice);
                    }
                }
                self.maybe(it.default.as_ref());
            }
            DeclarationKind::Secret(it) => {
                self.maybe(it.when.as_ref());
                self.maybe_block(it.block.as_ref());
            }
            DeclarationKind::Constant(it) => self.expr(&it.value),
            DeclarationKind::Defaults(it) => self.block(&it.block),
            DeclarationKind::Resource(it) => {
                self.maybe(it.when.as_ref());
                self.maybe_block(it.block.as_ref());
            }
            DeclarationKind::Function(it) => {
                self.maybe(it.when.as_ref());
                self.block(&it.block);
            }
            DeclarationKind::Output(it) => {
                self.expr(&it.value);
                self.maybe(it.when.as_ref());
            }
            DeclarationKind::Settings(it) => {
                self.maybe(it.when.as_ref());
                self.block(&it.block);
            }
            DeclarationKind::Test(it) => self.block(&it.block),
        }
    }

    fn maybe_block(&mut self, block: Option<&'a Block>) {
        if let Some(block) = block {
            self.block(block);
        }
    }

    fn block(&mut self, block: &'a Block) {
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Entry(it) => self.expr(&it.value),
                StatementKind::Trigger(it) => {
                    self.arguments(&it.arguments);
                    self.maybe(it.filter.as_ref());
                    self.maybe(it.when.as_ref());
                    self.maybe_block(it.block.as_ref());
                }
                StatementKind::Setting(it) => {
                    self.arguments(&it.arguments);
                    self.key(it);
                    self.maybe_block(it.block.as_ref());
                }
                StatementKind::Broken => {}
            }
        }
    }

    /// `auth key SECRET` names a secret without `secret.`.
    fn key(&mut self, setting: &'a ast::Setting) {
        if let ("auth", [_, name]) = (setting.word.as_str(), setting.arguments.as_slice())
            && let ExprKind::Path(path) = &name.value.kind
            && let Some(name) = path.word()
        {
            self.secrets.insert(name.as_str());
        }
    }

    fn arguments(&mut self, arguments: &'a [Argument]) {
        for argument in arguments {
            self.expr(&argument.value);
            if let Some(end) = &argument.range {
                self.maybe(end.as_deref());
            }
        }
    }

    fn maybe(&mut self, expr: Option<&'a Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn text(&mut self, text: &'a ast::Text) {
        for part in &text.parts {
            if let TextPart::Value(expr) = part {
                self.expr(expr);
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Null => {}
            ExprKind::Text(it) => self.text(it),
            ExprKind::List(items) => {
                for it in items {
                    self.expr(it);
                }
            }
            ExprKind::Object(entries) => entries.iter().for_each(|it| self.expr(&it.value)),
            ExprKind::Group(it) => self.expr(it),
            ExprKind::Call(it) => it.arguments.iter().for_each(|it| self.expr(it)),
            ExprKind::Path(path) => match path.segments.as_slice() {
                [root, name, ..] if root.name.value == "secret" => {
                    self.secrets.insert(name.name.as_str());
                }
                segments => self
                    .words
                    .extend(segments.iter().map(|it| it.name.as_str())),
            },
            ExprKind::Unary(it) => self.expr(&it.operand),
            ExprKind::Binary(it) => {
                self.expr(&it.left);
                self.expr(&it.right);
            }
            ExprKind::ByStage(it) => it.values.iter().for_each(|it| self.expr(&it.value)),
            ExprKind::If(it) => {
                self.expr(&it.condition);
                self.expr(&it.then);
                self.expr(&it.otherwise);
            }
        }
    }
}
