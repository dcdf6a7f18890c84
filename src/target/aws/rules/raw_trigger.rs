//! FN0876, FN1011: triggers in AWS's own words that no portable event is made of, or that SAM doesn't take.

use super::super::properties::Properties;
use super::hatch::tell;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::model::{App, Contract, Function, RawTrigger, Target, TriggerKind};
use crate::source::Span;

/// Looks at every trigger in AWS's own words.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for function in app.functions.values() {
        for trigger in &function.triggers {
            if let TriggerKind::Raw(it) = &trigger.kind
                && it.target == Target::Aws
            {
                contract(function, trigger.span, found);
                shape(it, found);
            }
        }
    }
}

/// The shim knows the events of the language's own triggers only.
fn contract(function: &Function, span: Span, found: &mut Diagnostics) {
    if function.contract.value == Contract::Lambda {
        return;
    }
    let name = &function.name.value;
    let message = format!("`{name}` would get an event of AWS's own");
    found.push(
        Diagnostic::new(Code::FN0876, message)
            .label(span, "no portable event is made of this")
            .help("say `contract lambda`: the handler then gets every event as AWS sends it"),
    );
}

/// Compares what the trigger says with what SAM takes of an event of its type.
fn shape(raw: &RawTrigger, found: &mut Diagnostics) {
    let wrong = |span, label: &str, help: &str| {
        Diagnostic::new(Code::FN1011, "SAM can't read this trigger")
            .label(span, label)
            .help(help)
    };
    let entries = &raw.body.entries;
    let others = entries
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "Type" | "Properties"));
    for (name, entry) in others {
        let label = format!("an event has no `{name}`");
        found.push(wrong(
            entry.key,
            &label,
            "an event has a `Type` and `Properties`",
        ));
    }
    let table = Properties::get();
    let written = entries.get("Type");
    let kind = written.and_then(|it| it.value.plain());
    let Some((kind, shape)) = kind
        .as_ref()
        .and_then(|it| Some((it, table.events.get(it)?)))
    else {
        let near = kind.and_then(|it| closest(&it, table.events.keys().map(String::as_str)));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "say its type: `Type = \"IoTRule\"`".to_owned(),
        };
        let (span, label) = match written {
            Some(it) => (it.span, "no type of event"),
            None => (raw.body.span, "it has no type"),
        };
        found.push(wrong(span, label, &help));
        return;
    };
    let Some(properties) = entries.get("Properties") else {
        return;
    };
    let Some(members) = properties.members() else {
        let help = "the properties are an object: `Properties = { … }`";
        found.push(wrong(properties.span, "not an object", help));
        return;
    };
    let mut misfits = Vec::new();
    table.entries(shape, members.iter(), "", &mut misfits);
    Properties::nulls(members.iter(), "", &mut misfits);
    found.extend(misfits.into_iter().map(|it| tell(it, kind)));
}
