//! Declarations.

use super::Printer;
use super::layout::Doc;
use crate::syntax::ast::{self, DeclarationKind, ParamKind};

impl<'a> Printer<'a> {
    pub(super) fn declaration(&mut self, declaration: &ast::Declaration) -> Doc<'a> {
        let mut docs = Self::docs(&declaration.docs);
        match &declaration.kind {
            DeclarationKind::App(it) => {
                docs.extend(self.head("app ", &it.name));
                docs.extend(self.optional_block(it.block.as_ref()));
            }
            DeclarationKind::Import(it) => {
                docs.extend([Doc::text("import "), self.string(&it.path)]);
            }
            DeclarationKind::Stages(it) => {
                let names = it.names.iter();
                let names = names.map(|it| Doc::text(self.written(it.span))).collect();
                docs.extend([Doc::text("stage "), joined(names)]);
            }
            DeclarationKind::Param(it) => {
                docs.extend(self.head("param ", &it.name));
                docs.push(Doc::text(" "));
                docs.push(self.param_kind(&it.kind));
                docs.extend(self.condition(" = ", it.default.as_ref()));
            }
            DeclarationKind::Secret(it) => {
                docs.extend(self.head("secret ", &it.name));
                docs.extend(self.condition(" when ", it.when.as_ref()));
                docs.extend(self.optional_block(it.block.as_ref()));
            }
            DeclarationKind::Constant(it) => {
                docs.extend(self.head("let ", &it.name));
                docs.extend(self.condition(" = ", Some(&it.value)));
            }
            DeclarationKind::Defaults(it) => {
                docs.extend([Doc::text("defaults "), self.block(&it.block)]);
            }
            DeclarationKind::Resource(it) => {
                if it.external.is_some() {
                    docs.push(Doc::text("external "));
                }
                docs.push(Doc::text(self.written(it.kind.span)));
                docs.extend(self.head(" ", &it.name));
                docs.extend(self.condition(" when ", it.when.as_ref()));
                docs.extend(self.optional_block(it.block.as_ref()));
            }
            DeclarationKind::Function(it) => {
                docs.extend(self.head("function ", &it.name));
                docs.extend(self.condition(" when ", it.when.as_ref()));
                docs.extend([Doc::text(" "), self.block(&it.block)]);
            }
            DeclarationKind::Output(it) => {
                docs.extend(self.head("output ", &it.name));
                docs.extend(self.condition(" = ", Some(&it.value)));
                docs.extend(self.condition(" when ", it.when.as_ref()));
            }
            DeclarationKind::Settings(it) => {
                docs.push(Doc::text(self.written(it.target.span)));
                docs.extend(self.condition(" when ", it.when.as_ref()));
                docs.extend([Doc::text(" "), self.block(&it.block)]);
            }
            DeclarationKind::Test(it) => {
                docs.extend([Doc::text("test "), self.string(&it.title)]);
                docs.extend([Doc::text(" "), self.block(&it.block)]);
            }
        }
        Doc::Concat(docs)
    }

    fn head(&self, keyword: &'static str, name: &ast::Name) -> [Doc<'a>; 2] {
        [Doc::text(keyword), Doc::text(self.written(name.span))]
    }

    fn param_kind(&mut self, kind: &ParamKind) -> Doc<'a> {
        match kind {
            ParamKind::Word(word) => Doc::text(self.written(word.span)),
            ParamKind::OneOf(texts) => {
                let texts = texts.iter().map(|it| self.string(it)).collect();
                Doc::Concat(vec![Doc::text("one of "), joined(texts)])
            }
        }
    }
}

/// Joins documents by commas, after which a line may break.
fn joined(items: Vec<Doc<'_>>) -> Doc<'_> {
    let mut docs = Vec::new();
    for item in items {
        if !docs.is_empty() {
            docs.extend([Doc::text(","), Doc::Line]);
        }
        docs.push(item);
    }
    Doc::group(vec![Doc::Nest(docs)])
}
