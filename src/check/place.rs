//! What ties a resource to the world outside of the program: `external` and `named`.

use std::collections::BTreeMap;

use super::Checker;
use super::addresses::{address, arn_service};
use super::scope::thing;
use super::settings::Settings;
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{External, Name, Place, Target, Thing};
use crate::syntax::ast;

impl Checker<'_> {
    /// Reads the block of a resource: its own settings, or those of an external one.
    pub(super) fn resource_settings<'s>(
        &mut self,
        resource: &'s ast::Resource,
        context: Context,
    ) -> Settings<'s> {
        let context = match (resource.external, thing(resource.kind.as_str())) {
            (Some(_), Some(thing)) => Context::External(thing),
            (Some(_), None) | (None, _) => context,
        };
        self.settings(resource.block.as_ref(), context)
    }

    /// Reads what ties a resource to the world outside of the program.
    pub(super) fn place(&mut self, resource: &ast::Resource, settings: &Settings<'_>) -> Place {
        let kind = thing(resource.kind.as_str());
        let external = resource.external.zip(kind).map(|(span, kind)| External {
            span,
            addresses: self.addresses(settings, kind),
        });
        Place {
            external,
            named: self.physical_name(settings),
            hatches: match resource.external {
                Some(_) => Vec::new(),
                None => self.hatches(settings),
            },
        }
    }

    /// Reads `named "…"`: letters, digits, `.`, `-` and `_`, which is what the targets allow at most.
    pub(super) fn physical_name(&mut self, settings: &Settings<'_>) -> Option<Name> {
        let name = self.text_setting(settings.get("named")?)?;
        let legal = |it: char| it.is_ascii_alphanumeric() || ".-_".contains(it);
        if !name.value.is_empty() && name.value.chars().all(legal) {
            return Some(name);
        }
        let message = format!("\"{}\" can't be a name on any target", name.value);
        self.out_of_range(
            name.span,
            &message,
            "letters, digits, `.`, `-` and `_`, at least one of them",
        );
        None
    }

    /// Reads where each target finds what another system owns.
    pub(super) fn addresses(
        &mut self,
        settings: &Settings<'_>,
        kind: Thing,
    ) -> BTreeMap<Target, BTreeMap<String, Name>> {
        let mut addresses = BTreeMap::new();
        for target in Target::ALL {
            let Some(setting) = settings.get(target.word()) else {
                continue;
            };
            let place = address(kind, target);
            let context = Context::Address(kind, target);
            let mut parts: BTreeMap<String, Name> = BTreeMap::new();
            let mut whole = true;
            for entry in self.entries(setting) {
                let key = entry.key.as_str();
                if !place.words.iter().any(|it| it.name == key) {
                    self.unknown_word(&entry.key, context);
                    whole = false;
                    continue;
                }
                match self.address_part(key, &entry.value, kind, target) {
                    Some(text) => {
                        parts.insert(key.to_owned(), text);
                    }
                    None => whole = false,
                }
            }
            let given =
                |words: &&[&str]| words.iter().filter(|it| parts.contains_key(**it)).count();
            if whole && place.needs.iter().any(|it| given(it) != 1) {
                self.wrong_form(setting, place.form);
            }
            // A broken one too: that it is there is what the target asks.
            addresses.insert(target, parts);
        }
        addresses
    }

    fn address_part(
        &mut self,
        key: &str,
        value: &ast::Expr,
        kind: Thing,
        target: Target,
    ) -> Option<Name> {
        let text = self.text(value, &format!("`{key}`"))?;
        if text.value.trim().is_empty() {
            let message = format!("`{key}` is empty");
            self.out_of_range(text.span, &message, "any other text");
            return None;
        }
        let service = arn_service(kind).filter(|_| target == Target::Aws);
        let service = match key {
            "arn" => service,
            "stream" => Some("dynamodb"),
            _ => None,
        };
        let Some(service) = service else {
            return Some(text);
        };
        let parts: Vec<&str> = text.value.splitn(6, ':').collect();
        let label = match parts.as_slice() {
            ["arn", partition, actual, _, _, resource]
                if !partition.is_empty() && !resource.is_empty() =>
            {
                if *actual == service {
                    return Some(text);
                }
                format!("this is of `{actual}`")
            }
            _ => "an ARN has six parts, divided by `:`".to_owned(),
        };
        let message = format!("\"{}\" is not the ARN of a {}", text.value, kind.word());
        self.report(
            Diagnostic::new(Code::FN0230, message)
                .label(text.span, label)
                .help(format!(
                    "it has the form `arn:aws:{service}:REGION:ACCOUNT:…`"
                )),
        );
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    #[track_caller]
    fn queue(block: &str, expected: &[&str]) {
        let user = r#"function f { handler "src/f.py:handle"; on http GET "/" { auth none }; can send orders }"#;
        finds(
            &format!(
                "param name string = \"orders\"\nexternal queue orders {{ {block} }}\n{user}\nlet n = name"
            ),
            expected,
        );
    }

    #[test]
    fn an_address_is_whole() {
        let used = "FN0215 at `n`";
        queue("aws { arn = \"arn:aws:sqs:eu-west-1:1:${name}\" }", &[used]);
        queue(
            "aws { name = name }; azure { namespace = \"bus\"; name = name }",
            &[used],
        );
        queue(
            "azure { name = name }",
            &["FN0217 at `{ name = name }`", used],
        );
        queue(
            "aws { name = name; arn = \"arn:aws:sqs:eu-west-1:1:x\" }",
            &[
                "FN0217 at `{ name = name; arn = \"arn:aws:sqs:eu-west-1:1:x\" }`",
                used,
            ],
        );
        queue("aws { nam = name }", &["FN0203 at `nam`", used]);
        queue("keep 4d", &["FN0203 at `keep`", used]);
        queue(
            "fifo; knative { channel = \"\" }",
            &["FN0221 at `\"\"`", used],
        );
    }

    #[test]
    fn an_arn_is_of_its_kind() {
        let used = "FN0215 at `n`";
        for bad in [
            "arn:aws:sns:eu-west-1:1:orders",
            "orders",
            "arn:aws:sqs:eu-west-1:1:",
        ] {
            let place = format!("FN0230 at `\"{bad}\"`");
            queue(&format!("aws {{ arn = \"{bad}\" }}"), &[&place, used]);
        }
    }

    #[test]
    fn physical_names_are_legal() {
        let queue = |name: &str, expected: &[&str]| {
            let program = r#"queue parked { keep 14d }
function f { handler "src/f.py:handle"; on queue orders }"#;
            finds(
                &format!("queue orders {{ named \"{name}\"; retry 1 then parked }}\n{program}"),
                expected,
            );
        };
        queue("Legacy-orders_1.x", &[]);
        queue("", &["FN0221 at `\"\"`"]);
        queue("a b", &["FN0221 at `\"a b\"`"]);
    }
}
