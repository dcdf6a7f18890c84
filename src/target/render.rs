//! The one registry of Handlebars templates. Templates lay out text; every value passes through a helper that
//! encodes it for its file type.

use std::sync::LazyLock;

use handlebars::{Handlebars, handlebars_helper, no_escape};
use serde::Serialize;

use super::{aws, azure, knative};

// A JSON scalar is a YAML scalar (YAML 1.2, section 1.3), so a string comes out quoted and `on` stays text.
handlebars_helper!(yaml: |value: Json| serde_json::to_string(value).expect("a JSON value can be written"));

/// Every template by the name it is rendered under, `aws/template.yaml`: a list for each target.
const TEMPLATES: [&[(&str, &str)]; 3] = [aws::TEMPLATES, azure::TEMPLATES, knative::TEMPLATES];

static REGISTRY: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.register_helper("yaml", Box::new(yaml));
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
