//! Secrets: where each target's store holds them.

use std::collections::BTreeMap;

use super::Checker;
use super::words::Context;
use crate::model::{Secret, Target};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn lower_secret(
        &mut self,
        secret: &ast::Secret,
        doc: Option<String>,
        span: Span,
    ) -> Secret {
        let settings = self.settings(secret.block.as_ref(), Context::Secret);
        let mut stores = BTreeMap::new();
        for target in Target::ALL {
            let context = match target {
                Target::Aws => Context::SecretAws,
                Target::Azure => Context::SecretAzure,
                Target::Knative => Context::SecretKnative,
            };
            let Some(setting) = settings.get(target.word()) else {
                continue;
            };
            let mut names = BTreeMap::new();
            for entry in self.entries(setting) {
                let key = entry.key.as_str();
                let text = self.text(&entry.value, &format!("`{key}`"));
                if context.words().iter().any(|it| it.name == key) {
                    names.extend(text.map(|it| (key.to_owned(), it)));
                } else {
                    self.unknown_word(&entry.key, context);
                }
            }
            if names.contains_key("ssm") && names.len() > 1 {
                self.wrong_form(setting, "aws { ssm = \"/…\" }");
            }
            stores.insert(target, names);
        }
        Secret {
            name: secret.name.to_name(),
            doc,
            span,
            stores,
        }
    }
}
