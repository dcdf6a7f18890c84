//! The one registry of Handlebars templates. Templates lay out text; every value passes through a helper that
//! encodes it for its file type.

use std::sync::LazyLock;

use handlebars::{Handlebars, handlebars_helper, no_escape};
use serde::Serialize;

use super::{aws, azure, encode, knative};

handlebars_helper!(yaml: |value: Json| encode::yaml(value));
handlebars_helper!(comment: |text: str| encode::comment(text));
handlebars_helper!(shell: |text: str| encode::shell(text));

/// The templates of a target, by the name they are rendered under: `aws/template.yaml`.
type Templates = &'static [(&'static str, &'static str)];

static AWS: LazyLock<Handlebars<'static>> = LazyLock::new(|| registry(aws::TEMPLATES));
static AZURE: LazyLock<Handlebars<'static>> = LazyLock::new(|| registry(azure::TEMPLATES));
static KNATIVE: LazyLock<Handlebars<'static>> = LazyLock::new(|| registry(knative::TEMPLATES));

fn registry(templates: Templates) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.register_helper("yaml", Box::new(yaml));
    registry.register_helper("comment", Box::new(comment));
    registry.register_helper("shell", Box::new(shell));
    for (name, text) in templates {
        registry
            .register_template_string(name, joined(text, templates))
            .expect("templates are part of the program and rendered by tests");
    }
    registry
}

/// Puts the text of other templates where a line names them, `{{> aws/tags.yaml}}`, as far to the right. Handlebars
/// does so when it renders, and copies all data each time.
fn joined(text: &str, templates: Templates) -> String {
    let mut made = String::new();
    for line in text.lines() {
        let name = line.trim().strip_prefix("{{> ");
        let Some(name) = name.and_then(|it| it.strip_suffix("}}")) else {
            made.push_str(line);
            made.push('\n');
            continue;
        };
        let named = templates.iter().find(|(it, _)| *it == name);
        let (_, inner) = named.expect("a template names templates of its own target");
        let indent: String = line.chars().take_while(|it| *it == ' ').collect();
        for line in joined(inner, templates).lines() {
            if !line.is_empty() {
                made.push_str(&indent);
            }
            made.push_str(line);
            made.push('\n');
        }
    }
    made
}

/// Fills in a template; the view holds plain values only, no `Option` in a bare `{{ }}`.
pub(super) fn render(template: &str, view: &impl Serialize) -> String {
    let registry = match template.split('/').next() {
        Some("azure") => &AZURE,
        Some("knative") => &KNATIVE,
        _ => &AWS,
    };
    registry
        .render(template, view)
        .expect("strict mode finds a missing field in tests")
}
