//! Hatches: entries of a target's own manifest, raw permissions, raw resources, and a target's settings.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value of any other type is the same mistake"
)]

use indexmap::IndexMap;

use super::Checker;
use super::arguments::is_word;
use super::settings::Settings;
use super::value::{Kind, Value};
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    App, EnvPart, Hatch, Name, RawAllow, RawBody, RawEntry, RawResource, RawValue, Target,
};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Argument, Expr, ExprKind, StatementKind};

impl Checker<'_> {
    /// Reads the target blocks among the settings of a declaration that takes no `allow`.
    pub(super) fn hatches(&mut self, settings: &Settings<'_>) -> Vec<Hatch> {
        self.hatches_and_rights(settings, Context::Hatch).0
    }

    /// Reads the target blocks of a function: entries of its manifest, and permissions.
    pub(super) fn hatches_and_rights(
        &mut self,
        settings: &Settings<'_>,
        context: Context,
    ) -> (Vec<Hatch>, Vec<RawAllow>) {
        let (mut hatches, mut rights) = (Vec::new(), Vec::new());
        for target in Target::ALL {
            let Some(setting) = settings.get(target.word()) else {
                continue;
            };
            let Some(block) = setting
                .block
                .as_ref()
                .filter(|_| setting.arguments.is_empty())
            else {
                self.wrong_form(setting, &format!("{} {{ KEY = value }}", target.word()));
                continue;
            };
            self.not_empty(setting.word.span, block);
            let (entries, others) = self.sorted(block, context);
            let body = self.raw_body(&entries, block.span);
            if !body.entries.is_empty() {
                hatches.push(Hatch { target, body });
            }
            for allow in others.all("allow") {
                rights.extend(self.allow(allow, target));
            }
        }
        (hatches, rights)
    }

    /// Reads the block of `on aws { … }`.
    pub(super) fn raw_block(&mut self, word: Span, block: &ast::Block) -> RawBody {
        self.not_empty(word, block);
        let (entries, _) = self.sorted(block, Context::Hatch);
        self.raw_body(&entries, block.span)
    }

    /// Reads `aws { … }` at top level: raw resources, and the target's settings.
    pub(super) fn target_block(&mut self, it: &ast::Settings, app: &mut App) {
        let present = it.when.as_ref().is_none_or(|it| self.holds(it));
        let Some(target) = Target::parse(it.target.as_str()) else {
            return;
        };
        self.not_empty(it.target.span, &it.block);
        let settings = self.settings(Some(&it.block), Context::Target(target));
        let mut raw: Vec<RawResource> = Vec::new();
        for setting in settings.all("resource") {
            let form = "resource NAME { KEY = value }";
            let ([name], Some(block)) = (setting.arguments.as_slice(), &setting.block) else {
                self.wrong_form(setting, form);
                continue;
            };
            let Some(name) = raw_name(name) else {
                self.wrong_form(setting, form);
                continue;
            };
            self.not_empty(name.span, block);
            let known = app.raw.iter().chain(&raw).filter(|it| it.target == target);
            if let Some(first) = known.map(|it| &it.name).find(|it| it.value == name.value) {
                let first = first.span;
                self.given_twice(&name, first);
                continue;
            }
            let (entries, _) = self.sorted(block, Context::Hatch);
            let body = self.raw_body(&entries, block.span);
            raw.push(RawResource { target, name, body });
        }
        let words = Context::Target(target).words().iter();
        let mut said = IndexMap::new();
        for word in words.map(|it| it.name).filter(|it| *it != "resource") {
            let Some(setting) = settings.get(word) else {
                continue;
            };
            let text = if word == "account_concurrency" {
                let count = self.count_setting(setting, 1);
                count.and_then(|it| Some(Spanned::new(it.value.to_string(), it.span()?)))
            } else {
                self.text_setting(setting)
            };
            let known = app.settings.get(&target).and_then(|it| it.get(word));
            if let Some(first) = known.map(|it| it.span) {
                self.given_twice(&setting.word, first);
            } else if let Some(text) = text {
                said.insert(word.to_owned(), text);
            }
        }
        if present {
            app.raw.extend(raw);
            if !said.is_empty() {
                app.settings.entry(target).or_default().extend(said);
            }
        }
    }

    /// Warns of a block that says nothing.
    fn not_empty(&mut self, word: Span, block: &ast::Block) {
        if block.statements.is_empty() {
            self.report(
                Diagnostic::new(Code::FN1001, "this block says nothing")
                    .label(word.to(block.span), "empty")
                    .help("say what the target's manifest needs, or remove the block"),
            );
        }
    }

    /// Divides a block into entries and settings.
    fn sorted<'s>(
        &mut self,
        block: &'s ast::Block,
        context: Context,
    ) -> (Vec<&'s ast::Entry>, Settings<'s>) {
        let mut entries: Vec<&ast::Entry> = Vec::new();
        for statement in &block.statements {
            if let StatementKind::Entry(entry) = &statement.kind {
                match entries.iter().find(|it| it.key.value == entry.key.value) {
                    Some(first) => self.given_twice(&entry.key, first.key.span),
                    None => entries.push(entry),
                }
            }
        }
        (entries, self.settings(Some(block), context))
    }

    fn raw_body(&mut self, entries: &[&ast::Entry], span: Span) -> RawBody {
        let mut body = IndexMap::new();
        for entry in entries {
            if let Some(value) = self.raw_entry(entry) {
                body.insert(entry.key.value.to_string(), value);
            }
        }
        RawBody {
            span,
            entries: body,
        }
    }

    fn raw_entry(&mut self, entry: &ast::Entry) -> Option<RawEntry> {
        let value = self.raw_value(&entry.value)?;
        Some(RawEntry {
            key: entry.key.span,
            span: value.span,
            value: value.value,
        })
    }

    fn raw_value(&mut self, expr: &Expr) -> Option<Spanned<RawValue>> {
        let value = match &expr.kind {
            ExprKind::List(items) => {
                let items: Vec<_> = items.iter().map(|it| self.raw_value(it)).collect();
                RawValue::List(items.into_iter().collect::<Option<_>>()?)
            }
            ExprKind::Object(entries) => {
                let mut members = IndexMap::new();
                let mut spans: IndexMap<&str, Span> = IndexMap::new();
                for entry in entries {
                    if let Some(first) = spans.insert(entry.key.as_str(), entry.key.span) {
                        self.given_twice(&entry.key, first);
                    }
                    members.insert(entry.key.value.to_string(), self.raw_entry(entry)?);
                }
                RawValue::Object(members)
            }
            _ => {
                let value = self.eval(expr);
                self.raw(value, expr.span)?
            }
        };
        Some(Spanned::new(value, expr.span))
    }

    /// Turns a value into one of a manifest, which knows no units.
    fn raw(&mut self, value: Value, span: Span) -> Option<RawValue> {
        Some(match value {
            Value::Null => RawValue::Null,
            Value::Bool(it) => RawValue::Bool(it),
            Value::Int(it) => RawValue::Int(it),
            Value::Decimal(it) => RawValue::Decimal(it),
            Value::Text(it) => RawValue::Text(vec![EnvPart::Plain(it)]),
            Value::Deployed(parts) => RawValue::Text(parts),
            Value::List(items) => {
                let items: Option<Vec<_>> = items
                    .into_iter()
                    .map(|it| Some(Spanned::new(self.raw(it, span)?, span)))
                    .collect();
                RawValue::List(items?)
            }
            Value::Object(members) => {
                let mut made = IndexMap::new();
                for (key, value) in members {
                    let value = self.raw(value, span)?;
                    made.insert(
                        key,
                        RawEntry {
                            key: span,
                            span,
                            value,
                        },
                    );
                }
                RawValue::Object(made)
            }
            Value::Secret(_) => {
                self.secret_misplaced(span);
                return None;
            }
            Value::Error => return None,
            other => {
                let kind = other.kind().map_or("nothing", Kind::title);
                self.report(
                    Diagnostic::new(Code::FN1003, format!("a manifest has no place for {kind}"))
                        .label(span, "its unit means nothing to the target")
                        .help("write the number in the target's own unit, or the text in quotes"),
                );
                return None;
            }
        })
    }

    /// Reads `allow "ACTION" on "RESOURCE"`; each may be a list.
    fn allow(&mut self, setting: &ast::Setting, target: Target) -> Option<RawAllow> {
        let form = "allow \"ses:SendEmail\" on \"*\"";
        let plain = |it: &Argument| it.range.is_none() && !it.after_comma;
        let (actions, on) = match setting.arguments.as_slice() {
            [actions, word, on]
                if is_word(word, "on")
                    && setting.block.is_none()
                    && setting.arguments.iter().all(plain) =>
            {
                (&actions.value, &on.value)
            }
            _ => {
                self.wrong_form(setting, form);
                return None;
            }
        };
        let mut named = Vec::new();
        for action in items(actions) {
            named.push(self.text(action, "an action")?);
        }
        let mut places = Vec::new();
        for place in items(on) {
            let value = self.raw_value(place)?;
            if !matches!(value.value, RawValue::Text(_) | RawValue::Object(_)) {
                self.form("allow", place.span, form);
                return None;
            }
            places.push(value);
        }
        if named.is_empty() || places.is_empty() {
            self.wrong_form(setting, form);
            return None;
        }
        let all = |it: &RawValue| *it == RawValue::Text(vec![EnvPart::Plain("*".to_owned())]);
        let everything = named.iter().find(|it| it.value == "*");
        if let Some(everything) = everything
            && places.iter().any(|it| all(&it.value))
        {
            self.report(
                Diagnostic::new(Code::FN1002, "the function may do anything with anything")
                    .label(everything.span.to(on.span), "every action on every resource")
                    .help("name the actions it needs and what it needs them on: `allow \"ses:SendEmail\" on \"arn:…\"`"),
            );
        }
        Some(RawAllow {
            target,
            actions: named,
            on: places,
        })
    }
}

/// Returns the name of a raw resource: a word, or a text.
fn raw_name(argument: &Argument) -> Option<Name> {
    if argument.range.is_some() {
        return None;
    }
    match &argument.value.kind {
        ExprKind::Path(path) => path.word().map(ast::Name::to_name),
        ExprKind::Text(text) => Some(Spanned::new(text.plain()?, argument.span)),
        _ => None,
    }
}

/// Returns the items of a list, or the value alone.
fn items(expr: &Expr) -> &[Expr] {
    match &expr.kind {
        ExprKind::List(items) => items,
        _ => std::slice::from_ref(expr),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    #[track_caller]
    fn function(settings: &str, expected: &[&str]) {
        finds(
            &format!(
                "function f {{ handler \"src/a.py:handle\"; on http GET \"/\" {{ auth none }}; {settings} }}"
            ),
            expected,
        );
    }

    #[test]
    fn blocks_hold_a_manifest_in_its_own_words() {
        function(
            "aws { Tracing = \"Active\"; Layers = [\"arn:x\", { Ref = \"X\" }]; VpcConfig = null; A = 1; B = 1.5; C = true; D = function.f.name }",
            &[],
        );
        function("aws { }", &["FN1001 at `aws { }`"]);
        function("aws { A = 30s }", &["FN1003 at `30s`"]);
        function("aws { A = [1, 2MB] }", &["FN1003 at `2MB`"]);
        function("aws { A = 1; A = 2 }", &["FN0207 at `A`"]);
        function("aws { A = \"\"; timeout 5s }", &["FN0203 at `timeout`"]);
        function("aws 5", &["FN0217 at `5`"]);
        function("gcp { A = 1 }", &["FN0203 at `gcp`"]);
        finds(
            "secret key\nfunction f { handler \"src/a.py:handle\"; on http GET \"/\" { auth none }; aws { A = secret.key } }",
            &["FN0219 at `secret.key`"],
        );
    }

    #[test]
    fn rights_are_named() {
        function("aws { allow \"ses:SendEmail\" on \"*\" }", &[]);
        function(
            "aws { allow [\"ses:SendEmail\", \"ses:SendRawEmail\"] on [function.f.arn, { \"Fn::Sub\" = \"x\" }] }",
            &[],
        );
        function(
            "aws { allow \"*\" on \"*\" }",
            &["FN1002 at `\"*\" on \"*\"`"],
        );
        function("aws { allow \"ses:*\" }", &["FN0217 at `\"ses:*\"`"]);
        function("aws { allow 5 on \"*\" }", &["FN0205 at `5`"]);
        finds(
            "queue q { aws { allow \"a\" on \"b\" } }\nfunction f { handler \"src/a.py:handle\"; on http GET \"/\" { auth none }; can send q }\nfunction g { handler \"src/a.py:handle\"; on queue q }",
            &["FN0203 at `allow`"],
        );
    }

    #[test]
    fn targets_have_blocks_at_top_level() {
        let alarm =
            "resource Alarm { Type = \"AWS::CloudWatch::Alarm\"; Properties = { Threshold = 1 } }";
        finds(&format!("aws {{ account_concurrency 500; {alarm} }}"), &[]);
        finds(
            &format!("aws {{ {alarm} }}\naws {{ {alarm} }}"),
            &["FN0207 at `Alarm`"],
        );
        finds(
            "aws { acount_concurrency 5 }",
            &["FN0203 at `acount_concurrency`"],
        );
        finds("aws { account_concurrency 0 }", &["FN0221 at `0`"]);
        finds(
            "knative { registry \"ghcr.io/a\"; domain \"a.example\"; kafka \"k:9092\"; gateway \"g\" }",
            &[],
        );
        finds("azure { registry \"a\" }", &["FN0203 at `registry`"]);
        finds(
            "aws { resource { Type = \"\" } }",
            &["FN0217 at `{ Type = \"\" }`"],
        );
    }

    #[test]
    fn triggers_can_be_raw() {
        let on = |trigger: &str, expected: &[&str]| {
            finds(
                &format!("function f {{ handler \"src/a.py:handle\"; on {trigger} }}"),
                expected,
            );
        };
        on(
            "aws { Type = \"IoTRule\"; Properties = { Sql = \"SELECT * FROM 'x'\" } }",
            &[],
        );
        on("aws", &["FN0217 at `aws`"]);
        on("aws IoTRule { Type = \"x\" }", &["FN0217 at `aws IoTRule`"]);
        on("aws { }", &["FN1001 at `aws { }`"]);
        on(
            "http GET \"/\" { auth none; aws { Auth = { ApiKeyRequired = true } } }",
            &[],
        );
    }
}
