//! The one registry of Handlebars templates. Templates lay out text; every value passes through a helper that
//! encodes it for its file type.

use std::sync::LazyLock;

use handlebars::{Handlebars, handlebars_helper, no_escape};
use serde::Serialize;

use super::{aws, azure, encode, knative};

handlebars_helper!(yaml: |value: Json| encode::yaml(value));
handlebars_helper!(cfn: |value: Json| encode::cloudformation(value));
handlebars_helper!(json: |value: Json| encode::json(value));
handlebars_helper!(python: |value: Json| encode::python(value));
handlebars_helper!(comment: |text: str| encode::comment(text));
handlebars_helper!(shell: |text: str| encode::shell(text));

/// Every template by the name it is rendered under, `aws/template.yaml`: a list for each target.
const TEMPLATES: [&[(&str, &str)]; 3] = [aws::TEMPLATES, azure::TEMPLATES, knative::TEMPLATES];

static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.register_helper("yaml", Box::new(yaml));
    registry.register_helper("cfn", Box::new(cfn));
    registry.register_helper("json", Box::new(json));
    registry.register_helper("python", Box::new(python));
    registry.register_helper("comment", Box::new(comment));
    registry.register_helper("shell", Box::new(shell));
    for (name, text) in TEMPLATES.into_iter().flatten() {
        registry
            .register_template_string(name, text)
            .expect("templates are part of the program and rendered by tests");
    }
    registry
});

/// Fills in a template; the view holds plain values only, no `Option` in a bare `{{ }}`.
pub(super) fn render(template: &str, view: &impl Serialize) -> String {
    REGISTRY
        .render(template, view)
        .expect("strict mode finds a missing field in tests")
}
