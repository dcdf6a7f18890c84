//! What functions share: layers of code and private networks.

use std::collections::BTreeMap;

use super::Checker;
use super::addresses::address;
use super::settings::Settings;
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Layer, Name, Target, Thing, Vpc};
use crate::source::Span;
use crate::syntax::ast::{self, Expr, ExprKind};

impl Checker<'_> {
    /// Reads `layer NAME { folder "…" }` and `external layer NAME { aws { arn = … } }`.
    pub(super) fn lower_layer(
        &mut self,
        layer: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Layer {
        let settings = self.resource_settings(layer, Context::Layer);
        let folder = settings.get("folder").and_then(|it| self.folder(it));
        if layer.external.is_none() && settings.get("folder").is_none() {
            self.report(
                Diagnostic::new(
                    Code::FN0208,
                    format!("the layer `{}` has no folder", layer.name.value),
                )
                .label(layer.name.span, "nothing to pack")
                .help("name the folder: `folder \"layers/deps/\"`; one that exists already is an `external layer`"),
            );
        }
        let addresses = match layer.external {
            Some(_) => self.addresses(&settings, Thing::Layer),
            None => BTreeMap::new(),
        };
        Layer {
            name: layer.name.to_name(),
            doc,
            span,
            folder,
            addresses,
            hatches: match layer.external {
                Some(_) => Vec::new(),
                None => self.hatches(&settings),
            },
        }
    }

    fn folder(&mut self, setting: &ast::Setting) -> Option<Name> {
        let mut text = self.text_setting(setting)?;
        let path = text.value.strip_suffix('/').unwrap_or(&text.value);
        text.value = self.in_program(text.span, path);
        Some(text)
    }

    /// Reads `vpc NAME { aws { … }; azure { … } }`.
    pub(super) fn lower_vpc(
        &mut self,
        vpc: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Vpc {
        if let Some(external) = vpc.external {
            self.misplaced(
                external,
                "`external` can't stand before `vpc`".to_owned(),
                "a `vpc` is always one that exists already: leave `external` out",
            );
        }
        let settings = self.settings(vpc.block.as_ref(), Context::Vpc);
        Vpc {
            name: vpc.name.to_name(),
            doc,
            span,
            addresses: self.networks(&settings),
        }
    }

    fn networks(
        &mut self,
        settings: &Settings<'_>,
    ) -> BTreeMap<Target, BTreeMap<String, Vec<Name>>> {
        let mut addresses = BTreeMap::new();
        for target in Target::ALL {
            let Some(setting) = settings.get(target.word()) else {
                continue;
            };
            let place = address(Thing::Vpc, target);
            let mut parts: BTreeMap<String, Vec<Name>> = BTreeMap::new();
            let mut whole = true;
            for entry in self.entries(setting) {
                let key = entry.key.as_str();
                let Some(word) = place.words.iter().find(|it| it.name == key) else {
                    self.unknown_word(&entry.key, Context::Address(Thing::Vpc, target));
                    whole = false;
                    continue;
                };
                match self.address_list(&entry.value, key, word.form) {
                    Some(texts) => {
                        parts.insert(key.to_owned(), texts);
                    }
                    None => whole = false,
                }
            }
            let missing = |words: &&[&str]| !words.iter().any(|it| parts.contains_key(*it));
            if whole && place.needs.iter().any(missing) {
                self.wrong_form(setting, place.form);
            }
            addresses.insert(target, parts);
        }
        addresses
    }

    /// Reads one text, or a list of them where the word is written as a list.
    fn address_list(&mut self, expr: &Expr, key: &str, form: &str) -> Option<Vec<Name>> {
        let what = format!("`{key}`");
        if !form.contains('[') {
            return Some(vec![self.text(expr, &what)?]);
        }
        let ExprKind::List(items) = &expr.kind else {
            self.form(key, expr.span, form);
            return None;
        };
        if items.is_empty() {
            self.form(key, expr.span, form);
            return None;
        }
        let texts = items.iter().map(|it| self.text(it, &what));
        texts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    #[track_caller]
    fn program(declaration: &str, expected: &[&str]) {
        let function = "function f { handler \"src/a.py:handle\"; on http GET \"/\" { auth none }";
        let uses = if declaration.contains("vpc") {
            "vpc it"
        } else {
            "layers it"
        };
        finds(&format!("{declaration}\n{function}; {uses} }}"), expected);
    }

    #[test]
    fn layers_have_a_folder_or_an_address() {
        program("layer it { folder \"deps\" }", &[]);
        program("layer it", &["FN0208 at `it`"]);
        program(
            "layer it { folder \"../deps\" }",
            &["FN0320 at `\"../deps\"`"],
        );
        let arn = "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:14";
        program(
            &format!("external layer it {{ aws {{ arn = \"{arn}\" }} }}"),
            &[],
        );
        program(
            "external layer it { aws { arn = \"arn:aws:s3:eu-west-1:1:layer:x:1\" } }",
            &["FN0230 at `\"arn:aws:s3:eu-west-1:1:layer:x:1\"`"],
        );
        program(
            "external layer it { folder \"deps\" }",
            &["FN0203 at `folder`"],
        );
    }

    #[test]
    fn networks_are_whole() {
        let aws = "aws { subnets = [\"subnet-1\"]; security_groups = [\"sg-1\"] }";
        program(&format!("vpc it {{ {aws} }}"), &[]);
        program(
            &format!("vpc it {{ {aws}; azure {{ subnet = \"/subscriptions/1/x\" }} }}"),
            &[],
        );
        program(
            "vpc it { aws { subnets = [\"subnet-1\"] } }",
            &["FN0217 at `{ subnets = [\"subnet-1\"] }`"],
        );
        program(
            "vpc it { aws { subnets = \"subnet-1\"; security_groups = [] } }",
            &["FN0217 at `\"subnet-1\"`", "FN0217 at `[]`"],
        );
        program(
            &format!("external vpc it {{ {aws} }}"),
            &["FN0220 at `external`"],
        );
    }

    #[test]
    fn unused_ones_are_named() {
        finds(
            "layer it { folder \"deps\" }\nvpc main { azure { subnet = \"x\" } }\nfunction f { handler \"src/a.py:handle\" }",
            &["FN0215 at `it`", "FN0215 at `main`"],
        );
    }
}
