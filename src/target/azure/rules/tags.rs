//! FN0885: tags that Azure doesn't take.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;
use crate::source::{Span, Spanned};

// "Use tags to organize your Azure resources", Limitations; names on a storage account are the shortest.
const NAME_LENGTH: usize = 128;
const VALUE_LENGTH: usize = 256;
const TAGS: usize = 50;
const NOT_IN_NAMES: &str = "<>%&\\?/";
const RESERVED: [&str; 4] = ["fnc:", "microsoft", "azure", "windows"];

type Tags = IndexMap<String, Spanned<String>>;

/// Compares the tags of the app and of its functions with what Azure takes on every kind of resource.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let own = 1 + usize::from(app.stage.is_some());
    let common = &app.about.tags;
    each(common, found);
    apart(&[common], found);
    if common.len() + own > TAGS {
        too_many(common.len() + own, app.name.span, found);
        return;
    }
    for function in app.functions.values().filter(|it| !it.tags.is_empty()) {
        each(&function.tags, found);
        apart(&[common, &function.tags], found);
        let more = function.tags.keys();
        let all = common.len() + own + more.filter(|it| !common.contains_key(*it)).count();
        if all > TAGS {
            too_many(all, function.name.span, found);
        }
    }
}

fn each(tags: &Tags, found: &mut Diagnostics) {
    for (name, value) in tags {
        let wrong = |c: &char| c.is_control() || NOT_IN_NAMES.contains(*c);
        let lower = name.to_lowercase();
        let label = if name.is_empty() {
            "the name is empty".to_owned()
        } else if let Some(wrong) = name.chars().find(wrong) {
            format!("`{}` is not allowed in a name", wrong.escape_default())
        } else if let Some(start) = RESERVED.iter().find(|it| lower.starts_with(**it)) {
            format!("`{start}` begins names that aren't the program's to give")
        } else if name.chars().count() > NAME_LENGTH {
            format!("a name has {NAME_LENGTH} characters at most")
        } else if value.value.chars().count() > VALUE_LENGTH {
            format!("a value has {VALUE_LENGTH} characters at most")
        } else {
            continue;
        };
        let message = format!("Azure takes no tag such as `{}`", name.escape_debug());
        found.push(
            Diagnostic::new(Code::FN0885, message)
                .label(value.span, label)
                .help(format!("a name holds none of `{NOT_IN_NAMES}`")),
        );
    }
}

/// Reports names that differ in nothing but case, which Azure doesn't tell apart.
fn apart(tags: &[&Tags], found: &mut Diagnostics) {
    let mut known: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for (name, value) in tags.iter().copied().flatten() {
        let first = known
            .entry(name.to_lowercase())
            .or_insert((name, value.span));
        if first.0 == name {
            continue;
        }
        let message = format!("Azure can't tell the tags `{}` and `{name}` apart", first.0);
        found.push(
            Diagnostic::new(Code::FN0885, message)
                .label(value.span, "the same name but for case")
                .label(first.1, "on the same resource")
                .help(format!("write `{}` in both places", first.0)),
        );
    }
}

fn too_many(count: usize, span: Span, found: &mut Diagnostics) {
    let message = format!("Azure takes no {count} tags on a resource");
    found.push(
        Diagnostic::new(Code::FN0885, message)
            .label(span, format!("{TAGS} at most, those of fnc included"))
            .help("leave out tags that nobody reads"),
    );
}
