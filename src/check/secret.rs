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
            if !setting.arguments.is_empty() || setting.block.is_none() {
                self.wrong_form(setting, &format!("{target} {{ name \"…\" }}"));
            }
            let inner = self.settings(setting.block.as_ref(), context);
            let mut names = BTreeMap::new();
            for word in context.words() {
                if let Some(name) = inner.get(word.name).and_then(|it| self.text_setting(it)) {
                    names.insert(word.name.to_owned(), name.value);
                }
            }
            if names.contains_key("ssm") && names.len() > 1 {
                self.wrong_form(setting, "aws { ssm \"/…\" }");
            }
            stores.insert(target, names);
        }
        Secret {
            name: secret.name.clone(),
            doc,
            span,
            stores,
        }
    }
}
