//! Params: inputs at compile time.

use super::Checker;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::number;
use crate::syntax::ast::{Param, ParamKind};

/// What a param's type allows.
enum Allowed {
    Kind(Kind),
    OneOf(Vec<String>),
}

const KINDS: [(&str, Kind); 5] = [
    ("string", Kind::Text),
    ("int", Kind::Int),
    ("bool", Kind::Bool),
    ("duration", Kind::Duration),
    ("size", Kind::Size),
];

impl Checker<'_> {
    /// Returns a param's value: what the caller set, else its default.
    pub(super) fn param(&mut self, param: &Param) -> Value {
        let Some(allowed) = self.allowed(param) else {
            return Value::Error;
        };
        let name = param.name.as_str();
        let default = param
            .default
            .as_ref()
            .map(|expr| (self.default(param, expr, &allowed), expr.span));
        if let Some(text) = self.scope.choices.values.get(name) {
            return match set_value(text, &allowed) {
                Some(value) => value,
                None => self.unfit(param, &format!("`{text}`"), &allowed),
            };
        }
        match default {
            Some((value, _)) => value,
            None => self.report(
                Diagnostic::new(Code::FN0211, format!("the param `{name}` has no value"))
                    .label(param.name.span, "no default, and none was set")
                    .help(format!(
                        "set it with `--set {name}=VALUE`, or give it a default: `= …`"
                    )),
            ),
        }
    }

    fn allowed(&mut self, param: &Param) -> Option<Allowed> {
        match &param.kind {
            ParamKind::Word(word) => self.one_of(word, "type", &KINDS).map(Allowed::Kind),
            ParamKind::OneOf(texts) => {
                let plain = texts.iter().filter_map(|text| match text.plain() {
                    Some(it) => Some(it),
                    None => {
                        self.report(
                            Diagnostic::new(Code::FN0205, "a choice of a param is a plain string")
                                .label(text.span, "nothing can be interpolated here")
                                .help("write the choices out"),
                        );
                        None
                    }
                });
                Some(Allowed::OneOf(plain.collect()))
            }
        }
    }

    fn default(
        &mut self,
        param: &Param,
        expr: &crate::syntax::ast::Expr,
        allowed: &Allowed,
    ) -> Value {
        let name = param.name.as_str();
        let kind = match allowed {
            Allowed::Kind(kind) => *kind,
            Allowed::OneOf(_) => Kind::Text,
        };
        let Some(value) = self.typed(expr, kind, &format!("the param `{name}`")) else {
            return Value::Error;
        };
        match (&value, allowed) {
            (Value::Text(text), Allowed::OneOf(choices)) if !choices.contains(text) => {
                let message = format!("`{text}` is none of the choices of `{name}`");
                self.report(
                    Diagnostic::new(Code::FN0211, message)
                        .label(expr.span, "not a choice")
                        .help(format!("choose one of {}", choices.join(", "))),
                )
            }
            _ => value,
        }
    }

    fn unfit(&mut self, param: &Param, text: &str, allowed: &Allowed) -> Value {
        let (takes, help) = match allowed {
            Allowed::Kind(kind) => (
                kind.title().to_owned(),
                format!("such as `{}`", kind.example()),
            ),
            Allowed::OneOf(choices) => ("one of its choices".to_owned(), choices.join(", ")),
        };
        let message = format!("the param `{}` can't be {text}", param.name.value);
        self.report(
            Diagnostic::new(Code::FN0211, message)
                .label(param.name.span, format!("it takes {takes}"))
                .help(format!("{takes}: {help}")),
        )
    }
}

/// Reads a value from the command line.
fn set_value(text: &str, allowed: &Allowed) -> Option<Value> {
    let kind = match allowed {
        Allowed::OneOf(choices) => {
            return choices
                .iter()
                .any(|it| it == text)
                .then(|| Value::Text(text.to_owned()));
        }
        Allowed::Kind(kind) => *kind,
    };
    match (kind, text) {
        (Kind::Text, _) => Some(Value::Text(text.to_owned())),
        (Kind::Bool, "true") => Some(Value::Bool(true)),
        (Kind::Bool, "false") => Some(Value::Bool(false)),
        (Kind::Int, _) => text.parse().ok().map(Value::Int),
        _ => number(text)
            .ok()
            .map(Value::from)
            .filter(|it| it.kind() == Some(kind)),
    }
}
