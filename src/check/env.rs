//! Environment variables.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value of any other type is the same mistake"
)]

use super::Checker;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{EnvPart, EnvValue, EnvVar};
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn env(&mut self, setting: &ast::Setting) -> Vec<EnvVar> {
        let mut variables = Vec::new();
        for entry in self.entries(setting) {
            let value = match self.eval(&entry.value) {
                Value::Error => continue,
                Value::Secret(name) => EnvValue::Secret(name),
                Value::Deployed(parts) => EnvValue::Text(parts),
                value @ (Value::Text(_) | Value::Int(_) | Value::Bool(_)) => {
                    EnvValue::Text(vec![EnvPart::Plain(value.text().unwrap_or_default())])
                }
                other => {
                    let kind = other.kind().map_or("nothing", Kind::title);
                    let message = format!("a variable can't hold {kind}");
                    self.report(
                        Diagnostic::new(Code::FN0205, message)
                            .label(entry.value.span, format!("this is {kind}"))
                            .help("it holds a string, an int, a bool, a secret or an attribute; put the rest in quotes: \"${…}\""),
                    );
                    continue;
                }
            };
            variables.push(EnvVar {
                name: entry.key.to_name(),
                value,
            });
        }
        variables
    }
}
