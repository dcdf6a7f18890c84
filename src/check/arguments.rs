//! Arguments of settings: how many, which words between them, and of which type.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value of any other type is the same mistake"
)]

use std::time::Duration;

use super::Checker;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{Name, Rate, Setting, Size};
use crate::source::{Span, Spanned, Text};
use crate::syntax::ast::{self, Argument, Expr, ExprKind};

/// Returns what a setting's arguments span, or its word when it has none.
pub(super) fn arguments_span(setting: &ast::Setting) -> Span {
    match (setting.arguments.first(), setting.arguments.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => setting.word.span,
    }
}

/// Returns the bare word that an argument is, dots included: `orders`, `python3.13`.
pub(super) fn bare_word(argument: &Argument) -> Option<Name> {
    let ExprKind::Path(path) = &argument.value.kind else {
        return None;
    };
    if argument.range.is_some() || path.segments.iter().any(|it| it.quoted) {
        return None;
    }
    let text = match path.segments.as_slice() {
        [only] => only.name.value.to_string(),
        several => {
            let words: Vec<_> = several.iter().map(|it| it.name.as_str()).collect();
            words.join(".")
        }
    };
    Some(Spanned::new(text, argument.value.span))
}

/// Tells whether an argument is this very word.
pub(super) fn is_word(argument: &Argument, word: &str) -> bool {
    let ExprKind::Path(path) = &argument.value.kind else {
        return false;
    };
    let [only] = path.segments.as_slice() else {
        return false;
    };
    argument.range.is_none() && !only.quoted && only.name.as_str() == word
}

impl Checker<'_> {
    /// Reports arguments that don't have the form the table of words shows.
    pub(super) fn wrong_form(&mut self, setting: &ast::Setting, form: &str) {
        let span = match &setting.block {
            Some(block) if setting.arguments.is_empty() => block.span,
            Some(_) | None => arguments_span(setting),
        };
        self.form(setting.word.as_str(), span, form);
    }

    pub(super) fn form(&mut self, word: &str, span: Span, form: &str) {
        self.report(
            Diagnostic::new(Code::FN0217, format!("`{word}` is written another way"))
                .label(span, "this doesn't fit")
                .help(format!("write `{form}`")),
        );
    }

    /// Returns the only argument of a setting that takes one value and no block.
    pub(super) fn single<'s>(
        &mut self,
        setting: &'s ast::Setting,
        form: &str,
    ) -> Option<&'s Argument> {
        match setting.arguments.as_slice() {
            [only] if only.range.is_none() && setting.block.is_none() => Some(only),
            _ => {
                self.wrong_form(setting, form);
                None
            }
        }
    }

    /// Checks that a setting stands alone: `fifo`.
    pub(super) fn flag(&mut self, setting: &ast::Setting) -> Setting<bool> {
        if !setting.arguments.is_empty() || setting.block.is_some() {
            self.wrong_form(setting, setting.word.as_str());
        }
        Setting::written(true, setting.word.span)
    }

    /// Returns the value of an expression when it has the type asked for; `what` takes it: "`memory`".
    pub(super) fn typed(&mut self, expr: &Expr, kind: Kind, what: &str) -> Option<Value> {
        let value = self.eval(expr);
        let actual = value.kind()?;
        if actual == kind {
            return Some(value);
        }
        match actual {
            Kind::Secret => self.secret_misplaced(expr.span),
            Kind::Deployed => self.deployed(expr.span),
            _ => {
                let message = format!("{what} takes {}, not {}", kind.title(), actual.title());
                self.report(
                    Diagnostic::new(Code::FN0205, message)
                        .label(expr.span, format!("this is {}", actual.title()))
                        .help(format!(
                            "write {} such as `{}`",
                            kind.title(),
                            kind.example()
                        )),
                )
            }
        };
        None
    }

    /// Returns the duration that an operand is.
    pub(super) fn duration(&mut self, expr: &Expr, what: &str) -> Option<Duration> {
        match self.typed(expr, Kind::Duration, what)? {
            Value::Duration(it) => Some(it),
            _ => None,
        }
    }

    /// Returns the whole number that an operand is, from `least` up.
    pub(super) fn count(&mut self, expr: &Expr, what: &str, least: u32) -> Option<u32> {
        let Value::Int(n) = self.typed(expr, Kind::Int, what)? else {
            return None;
        };
        let fits = u32::try_from(n).ok().filter(|n| *n >= least);
        if fits.is_none() {
            self.out_of_range(
                expr.span,
                &format!("{what} is {n}"),
                &format!("{least} or more"),
            );
        }
        fits
    }

    /// Returns the rate that an operand is.
    pub(super) fn rate(&mut self, expr: &Expr, what: &str) -> Option<Rate> {
        match self.typed(expr, Kind::Rate, what)? {
            Value::Rate(it) => Some(it),
            _ => None,
        }
    }

    /// Returns the text that an operand is.
    pub(super) fn text(&mut self, expr: &Expr, what: &str) -> Option<Name> {
        match self.typed(expr, Kind::Text, what)? {
            Value::Text(it) => Some(Spanned::new(it, expr.span)),
            _ => None,
        }
    }

    pub(super) fn out_of_range(&mut self, span: Span, message: &str, allowed: &str) {
        self.report(
            Diagnostic::new(Code::FN0221, message)
                .label(span, "the language has no meaning for it, on any target")
                .help(format!("write {allowed}")),
        );
    }

    /// Returns the duration of a setting that takes one.
    pub(super) fn duration_setting(&mut self, setting: &ast::Setting) -> Option<Setting<Duration>> {
        let word = setting.word.as_str();
        let argument = self.single(setting, &format!("{word} DURATION"))?;
        let value = self.duration(&argument.value, &format!("`{word}`"))?;
        Some(Setting::written(value, argument.span))
    }

    /// Returns the duration of a setting that takes one longer than zero.
    pub(super) fn positive_duration(
        &mut self,
        setting: &ast::Setting,
    ) -> Option<Setting<Duration>> {
        let it = self.duration_setting(setting)?;
        if it.value.is_zero() {
            let message = format!("`{}` is zero", setting.word.value);
            self.out_of_range(
                arguments_span(setting),
                &message,
                "any duration longer than zero",
            );
            return None;
        }
        Some(it)
    }

    /// Returns the size of a setting that takes one.
    pub(super) fn size_setting(&mut self, setting: &ast::Setting) -> Option<Setting<Size>> {
        let word = setting.word.as_str();
        let argument = self.single(setting, &format!("{word} SIZE"))?;
        match self.typed(&argument.value, Kind::Size, &format!("`{word}`"))? {
            Value::Size(Size(0)) => {
                self.out_of_range(
                    argument.span,
                    &format!("`{word}` is zero"),
                    "any size larger than zero",
                );
                None
            }
            Value::Size(it) => Some(Setting::written(it, argument.span)),
            _ => None,
        }
    }

    /// Returns the text of a setting that takes one.
    pub(super) fn text_setting(&mut self, setting: &ast::Setting) -> Option<Name> {
        let word = setting.word.as_str();
        let argument = self.single(setting, &format!("{word} \"…\""))?;
        self.text(&argument.value, &format!("`{word}`"))
    }

    /// Returns which of `all` a word is; reports an unknown one with the nearest.
    pub(super) fn one_of<T: Clone>(
        &mut self,
        name: &Spanned<impl Text>,
        what: &str,
        all: &[(&'static str, T)],
    ) -> Option<T> {
        if let Some((_, it)) = all.iter().find(|(word, _)| *word == name.as_str()) {
            return Some(it.clone());
        }
        let words: Vec<_> = all.iter().map(|(word, _)| *word).collect();
        let help = match closest(name.as_str(), words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", words.join(", ")),
        };
        self.report(
            Diagnostic::new(Code::FN0222, format!("there is no {what} `{}`", name.value))
                .label(name.span, "unknown")
                .help(help),
        );
        None
    }
}
