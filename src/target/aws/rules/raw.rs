//! FN1008, FN1009: resources in AWS's own words that CloudFormation doesn't take.

use super::super::code::Code as Folders;
use super::super::event::events;
use super::super::names::{Names, function_id};
use super::super::properties::Properties;
use super::super::raw::own;
use super::super::template::template;
use super::hatch::tell;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, RawEntry, RawResource};
use crate::target::Package;

/// Looks at every resource in AWS's own words.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    if own(app).next().is_none() {
        return;
    }
    let names = Names::new(app);
    let folders = Folders::new(app, &Package::default());
    let text = template(app, &names, &folders).text();
    for raw in own(app) {
        shape(raw, found);
        let name = raw.name.as_str();
        // It is in the template itself.
        let taken = ids(&text).filter(|it| *it == name).count() > 1;
        if taken || is_derived(app, &names, name) {
            found.push(
                Diagnostic::new(Code::FN1008, format!("the template has a `{name}` already"))
                    .label(raw.name.span, "fnc or SAM gives another resource this name")
                    .help("give it another name"),
            );
        }
    }
}

/// Returns the names of the resources in a template's text: the lines two blanks to the right, where no value reaches.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    let begins = text.split_once("\nResources:\n").map_or("", |(_, it)| it);
    let resources = begins.split("\nOutputs:\n").next().unwrap_or_default();
    resources.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.strip_suffix(':')?;
        (!name.starts_with([' ', '#'])).then_some(name)
    })
}

/// Tells whether SAM may give a resource of its own this name ("AWS SAM Developer Guide", "Generated CloudFormation
/// resources").
fn is_derived(app: &App, names: &Names, name: &str) -> bool {
    const OF_FUNCTIONS: [&str; 5] = ["Role", "Version", "Alias", "EventInvokeConfig", "Url"];
    const OF_APIS: [&str; 3] = ["ApiApi", "ApiGatewayDomainName", "RecordSetGroup"];
    if app.functions.values().any(Function::has_http)
        && OF_APIS.iter().any(|it| name.starts_with(it))
    {
        return true;
    }
    app.functions.values().any(|function| {
        let Some(rest) = name.strip_prefix(&function_id(function.name.as_str())) else {
            return false;
        };
        let mut derived = OF_FUNCTIONS.iter().map(|it| rest.starts_with(it));
        let events = events(app, names, function);
        derived.any(|it| it) || events.keys().any(|it| rest.starts_with(it.as_str()))
    })
}

/// Compares what a resource says with what CloudFormation takes of any resource, and of its type where the table has it.
fn shape(raw: &RawResource, found: &mut Diagnostics) {
    let name = raw.name.as_str();
    let wrong = |span, label: &str, help: &str| {
        Diagnostic::new(
            Code::FN1009,
            format!("CloudFormation can't read the resource `{name}`"),
        )
        .label(span, label)
        .help(help)
    };
    if name.len() > NAME_LENGTH || !name.chars().all(|it| it.is_ascii_alphanumeric()) {
        let label = "letters and digits only, 255 at most";
        found.push(wrong(
            raw.name.span,
            label,
            "call it so: `resource OrdersAlarm { … }`",
        ));
    }
    let written = raw.body.entries.get("Type");
    let kind = written.and_then(|it| it.value.plain());
    let Some(kind) = kind.filter(|it| is_type(it)) else {
        let help = "say its type: `Type = \"AWS::CloudWatch::Alarm\"`";
        found.push(match written {
            Some(it) => wrong(it.span, "no type of resource", help),
            None => wrong(raw.name.span, "it has no type", help),
        });
        return;
    };
    let table = Properties::get();
    let mut misfits = Vec::new();
    table.entries(&table.raw, raw.body.entries.iter(), "", &mut misfits);
    Properties::nulls(raw.body.entries.iter(), "", &mut misfits);
    let properties = raw.body.entries.get("Properties");
    if let (Some(shape), Some(entry)) = (table.resources.get(&kind), properties) {
        match entry.members() {
            Some(members) => table.entries(shape, members.iter(), "", &mut misfits),
            None => table.value(shape, &entry.value, entry.span, "Properties", &mut misfits),
        }
    } else if let Some(entry) = properties.filter(|it| RawEntry::members(it).is_none()) {
        let help = "the properties are an object: `Properties = { … }`";
        found.push(wrong(entry.span, "not an object", help));
    }
    found.extend(misfits.into_iter().map(|it| tell(it, &kind)));
}

// "CloudFormation quotas", "Resource name".
const NAME_LENGTH: usize = 255;

/// Tells whether text has the form of a type: `AWS::SQS::Queue`, `Custom::Seed`, `Vendor::Service::Thing`.
fn is_type(text: &str) -> bool {
    let is_word = |it: &str| {
        !it.is_empty()
            && it
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "_@-".contains(it))
    };
    let parts: Vec<&str> = text.split("::").collect();
    let least = if parts.first() == Some(&"Custom") {
        2
    } else {
        3
    };
    parts.len() >= least && parts.len() <= 4 && parts.into_iter().all(is_word)
}
