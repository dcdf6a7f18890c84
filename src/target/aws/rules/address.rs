//! FN0812: a variable that holds an address which is known only after its own function.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Attribute, EnvPart, EnvValue, Field, Function, Thing};

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
    let of = address.resource.as_str();
    let name = &function.name.value;
    let routed = app.functions.get(of).is_some_and(Function::has_http);
    let (message, label, help) = if !routed {
        (
            format!("`{of}` has no address on AWS"),
            "no route leads to it".to_owned(),
            format!("give it one: `on http GET \"/{of}\"`"),
        )
    } else if function.has_http() {
        (
            format!("`{name}` would have to be there before the address that it holds"),
            "the address of the API that `on http` puts before it".to_owned(),
            "take the address from the request: `request[\"headers\"][\"host\"]`".to_owned(),
        )
    } else {
        return;
    };
    found.push(
        Diagnostic::new(Code::FN0812, message)
            .label(address.resource.span, label)
            .help(help),
    );
}
