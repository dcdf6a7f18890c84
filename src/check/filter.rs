//! `where`: which records a trigger takes. What is known at compile time is worked out; what is left speaks of a
//! record's members.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an expression of any other form is the same mistake"
)]

use super::Checker;
use super::scope::thing;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::model::{Comparison, Filter, Literal, Member, Predicate, TriggerKind};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOperator, Expr, ExprKind, TextPart, UnaryOperator};

/// The members of a record that a kind of trigger can speak of.
struct Members {
    /// Which trigger, in messages.
    title: &'static str,
    /// Those that hold text.
    texts: &'static [&'static str],
    /// Those that hold members of their own.
    objects: &'static [&'static str],
}

impl Members {
    fn of(kind: &TriggerKind) -> Option<Members> {
        let (title, texts, objects): (_, &[&str], &[&str]) = match kind {
            TriggerKind::Queue(_) => ("a message of a queue", &[], &["data", "attributes"]),
            TriggerKind::Topic(_) => ("a message of a topic", &[], &["data", "attributes"]),
            TriggerKind::Stream(_) => ("a record of a stream", &["key"], &["data"]),
            TriggerKind::Table(_) => ("a change of a table", &["action"], &["keys", "new", "old"]),
            TriggerKind::Event(_) => (
                "an event of a bus",
                &["type", "subject"],
                &["data", "attributes"],
            ),
            TriggerKind::Http(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Every(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Websocket(_)
            | TriggerKind::Raw(_) => return None,
        };
        Some(Members {
            title,
            texts,
            objects,
        })
    }

    fn names(&self) -> Vec<&'static str> {
        let names = self.objects.iter().chain(self.texts);
        names.copied().collect()
    }
}

/// Words that begin a member of some record.
const ROOTS: [&str; 9] = [
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

impl Checker<'_> {
    /// Reads the filter of a trigger; what is wrong with it takes every record.
    pub(super) fn filter(&mut self, expr: &Expr, kind: &TriggerKind) -> Option<Filter> {
        let Some(members) = Members::of(kind) else {
            let help = match kind {
                TriggerKind::Bucket(_) => "objects are told apart by `prefix` and `suffix`",
                TriggerKind::Http(_)
                | TriggerKind::Schedule(_)
                | TriggerKind::Every(_)
                | TriggerKind::Queue(_)
                | TriggerKind::Topic(_)
                | TriggerKind::Stream(_)
                | TriggerKind::Table(_)
                | TriggerKind::Event(_)
                | TriggerKind::Websocket(_)
                | TriggerKind::Raw(_) => {
                    "queue, topic, stream, table and event triggers take a `where`; `when` decides at compile time"
                }
            };
            self.report(
                Diagnostic::new(Code::FN0251, "this trigger takes no `where`")
                    .label(expr.span, "there are no records to choose from")
                    .help(help),
            );
            return None;
        };
        let predicate = self.condition(expr, &members)?;
        if !speaks_of_member(expr) {
            self.constant_filter(expr.span, matches!(predicate, Predicate::All(_)));
        } else if let Some((first, second)) = super::contradiction::find(&predicate) {
            self.report(
                Diagnostic::new(Code::FN0254, "no record can satisfy this filter")
                    .label(second, "never at the same time as the other")
                    .label(first, "the other")
                    .help("one of several is said with `or`, or with `in [a, b]`"),
            );
        }
        Some(Filter {
            span: expr.span,
            predicate,
        })
    }

    fn constant_filter(&mut self, span: Span, always: bool) {
        let (what, label) = if always {
            ("this filter takes every record", "always true")
        } else {
            ("this filter takes no record", "always false")
        };
        self.report(
            Diagnostic::new(Code::FN0254, what)
                .label(span, label)
                .help("a filter speaks of the record, as in `where data.total > 100`; what depends on the stage alone is a `when`"),
        );
    }

    fn condition(&mut self, expr: &Expr, members: &Members) -> Option<Predicate> {
        if !speaks_of_member(expr) {
            return match self.typed(expr, Kind::Bool, "`where`")? {
                Value::Bool(true) => Some(Predicate::All(Vec::new())),
                _ => Some(Predicate::Any(Vec::new())),
            };
        }
        match &expr.kind {
            ExprKind::Group(it) => self.condition(it, members),
            ExprKind::Unary(it) if it.operator.value == UnaryOperator::Not => {
                let inner = self.condition(&it.operand, members)?;
                Some(match inner {
                    Predicate::Not(it) => *it,
                    Predicate::All(all) if all.is_empty() => Predicate::Any(all),
                    Predicate::Any(any) if any.is_empty() => Predicate::All(any),
                    Predicate::All(_)
                    | Predicate::Any(_)
                    | Predicate::Compare(..)
                    | Predicate::Exists(_)
                    | Predicate::StartsWith(..) => Predicate::Not(Box::new(inner)),
                })
            }
            ExprKind::Binary(it) => self.binary_condition(it, members),
            ExprKind::Call(it) => self.call_condition(it, members),
            ExprKind::ByStage(it) => {
                let chosen = self.chosen(it, expr.span)?;
                self.condition(&chosen.value, members)
            }
            ExprKind::If(it) => {
                if speaks_of_member(&it.condition) {
                    return self.beyond(
                        it.condition.span,
                        "`if` chooses at compile time",
                        "say it with `and` and `or`",
                    );
                }
                let chosen = self.typed(&it.condition, Kind::Bool, "a condition")?;
                let (then, otherwise) = (
                    self.condition(&it.then, members),
                    self.condition(&it.otherwise, members),
                );
                if chosen == Value::Bool(true) {
                    then
                } else {
                    otherwise
                }
            }
            ExprKind::Path(path) => {
                let member = self.member(path, expr.span, members)?;
                self.report(
                    Diagnostic::new(Code::FN0250, "a filter is a condition")
                        .label(expr.span, "this is a value")
                        .help(format!(
                            "write `{0} == true`, or `exists({0})`",
                            shown(&member)
                        )),
                );
                None
            }
            _ => {
                self.report(
                    Diagnostic::new(Code::FN0250, "a filter is a condition")
                        .label(expr.span, "this is a value")
                        .help("compare it: `where data.total > 100`"),
                );
                None
            }
        }
    }

    fn binary_condition(&mut self, it: &ast::Binary, members: &Members) -> Option<Predicate> {
        use BinaryOperator as Op;
        let comparison = match it.operator.value {
            Op::And | Op::Or => {
                let (left, right) = (
                    self.condition(&it.left, members),
                    self.condition(&it.right, members),
                );
                let both = [left?, right?];
                return Some(join(both, it.operator.value == Op::And));
            }
            Op::In => return self.one_of_several(it, members),
            Op::Equal => Comparison::Equal,
            Op::NotEqual => Comparison::NotEqual,
            Op::Less => Comparison::Less,
            Op::LessOrEqual => Comparison::LessOrEqual,
            Op::Greater => Comparison::Greater,
            Op::GreaterOrEqual => Comparison::GreaterOrEqual,
            Op::Plus | Op::Minus | Op::Times | Op::Divide => {
                return self.beyond(
                    it.left.span.to(it.right.span),
                    "members are compared, not calculated with",
                    "do the arithmetic on the other side: `data.total > 2 * limit`",
                );
            }
        };
        let (member, literal, comparison) = match (member_path(&it.left), member_path(&it.right)) {
            (Some(_), Some(_)) => {
                return self.beyond(
                    it.right.span,
                    "a member is compared with what is known at compile time",
                    "compare two members in the handler",
                );
            }
            (Some(path), None) => ((path, it.left.span), &*it.right, comparison),
            (None, Some(path)) => ((path, it.right.span), &*it.left, comparison.mirrored()),
            (None, None) => {
                let span = if speaks_of_member(&it.left) {
                    it.left.span
                } else {
                    it.right.span
                };
                return self.beyond(
                    span,
                    "members are compared, not calculated with",
                    "do the arithmetic on the other side: `data.total > 2 * limit`",
                );
            }
        };
        if speaks_of_member(literal) {
            return self.beyond(
                literal.span,
                "a member is compared with what is known at compile time",
                "compare two members in the handler",
            );
        }
        let member = self.member(member.0, member.1, members);
        let value = self.eval(literal);
        let member = member?;
        let literal = self.literal(&value, literal.span, &member, members, comparison)?;
        Some(Predicate::Compare(member, comparison, literal))
    }

    fn one_of_several(&mut self, it: &ast::Binary, members: &Members) -> Option<Predicate> {
        let Some(path) = member_path(&it.left).filter(|_| !speaks_of_member(&it.right)) else {
            return self.beyond(
                it.left.span.to(it.right.span),
                "`in` looks a member up in a list that is known at compile time",
                "write `data.kind in [\"a\", \"b\"]`",
            );
        };
        let member = self.member(path, it.left.span, members);
        let items: Vec<(Value, Span)> = match ungrouped(&it.right) {
            Expr {
                kind: ExprKind::List(items),
                ..
            } => items
                .iter()
                .map(|item| (self.eval(item), item.span))
                .collect(),
            list => match self.eval(list) {
                Value::List(items) => items.into_iter().map(|item| (item, list.span)).collect(),
                Value::Error => return None,
                _ => {
                    return self.beyond(
                        list.span,
                        "`in` takes a list",
                        "write `data.kind in [\"a\", \"b\"]`",
                    );
                }
            },
        };
        let member = member?;
        let mut any = Vec::new();
        for (value, span) in items {
            let literal = self.literal(&value, span, &member, members, Comparison::Equal)?;
            any.push(Predicate::Compare(
                member.clone(),
                Comparison::Equal,
                literal,
            ));
        }
        Some(match any.len() {
            1 => any.remove(0),
            _ => Predicate::Any(any),
        })
    }

    fn call_condition(&mut self, call: &ast::Call, members: &Members) -> Option<Predicate> {
        match (call.name.as_str(), call.arguments.as_slice()) {
            ("exists", [member]) if member_path(member).is_some() => {
                let path = member_path(member)?;
                self.member(path, member.span, members)
                    .map(Predicate::Exists)
            }
            ("starts_with", [member, start])
                if member_path(member).is_some() && !speaks_of_member(start) =>
            {
                let path = member_path(member)?;
                let member = self.member(path, member.span, members);
                let start = self.text(start, "`starts_with`");
                Some(Predicate::StartsWith(member?, start?.value))
            }
            ("exists", _) => self.beyond(
                call.name.span,
                "`exists` takes one member",
                "write `exists(data.total)`",
            ),
            ("starts_with", _) => self.beyond(
                call.name.span,
                "`starts_with` takes a member and a text",
                "write `starts_with(data.name, \"a\")`",
            ),
            (name, _) => {
                let help = match closest(name, ["exists", "starts_with"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "filters have `exists(member)` and `starts_with(member, \"…\")`".to_owned()
                    }
                };
                self.report(
                    Diagnostic::new(
                        Code::FN0202,
                        format!("there is no function `{name}` in a filter"),
                    )
                    .label(call.name.span, "unknown")
                    .help(help),
                );
                None
            }
        }
    }

    /// Returns the member that a path is; reports one that such a record doesn't have.
    fn member(&mut self, path: &ast::Path, span: Span, members: &Members) -> Option<Member> {
        let (root, rest) = path.segments.split_first()?;
        let name = root.name.as_str();
        let names = members.names();
        let text = members.texts.contains(&name);
        let (message, label, help) = if !names.contains(&name) {
            let near = closest(name, names.iter().copied());
            let help = near.map_or_else(
                || format!("it has {}", names.join(", ")),
                |it| format!("did you mean `{it}`?"),
            );
            (
                format!("{} has no `{name}`", members.title),
                "not one of its members",
                help,
            )
        } else if text && !rest.is_empty() {
            let message = format!("`{name}` has no members of its own");
            (message, "this is text", format!("write `{name}`"))
        } else if name == "attributes" && rest.len() != 1 {
            let message = "an attribute has one name".to_owned();
            (
                message,
                "which attribute?",
                "write `attributes.kind`, or `attributes[\"a.b\"]`".to_owned(),
            )
        } else {
            return Some(Member {
                path: path
                    .segments
                    .iter()
                    .map(|it| it.name.value.to_string())
                    .collect(),
                span,
            });
        };
        self.report(
            Diagnostic::new(Code::FN0252, message)
                .label(span, label)
                .help(help),
        );
        None
    }

    /// Returns what a member is compared with; reports what it can't be.
    fn literal(
        &mut self,
        value: &Value,
        span: Span,
        member: &Member,
        members: &Members,
        comparison: Comparison,
    ) -> Option<Literal> {
        let literal = match value {
            Value::Text(it) => Literal::Text(it.clone()),
            Value::Int(it) => Literal::Int(*it),
            Value::Decimal(it) => Literal::Decimal(*it),
            Value::Bool(it) => Literal::Bool(*it),
            Value::Error => return None,
            Value::Secret(_) => {
                self.secret_misplaced(span);
                return None;
            }
            Value::Deployed(_) => {
                self.deployed(span);
                return None;
            }
            Value::Null => {
                return self.beyond(
                    span,
                    "nothing equals `null`",
                    &format!("write `exists({})`, or `not exists({0})`", shown(member)),
                );
            }
            other => {
                let kind = other.kind().map_or("such a value", Kind::title);
                return self.beyond(
                    span,
                    &format!("records hold no value like {kind}"),
                    "compare with a string, a number or a bool",
                );
            }
        };
        let root = member.path.first().map_or("", String::as_str);
        let text = root == "attributes" || members.texts.contains(&root);
        if text && !matches!(literal, Literal::Text(_)) {
            let shown = shown(member);
            return self.beyond(
                span,
                &format!("`{shown}` is text, so this is never equal"),
                "write it in quotes",
            );
        }
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(literal, Literal::Bool(_)) {
            return self.beyond(
                span,
                "truth values have no order",
                "compare them with `==` or `!=`",
            );
        }
        Some(literal)
    }

    fn beyond<T>(&mut self, span: Span, label: &str, help: &str) -> Option<T> {
        self.report(
            Diagnostic::new(Code::FN0253, "a filter can't say this")
                .label(span, label)
                .help(help),
        );
        None
    }
}

/// Joins two predicates without nesting what is of one kind; a constant decides, or goes.
fn join(both: [Predicate; 2], and: bool) -> Predicate {
    let mut parts = Vec::new();
    for it in both {
        match it {
            Predicate::All(all) if and => parts.extend(all),
            Predicate::Any(any) if !and => parts.extend(any),
            Predicate::All(all) if all.is_empty() => return Predicate::All(all),
            Predicate::Any(any) if any.is_empty() => return Predicate::Any(any),
            other => parts.push(other),
        }
    }
    match (parts.len(), and) {
        (1, _) => parts.remove(0),
        (_, true) => Predicate::All(parts),
        (_, false) => Predicate::Any(parts),
    }
}

fn ungrouped(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Group(it) => ungrouped(it),
        _ => expr,
    }
}

/// Returns the path of an expression that is a member.
fn member_path(expr: &Expr) -> Option<&ast::Path> {
    let ExprKind::Path(path) = &ungrouped(expr).kind else {
        return None;
    };
    let root = path.segments.first()?.name.as_str();
    // A dotted name that begins with none of these was meant as a member, and is perhaps misspelt.
    let elsewhere = matches!(root, "app" | "secret") || thing(root).is_some();
    let meant = path.segments.len() > 1 && !elsewhere;
    (ROOTS.contains(&root) || meant).then_some(path)
}

/// Tells whether an expression depends on the record: by a member, or by a function of filters.
fn speaks_of_member(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Null => false,
        ExprKind::Text(text) => text.parts.iter().any(|it| match it {
            TextPart::Plain(_) => false,
            TextPart::Value(it) => speaks_of_member(it),
        }),
        ExprKind::List(items) => items.iter().any(speaks_of_member),
        ExprKind::Object(entries) => entries.iter().any(|it| speaks_of_member(&it.value)),
        ExprKind::Group(it) => speaks_of_member(it),
        ExprKind::Call(_) => true,
        ExprKind::Path(_) => member_path(expr).is_some(),
        ExprKind::Unary(it) => speaks_of_member(&it.operand),
        ExprKind::Binary(it) => speaks_of_member(&it.left) || speaks_of_member(&it.right),
        ExprKind::ByStage(it) => it.values.iter().any(|it| speaks_of_member(&it.value)),
        ExprKind::If(it) => [&it.condition, &it.then, &it.otherwise]
            .into_iter()
            .any(|it| speaks_of_member(it)),
    }
}

fn shown(member: &Member) -> String {
    member.path.join(".")
}

#[cfg(test)]
mod tests;
