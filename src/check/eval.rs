//! Evaluates expressions: hermetic, typed, without coercion.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value of any other type is the same mistake"
)]

use indexmap::IndexMap;

use super::Checker;
use super::scope::{ConstantSource, State, thing};
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{Attribute, EnvPart, Field, Thing, UnitError, number};
use crate::source::{Span, Spanned, Text};
use crate::syntax::ast::{self, BinaryOperator, Expr, ExprKind, TextPart, UnaryOperator};

impl Checker<'_> {
    /// Returns what an expression comes to; what is wrong with it is reported once.
    pub(super) fn eval(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Number(text) => self.number(text, expr.span),
            ExprKind::Text(text) => self.interpolate(text),
            ExprKind::Bool(it) => Value::Bool(*it),
            ExprKind::Null => Value::Null,
            ExprKind::List(items) => Value::List(items.iter().map(|it| self.eval(it)).collect()),
            ExprKind::Object(entries) => self.object(entries),
            ExprKind::Group(inner) => self.eval(inner),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Path(path) => self.path(path, expr.span),
            ExprKind::Unary(it) => self.unary(it),
            ExprKind::Binary(it) => self.binary(it),
            ExprKind::If(it) => self.choice(it),
            ExprKind::ByStage(it) => self.by_stage(it, expr.span),
        }
    }

    fn number(&mut self, text: &str, span: Span) -> Value {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        let unit = text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
        let (label, help) = match number(text) {
            Ok(unit) => return unit.into(),
            Err(UnitError::Fraction) => (
                "a number with a unit is whole".to_owned(),
                format!("use a smaller unit: `{}`", smaller(text, unit)),
            ),
            Err(UnitError::TooLarge) => {
                ("too large".to_owned(), "choose a smaller number".to_owned())
            }
            Err(UnitError::Unknown) => (
                format!("there is no unit `{unit}`"),
                match closest(unit, crate::model::UNITS) {
                    Some(near) => format!("did you mean `{digits}{near}`?"),
                    None => "units are ms s m h d, KB MB GB, /s /m /h and %".to_owned(),
                },
            ),
        };
        let message = format!("`{text}` is not a number of the language");
        self.report(
            Diagnostic::new(Code::FN0216, message)
                .label(span, label)
                .help(help),
        )
    }

    pub(super) fn object(&mut self, entries: &[ast::Entry]) -> Value {
        let mut members: IndexMap<String, Value> = IndexMap::new();
        let mut spans: IndexMap<&str, Span> = IndexMap::new();
        for entry in entries {
            let value = self.eval(&entry.value);
            if let Some(first) = spans.insert(entry.key.as_str(), entry.key.span) {
                self.given_twice(&entry.key, first);
            }
            members.insert(entry.key.value.to_string(), value);
        }
        Value::Object(members)
    }

    fn interpolate(&mut self, text: &ast::Text) -> Value {
        let mut parts: Vec<EnvPart> = Vec::new();
        let mut failed = false;
        for part in &text.parts {
            let expr = match part {
                TextPart::Plain(it) => {
                    push_text(&mut parts, it);
                    continue;
                }
                TextPart::Value(expr) => expr,
            };
            let value = self.eval(expr);
            if let Some(it) = value.text() {
                push_text(&mut parts, &it);
            } else if let Value::Deployed(more) = value {
                parts.extend(more);
            } else {
                failed = true;
                self.not_text(&value, expr.span);
            }
        }
        match parts.as_slice() {
            _ if failed => Value::Error,
            [] => Value::Text(String::new()),
            [EnvPart::Plain(only)] => Value::Text(only.clone()),
            _ => Value::Deployed(parts),
        }
    }

    fn not_text(&mut self, value: &Value, span: Span) {
        match value.kind() {
            None => {}
            Some(Kind::Secret) => {
                self.secret_misplaced(span);
            }
            Some(kind) => {
                let message = format!("{} can't be part of a string", kind.title());
                self.report(
                    Diagnostic::new(Code::FN0212, message)
                        .label(span, "this")
                        .help("strings take strings, numbers with or without a unit, and bools"),
                );
            }
        }
    }

    pub(super) fn secret_misplaced(&mut self, span: Span) -> Value {
        self.report(
            Diagnostic::new(Code::FN0219, "a secret's value is not known here")
                .label(span, "this is a secret")
                .help(
                    "a secret stands alone as the value of a variable: `env { KEY = secret.name }`",
                ),
        )
    }

    fn call(&mut self, call: &ast::Call) -> Value {
        let message = format!(
            "there is no function `{}` in this expression",
            call.name.value
        );
        self.report(
            Diagnostic::new(Code::FN0202, message)
                .label(call.name.span, "unknown")
                .help("expressions have operators and `if … then … else …`, but no functions here"),
        )
    }

    fn path(&mut self, path: &ast::Path, span: Span) -> Value {
        let names: Vec<&ast::Name> = path.segments.iter().map(|it| &it.name).collect();
        match names.as_slice() {
            [name] if name.value == "stage" => self.stage(span),
            [name] if self.scope.constants.contains_key(name.as_str()) => {
                self.constant(name.as_str(), span)
            }
            [root, member] if root.value == "app" && member.value == "name" => {
                let name = self.scope.app.map(|it| it.value.clone());
                name.map_or(Value::Error, |it| Value::Text(it.into()))
            }
            [root, name] if root.value == "secret" => self.secret(name),
            [root, name, member] if thing(root.as_str()).is_some() => {
                self.attribute(root, name, member)
            }
            [name] => self.unknown_value(name),
            [root, ..] => self.unknown_path(root, span),
            [] => Value::Error,
        }
    }

    pub(super) fn stage(&mut self, span: Span) -> Value {
        if let Some(stage) = &self.scope.stage {
            return Value::Text(stage.clone());
        }
        self.report(
            Diagnostic::new(
                Code::FN0218,
                "`stage` is used, but the program declares none",
            )
            .label(span, "there is no stage")
            .help("declare the stages, the default first: `stage dev, prod`"),
        )
    }

    fn secret(&mut self, name: &ast::Name) -> Value {
        if self.secret_named(name) {
            Value::Secret(name.to_name())
        } else {
            Value::Error
        }
    }

    /// Checks that a name stands for a secret that is there in this stage.
    pub(super) fn secret_named(&mut self, name: &Spanned<impl Text>) -> bool {
        match self.scope.secrets.get(name.as_str()) {
            Some(declared) => match declared.absent {
                None => return true,
                Some(condition) => self.absent_name(name, "secret", condition),
            },
            None => {
                let near = closest(name.as_str(), self.scope.secrets.keys().copied());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("declare it: `secret {}`", name.value),
                };
                let message = format!("there is no secret `{}`", name.value);
                let diagnostic =
                    Diagnostic::new(Code::FN0202, message).label(name.span, "not declared");
                self.report(diagnostic.help(help))
            }
        };
        false
    }

    fn attribute(&mut self, root: &ast::Name, name: &ast::Name, member: &ast::Name) -> Value {
        let Some(thing) = thing(root.as_str()) else {
            return self.unknown_path(root, root.span.to(member.span));
        };
        let fields: &[Field] = match thing {
            Thing::Queue | Thing::Function => &[Field::Name, Field::Url, Field::Arn],
            Thing::Layer | Thing::Vpc => &[],
            Thing::Bucket | Thing::Topic | Thing::Stream | Thing::Table | Thing::Bus => {
                &[Field::Name, Field::Arn]
            }
        };
        if !self.refers(name, thing) {
            return Value::Error;
        }
        match fields.iter().find(|it| it.word() == member.value) {
            Some(field) => Value::Deployed(vec![EnvPart::Attribute(Attribute {
                resource: Spanned::new(name.value.to_string(), root.span.to(member.span)),
                of: thing,
                field: *field,
            })]),
            None => {
                let words: Vec<_> = fields.iter().map(|it| it.word()).collect();
                let message = format!("a {} has no attribute `{}`", thing.word(), member.value);
                let diagnostic =
                    Diagnostic::new(Code::FN0202, message).label(member.span, "unknown");
                self.report(diagnostic.help(match words.as_slice() {
                    [] => "it has none: functions name it in their settings".to_owned(),
                    words => format!("it has {}", words.join(", ")),
                }))
            }
        }
    }

    fn unknown_value(&mut self, name: &ast::Name) -> Value {
        let message = format!("there is no value `{}`", name.value);
        let diagnostic =
            Diagnostic::new(Code::FN0202, message).label(name.span, "not a param or let");
        let constants = self.scope.constants.keys().copied().chain(["stage"]);
        let help = match (
            closest(name.as_str(), constants),
            self.scope.things.get(name.as_str()),
        ) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(declared)) => format!(
                "`{}` is a {}; a value is a literal, a param or a let",
                name.value,
                declared.word()
            ),
            (None, None) => format!(
                "declare it: `let {} = …`; text stands in quotes",
                name.value
            ),
        };
        self.report(diagnostic.help(help))
    }

    fn unknown_path(&mut self, root: &ast::Name, span: Span) -> Value {
        let roots = [
            "app.name",
            "secret.NAME",
            "queue.NAME.url",
            "topic.NAME.arn",
            "function.NAME.url",
        ];
        let message = format!("`{}` has no members here", root.value);
        self.report(
            Diagnostic::new(Code::FN0202, message)
                .label(span, "unknown")
                .help(format!("dotted values are {}", roots.join(", "))),
        )
    }

    /// Returns the value of a param or let, evaluating it when first asked for.
    pub(super) fn constant(&mut self, name: &str, used: Span) -> Value {
        let Some(constant) = self.scope.constants.get_mut(name) else {
            return Value::Error;
        };
        match &constant.state {
            State::Done(value) => return value.clone(),
            State::Running => {
                let declared = constant.span;
                return self.report(
                    Diagnostic::new(Code::FN0210, format!("`{name}` needs its own value"))
                        .label(used, "needed here")
                        .label(declared, "to find the value of this")
                        .help("break the circle: give one of them a value of its own"),
                );
            }
            State::Waiting => {}
        }
        constant.state = State::Running;
        let source = constant.source;
        let value = match source {
            ConstantSource::Let(it) => self.eval(&it.value),
            ConstantSource::Param(it) => self.param(it),
        };
        let value = match value {
            Value::Secret(_) => {
                let written = match source {
                    ConstantSource::Let(it) => Some(it.value.span),
                    ConstantSource::Param(it) => it.default.as_ref().map(|it| it.span),
                };
                self.secret_misplaced(written.unwrap_or(used))
            }
            Value::Deployed(_) => {
                let span = self.scope.constants.get(name).map_or(used, |it| it.span);
                self.deployed(span)
            }
            known => known,
        };
        if let Some(constant) = self.scope.constants.get_mut(name) {
            constant.state = State::Done(value.clone());
        }
        value
    }

    /// Reports that a value which is known only when deployed stands where it is needed at compile time.
    pub(super) fn deployed(&mut self, span: Span) -> Value {
        self.report(
            Diagnostic::new(Code::FN0213, "this value is known only when deployed")
                .label(span, "needed at compile time")
                .help("names, addresses and secrets of deployed things can stand in `env`"),
        )
    }

    fn choice(&mut self, it: &ast::If) -> Value {
        let condition = self.typed(&it.condition, Kind::Bool, "a condition");
        let (then, otherwise) = (
            matches!(condition, Some(Value::Bool(true))),
            condition.is_some(),
        );
        let first = self.eval_branch(&it.then, then);
        let second = self.eval_branch(&it.otherwise, otherwise && !then);
        if let (Some(a), Some(b)) = (first.kind(), second.kind())
            && a != b
            && !matches!(
                (a, b),
                (Kind::Text, Kind::Deployed) | (Kind::Deployed, Kind::Text)
            )
        {
            return self.report(
                Diagnostic::new(Code::FN0212, "the two sides of `if` differ in type")
                    .label(it.otherwise.span, format!("this is {}", b.title()))
                    .label(it.then.span, format!("this is {}", a.title()))
                    .help("give both the same type"),
            );
        }
        match condition {
            Some(Value::Bool(true)) => first,
            Some(_) => second,
            None => Value::Error,
        }
    }

    /// Evaluates for types only where the value isn't needed, so that `if n == 0 then 0 else 10 / n` is fine.
    pub(super) fn eval_branch(&mut self, expr: &Expr, needed: bool) -> Value {
        self.unneeded += u32::from(!needed);
        let value = self.eval(expr);
        self.unneeded -= u32::from(!needed);
        value
    }

    fn unary(&mut self, it: &ast::Unary) -> Value {
        let value = self.eval(&it.operand);
        match (it.operator.value, value) {
            (_, Value::Error) => Value::Error,
            (UnaryOperator::Not, Value::Bool(it)) => Value::Bool(!it),
            (UnaryOperator::Minus, Value::Int(n)) => Value::Int(n.saturating_neg()),
            (UnaryOperator::Minus, Value::Decimal(n)) => Value::Decimal(-n),
            (operator, value) => {
                let (symbol, takes) = match operator {
                    UnaryOperator::Not => ("not", "a bool"),
                    UnaryOperator::Minus => ("-", "an int or a decimal"),
                };
                self.operand(symbol, takes, &value, it.operand.span)
            }
        }
    }

    fn binary(&mut self, it: &ast::Binary) -> Value {
        let left = self.eval(&it.left);
        let right_needed = match (it.operator.value, &left) {
            (BinaryOperator::And, Value::Bool(left)) => *left,
            (BinaryOperator::Or, Value::Bool(left)) => !*left,
            _ => true,
        };
        let right = self.eval_branch(&it.right, right_needed);
        self.operate(it, &left, &right)
    }
}

fn push_text(parts: &mut Vec<EnvPart>, text: &str) {
    match parts.last_mut() {
        Some(EnvPart::Plain(last)) => last.push_str(text),
        _ => parts.push(EnvPart::Plain(text.to_owned())),
    }
}

/// Returns `1.5GB` as `1536MB`, where the next smaller unit makes it whole.
fn smaller(text: &str, unit: &str) -> String {
    let next = [
        ("GB", "MB", 1024.0),
        ("MB", "KB", 1024.0),
        ("d", "h", 24.0),
        ("h", "m", 60.0),
        ("m", "s", 60.0),
        ("s", "ms", 1000.0),
    ];
    let value: Option<f64> = text.strip_suffix(unit).and_then(|it| it.parse().ok());
    match (value, next.iter().find(|(from, ..)| *from == unit)) {
        (Some(value), Some((_, to, factor))) => format!("{}{to}", (value * factor).round()),
        _ => text.split('.').next().unwrap_or(text).to_owned() + unit,
    }
}
