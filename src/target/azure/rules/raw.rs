//! FN0921, FN0923: resources and rights in Azure's own words that Azure can't read.

use super::hatch::unchecked;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Function, RawAllow, RawResource, Target};

pub(super) fn check(app: &App, found: &mut Diagnostics) {
    for raw in app.raw.iter().filter(|it| it.target == Target::Azure) {
        shape(raw, found);
        unchecked(raw.name.span, found);
    }
    for function in app.functions.values() {
        roles(function, found);
    }
}

/// A member, whether a text can be its value, and how it is written.
type Wanted = (&'static str, fn(&str) -> bool, &'static str);

/// Reports a resource without what every resource must say.
fn shape(raw: &RawResource, found: &mut Diagnostics) {
    let wanted: [Wanted; 3] = [
        (
            "type",
            is_type,
            "`type = \"Microsoft.Insights/actionGroups\"`",
        ),
        ("apiVersion", is_version, "`apiVersion = \"2023-01-01\"`"),
        ("name", |it| !it.is_empty(), "`name = \"orders-alarm\"`"),
    ];
    for (member, good, help) in wanted {
        let entry = raw.body.entries.get(member);
        // A name may hold what is known only when it is deployed.
        let fits =
            entry.is_some_and(|it| it.value.plain().map_or(member == "name", |it| good(&it)));
        if fits {
            continue;
        }
        let message = format!("Azure can't read the resource `{}`", raw.name.value);
        let (span, label) = match entry {
            Some(it) => (it.span, format!("not what `{member}` can be")),
            None => (raw.name.span, format!("it has no `{member}`")),
        };
        found.push(
            Diagnostic::new(Code::FN0921, message)
                .label(span, label)
                .help(format!("write {help}")),
        );
    }
}

fn is_type(text: &str) -> bool {
    let part =
        |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '.');
    let mut parts = text.split('/');
    parts.next().is_some_and(|it| part(it) && it.contains('.'))
        && text.contains('/')
        && parts.all(part)
}

/// Tells whether a text is a date, with or without `-preview`.
fn is_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let numbers: Vec<_> = date.split('-').collect();
    let lengths: Vec<_> = numbers.iter().map(|it| it.len()).collect();
    lengths == [4, 2, 2]
        && numbers
            .iter()
            .all(|it| it.bytes().all(|it| it.is_ascii_digit()))
}

fn roles(function: &Function, found: &mut Diagnostics) {
    let own = function
        .allow
        .iter()
        .filter(|it| it.target == Target::Azure);
    for action in own.flat_map(|it: &RawAllow| &it.actions) {
        if is_guid(&action.value) {
            continue;
        }
        found.push(
            Diagnostic::new(Code::FN0923, format!("Azure has no role `{}`", action.value))
                .label(action.span, "not the id of a role definition")
                .help("write the id that \"Azure built-in roles\" gives: `allow \"f2dc8367-1007-4938-bd23-fe263f013447\" on \"[resourceId(…)]\"`"),
        );
    }
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}
