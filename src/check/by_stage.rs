//! `by stage { dev = …; else = … }`: a value for each stage.

use super::Checker;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::source::Span;
use crate::syntax::ast::{ByStage, Entry};

/// The key of the value for all other stages.
const ELSE: &str = "else";

impl Checker<'_> {
    /// Returns the value for the chosen stage; those for the others must be of its type.
    pub(super) fn by_stage(&mut self, it: &ByStage, span: Span) -> Value {
        let chosen = self.chosen(it, span);
        let mut result = Value::Error;
        let mut first: Option<(Kind, Span)> = None;
        for entry in &it.values {
            let needed = chosen.is_some_and(|it| it.key.span == entry.key.span);
            let value = self.eval_branch(&entry.value, needed);
            let place = entry.value.span;
            match (first, value.kind()) {
                (Some((a, before)), Some(b)) if !alike(a, b) => {
                    return self.report(
                        Diagnostic::new(Code::FN0212, "the values for the stages differ in type")
                            .label(place, format!("this is {}", b.title()))
                            .label(before, format!("this is {}", a.title()))
                            .help("give all the same type"),
                    );
                }
                (None, Some(kind)) => first = Some((kind, place)),
                (Some(_), Some(_)) | (_, None) => {}
            }
            if needed {
                result = value;
            }
        }
        result
    }

    /// Returns what stands for the chosen stage, once it is sure that each stage has exactly one value.
    pub(super) fn chosen<'e>(&mut self, it: &'e ByStage, span: Span) -> Option<&'e Entry> {
        let Value::Text(stage) = self.stage(span) else {
            return None;
        };
        let stages: Vec<String> = self
            .scope
            .stages
            .iter()
            .map(|it| it.value.to_string())
            .collect();
        let mut seen: Vec<&Entry> = Vec::new();
        let mut sound = true;
        for entry in &it.values {
            let key = entry.key.as_str();
            if let Some(first) = seen.iter().find(|it| it.key.value == entry.key.value) {
                self.given_twice(&entry.key, first.key.span);
                sound = false;
            } else if key != ELSE && !stages.iter().any(|it| it == key) {
                let help = match closest(key, stages.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the stages are {}", stages.join(", ")),
                };
                let message = format!("there is no stage `{key}`");
                let finding = Diagnostic::new(Code::FN0218, message);
                self.report(finding.label(entry.key.span, "not declared").help(help));
                sound = false;
            }
            seen.push(entry);
        }
        let has = |stage: &str| seen.iter().find(|it| it.key.value == *stage).copied();
        let missing: Vec<&str> = stages
            .iter()
            .map(String::as_str)
            .filter(|it| has(it).is_none())
            .collect();
        match (has(ELSE), missing.as_slice()) {
            // Perhaps the missing one is the misspelt one.
            _ if !sound => return None,
            (None, [_, ..]) => {
                let list = missing.iter().map(|it| format!("`{it}`"));
                let list = list.collect::<Vec<_>>().join(", ");
                self.report(
                    Diagnostic::new(
                        Code::FN0224,
                        format!("there is no value for the stage {list}"),
                    )
                    .label(it.braces, "each stage needs one")
                    .help("add it, or a value for all the others: `else = …`"),
                );
                return None;
            }
            (Some(other), []) => {
                self.report(
                    Diagnostic::new(Code::FN0225, "no stage is left for `else`")
                        .label(other.key.span, "each stage has a value of its own")
                        .help("remove it, or one of the others"),
                );
            }
            (Some(_), [_, ..]) | (None, []) => {}
        }
        has(&stage).or(has(ELSE))
    }
}

/// A text that is known when deployed is a text.
fn alike(a: Kind, b: Kind) -> bool {
    a == b
        || matches!(
            (a, b),
            (Kind::Text, Kind::Deployed) | (Kind::Deployed, Kind::Text)
        )
}
