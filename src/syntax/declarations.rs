//! Declarations: what stands at the top of a file.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar says which rules can come, and its tests run each of them"
)]

use pest::iterators::Pair;

use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, DeclarationKind};
use crate::syntax::grammar::Rule;
use crate::syntax::reader::{Fallible, Parts, Reader};

impl Reader<'_> {
    /// Builds a declaration from its documentation and its pair.
    pub(super) fn declaration(
        &mut self,
        docs: Vec<Spanned<String>>,
        pair: Pair<'_, Rule>,
    ) -> Fallible<ast::Declaration> {
        let span = self.trimmed(self.span(&pair));
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        let kind = self.kind(rule, &mut parts)?;
        Ok(ast::Declaration { docs, span, kind })
    }

    fn kind(&mut self, rule: Rule, parts: &mut Parts<'_>) -> Fallible<DeclarationKind> {
        // A resource begins with `external` or its kind, target settings with the target: all others with a keyword.
        if rule == Rule::resource {
            let external = parts.take(Rule::kw_external).map(|it| self.span(&it));
            return Ok(DeclarationKind::Resource(ast::Resource {
                external,
                kind: self.word(&parts.need(Rule::kind)),
                name: self.word(&parts.need(Rule::name)),
                when: self.when(parts)?,
                block: self.optional_block(parts),
            }));
        }
        if rule == Rule::settings {
            return Ok(DeclarationKind::Settings(ast::Settings {
                target: self.word(&parts.need(Rule::target)),
                when: self.when(parts)?,
                block: self.block(parts.need(Rule::block)),
            }));
        }
        let keyword = self.span(&parts.any());
        self.keyword_kind(rule, keyword, parts)
    }

    fn keyword_kind(
        &mut self,
        rule: Rule,
        keyword: Span,
        parts: &mut Parts<'_>,
    ) -> Fallible<DeclarationKind> {
        Ok(match rule {
            Rule::app => DeclarationKind::App(ast::App {
                name: self.word(&parts.need(Rule::name)),
                block: self.optional_block(parts),
            }),
            Rule::import => DeclarationKind::Import(ast::Import {
                path: self.string(parts.need(Rule::string))?,
            }),
            Rule::stages => {
                let names = parts.all(Rule::name).map(|it| self.word(&it));
                let names = names.collect();
                DeclarationKind::Stages(ast::Stages { names })
            }
            Rule::param => DeclarationKind::Param(ast::Param {
                name: self.word(&parts.need(Rule::name)),
                kind: self.param_kind(parts)?,
                default: match parts.take(Rule::assign) {
                    Some(_) => Some(self.value(parts.any())?),
                    None => None,
                },
            }),
            Rule::secret => DeclarationKind::Secret(ast::Secret {
                name: self.word(&parts.need(Rule::name)),
                when: self.when(parts)?,
                block: self.optional_block(parts),
            }),
            Rule::constant => DeclarationKind::Constant(ast::Constant {
                name: self.word(&parts.need(Rule::name)),
                value: self.assigned(parts)?,
            }),
            Rule::defaults => DeclarationKind::Defaults(ast::Defaults {
                keyword,
                block: self.block(parts.need(Rule::block)),
            }),
            Rule::function => DeclarationKind::Function(ast::Function {
                name: self.word(&parts.need(Rule::name)),
                when: self.when(parts)?,
                block: self.block(parts.need(Rule::block)),
            }),
            Rule::output => DeclarationKind::Output(ast::Output {
                name: self.word(&parts.need(Rule::name)),
                value: self.assigned(parts)?,
                when: self.when(parts)?,
            }),
            _ => {
                debug_assert_eq!(rule, Rule::test);
                DeclarationKind::Test(ast::Test {
                    title: self.string(parts.need(Rule::string))?,
                    block: self.block(parts.need(Rule::block)),
                })
            }
        })
    }

    fn optional_block(&mut self, parts: &mut Parts<'_>) -> Option<ast::Block> {
        parts.take(Rule::block).map(|it| self.block(it))
    }

    /// Takes `= value`.
    fn assigned(&mut self, parts: &mut Parts<'_>) -> Fallible<ast::Expr> {
        parts.need(Rule::assign);
        self.value(parts.any())
    }

    fn param_kind(&mut self, parts: &mut Parts<'_>) -> Fallible<ast::ParamKind> {
        if let Some(one_of) = parts.take(Rule::one_of) {
            let mut parts = Parts::of(one_of);
            let texts = parts.all(Rule::string).map(|it| self.string(it));
            let texts = texts.collect::<Fallible<_>>()?;
            return Ok(ast::ParamKind::OneOf(texts));
        }
        Ok(ast::ParamKind::Word(
            self.word(&parts.need(Rule::type_word)),
        ))
    }
}
