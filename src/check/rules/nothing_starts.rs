//! FN0420: a function that nothing in the program starts.

use indexmap::IndexSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, EnvPart, EnvValue, Function, Name, Thing, Verb};

/// Notes functions without a trigger that no other one calls, in a program whose other functions have triggers. A
/// function whose name or address is given away is called from elsewhere.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    if app.functions.values().all(|it| it.triggers.is_empty()) {
        return;
    }
    let mut reached: IndexSet<&str> = IndexSet::new();
    for function in app.functions.values() {
        let called = function.granted(Verb::Invoke);
        reached.extend(
            called
                .map(Name::as_str)
                .filter(|it| *it != function.name.as_str()),
        );
        let auths = function.triggers.iter().filter_map(|it| it.kind.auth());
        let authorizers = auths.filter_map(|it| it.value.authorizer());
        reached.extend(authorizers.map(Name::as_str));
        for variable in &function.env {
            if let EnvValue::Text(parts) = &variable.value {
                reached.extend(given(parts));
            }
        }
    }
    reached.extend(app.outputs.values().flat_map(|it| given(&it.value)));
    // A raw resource may name any function.
    let raw = !app.raw.is_empty();
    let reachable = |it: &Function| {
        !it.triggers.is_empty()
            || it.named.is_some()
            || !it.hatches.is_empty()
            || reached.contains(it.name.as_str())
    };
    for function in app.functions.values().filter(|it| !raw && !reachable(it)) {
        let name = &function.name.value;
        found.push(
            Diagnostic::new(Code::FN0420, format!("nothing in the program starts `{name}`"))
                .label(function.name.span, "no `on`, and no other function may invoke it")
                .help(format!(
                    "fine when it is only called by hand: `fnc invoke {name}`; else give it a trigger, or `can invoke {name}` to its caller"
                )),
        );
    }
}

/// Returns the functions whose attributes stand in a text.
fn given(parts: &[EnvPart]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|it| match it {
        EnvPart::Attribute(it) if it.of == Thing::Function => Some(it.resource.as_str()),
        EnvPart::Attribute(_) | EnvPart::Plain(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    const TRAIN: &str = r#"function train { handler "src/train.py:handle" }"#;

    #[test]
    fn something_starts_each_function() {
        let with = |body: &str| {
            let route = r#"handler "src/a.py:handle"; on http GET "/" { auth none }"#;
            format!("{TRAIN}\nfunction a {{ {route}; {body} }}")
        };
        finds(&with("memory 1GB"), "FN0420 at `train`");
        finds(&with("can invoke train"), "");
        finds(&with("env { TRAIN = function.train.name }"), "");
        finds(TRAIN, "");
    }
}
