//! FN0870: tags that AWS doesn't take.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::App;
use crate::source::{Span, Spanned};
use crate::target::aws::resource::tag_map;
use indexmap::IndexMap;

// "Tagging AWS Resources User Guide", "Tag naming limits and requirements"; "AWS IAM User Guide", "Tags for IAM
// resources", for the last: a role's keys differ in more than case.
const KEY_LENGTH: usize = 128;
const VALUE_LENGTH: usize = 256;
const TAGS: usize = 50;
const ALSO: &str = " _.:/=+-@";

type Tags = IndexMap<String, Spanned<String>>;

/// Compares the tags of the app and of its functions with what AWS takes on every kind of resource.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let own = tag_map(app).len() - app.about.tags.len();
    each(&app.about.tags, found);
    apart(&[&app.about.tags], found);
    if app.about.tags.len() + own > TAGS {
        too_many(app.about.tags.len() + own, app.name.span, found);
        return;
    }
    for function in app.functions.values().filter(|it| !it.tags.is_empty()) {
        each(&function.tags, found);
        apart(&[&app.about.tags, &function.tags], found);
        let more = function.tags.keys();
        let more = more.filter(|it| !app.about.tags.contains_key(*it)).count();
        let all = app.about.tags.len() + own + more;
        if all > TAGS {
            too_many(all, function.name.span, found);
        }
    }
}

fn each(tags: &Tags, found: &mut Diagnostics) {
    for (key, value) in tags {
        let legal = |c: char| c.is_alphanumeric() || ALSO.contains(c);
        let wrong = |text: &str| text.chars().find(|it| !legal(*it));
        let lower = key.to_ascii_lowercase();
        let label = if key.is_empty() {
            "the key is empty".to_owned()
        } else if let Some(wrong) = wrong(key).or_else(|| wrong(&value.value)) {
            format!("`{}` is not allowed", wrong.escape_default())
        } else if lower.starts_with("aws:") {
            "`aws:` begins keys of AWS's own".to_owned()
        } else if lower.starts_with("fnc:") {
            "`fnc:` begins the tags that every resource has from fnc".to_owned()
        } else if key.chars().count() > KEY_LENGTH {
            format!("a key has {KEY_LENGTH} characters at most")
        } else if value.value.chars().count() > VALUE_LENGTH {
            format!("a value has {VALUE_LENGTH} characters at most")
        } else {
            continue;
        };
        let message = format!("AWS takes no tag such as `{}`", key.escape_debug());
        found.push(
            Diagnostic::new(Code::FN0870, message)
                .label(value.span, label)
                .help(format!(
                    "letters, digits, blanks and `{}` are allowed",
                    ALSO.trim_start()
                )),
        );
    }
}

/// Reports keys that differ in nothing but case: a function's role can't have both.
fn apart(tags: &[&Tags], found: &mut Diagnostics) {
    let mut known: BTreeMap<String, (&str, Span)> = BTreeMap::new();
    for (key, value) in tags.iter().copied().flatten() {
        let first = known.entry(key.to_lowercase()).or_insert((key, value.span));
        if first.0 == key {
            continue;
        }
        let message = format!("AWS can't tell the tags `{}` and `{key}` apart", first.0);
        found.push(
            Diagnostic::new(Code::FN0870, message)
                .label(value.span, "the same key but for case")
                .label(first.1, "on the same role")
                .help(format!("write `{}` in both places", first.0)),
        );
    }
}

fn too_many(count: usize, span: Span, found: &mut Diagnostics) {
    let message = format!("AWS takes no {count} tags on a resource");
    found.push(
        Diagnostic::new(Code::FN0870, message)
            .label(span, format!("{TAGS} at most, those of fnc included"))
            .help("leave out tags that nobody reads"),
    );
}
