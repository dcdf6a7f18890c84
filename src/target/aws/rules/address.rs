//! FN0812: a variable that holds an address which is known only after its own function.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Attribute, EnvPart, EnvValue, Field, Function, Thing};

/// Reports outputs that hold the address of a function without one.
pub(super) fn outputs(app: &App, found: &mut Diagnostics) {
    for part in app.outputs.values().flat_map(|it| &it.value) {
        if let EnvPart::Attribute(it) = part
            && (it.of, it.field) == (Thing::Function, Field::Url)
        {
            routed(app, it, found);
        }
    }
}

/// Tells whether a route leads to the function of an address, and reports it otherwise.
fn routed(app: &App, address: &Attribute, found: &mut Diagnostics) -> bool {
    let of = address.resource.as_str();
    let routed = app.functions.get(of).is_some_and(Function::has_http);
    if !routed {
        found.push(
            Diagnostic::new(Code::FN0812, format!("`{of}` has no address on AWS"))
                .label(address.resource.span, "no route leads to it")
                .help(format!("give it one: `on http GET \"/{of}\"`")),
        );
    }
    routed
}

/// Reports `function.f.url` in a function that has routes itself: all routes share one API, which needs the
/// functions behind it first; and where `f` has no route.
pub(super) fn check(app: &App, function: &Function, found: &mut Diagnostics) {
    for variable in &function.env {
        let EnvValue::Text(parts) = &variable.value else {
            continue;
        };
        for part in parts {
            if let EnvPart::Attribute(it) = part
                && (it.of, it.field) == (Thing::Function, Field::Url)
            {
                report(app, function, it, found);
            }
        }
    }
}

fn report(app: &App, function: &Function, address: &Attribute, found: &mut Diagnostics) {
    if !routed(app, address, found) || !function.has_http() {
        return;
    }
    let name = &function.name.value;
    let message = format!("`{name}` would have to be there before the address that it holds");
    found.push(
        Diagnostic::new(Code::FN0812, message)
            .label(
                address.resource.span,
                "the address of the API that `on http` puts before it",
            )
            .help("take the address from the request: `request[\"headers\"][\"host\"]`"),
    );
}
