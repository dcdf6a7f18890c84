//! FN0960 to FN0964: what Knative refuses of the objects that are about to be written, whoever says it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::blocks;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, RawResource};
use crate::source::Span;
use crate::target::Package;
use crate::target::knative::address::external;
use crate::target::knative::admission::{Fault, FaultKind, Known, across, faults, kind_of};
use crate::target::knative::hatch;
use crate::target::knative::image::images;
use crate::target::knative::manifests::manifests;
use crate::target::knative::names::{Names, places};
use crate::target::knative::object;

/// Makes the objects and applies the rules to them.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let names = Names::new(app);
    let (sites, placeless) = hatch::sites(app, &names);
    for (hatch, why) in placeless {
        found.push(
            Diagnostic::new(Code::FN0963, "this block has no object on Knative")
                .label(hatch.body.span, why)
                .help("say what else the cluster needs as an object: `knative { resource NAME { … } }`"),
        );
    }
    for site in &sites {
        blocks::check(site, found);
    }
    let mut raws = Vec::new();
    for raw in hatch::raw(app) {
        if shape(raw, found) {
            raws.push(raw);
        }
    }
    let files = manifests(app, &names, &images(app, &Package::default()));
    let files = files.iter().filter(|it| !it.path.starts_with("cluster/"));
    let objects: Vec<Value> = files
        .flat_map(|it| object::read(&String::from_utf8_lossy(&it.contents)).1)
        .collect();
    let places = Places {
        app,
        hatches: hatch::by_object(&sites),
        raws: raws
            .iter()
            .map(|it| (key(&hatch::object(app, &names, it)), *it))
            .collect(),
        declared: declared(app, &names),
    };
    let mut bad = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        bad.extend(faults(object).into_iter().map(|it| (index, it)));
    }
    if bad.is_empty() {
        // References are looked up in objects that are as they should be.
        let known = Known {
            external: outside(app, &names),
        };
        bad = across(&objects, &known);
    }
    for (index, fault) in bad {
        if let Some(object) = objects.get(index) {
            found.extend(places.tell(object, &fault));
        }
    }
}

type Key = (String, String);

fn key(object: &Value) -> Key {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    (kind_of(object), name.unwrap_or_default().to_owned())
}

/// Where in the program each object comes from.
struct Places<'a> {
    app: &'a App,
    hatches: hatch::ByObject<'a>,
    raws: BTreeMap<Key, &'a RawResource>,
    declared: BTreeMap<String, Span>,
}

impl Places<'_> {
    fn tell(&self, object: &Value, fault: &Fault) -> Option<Diagnostic> {
        let span = match self.block(object, &fault.path) {
            Some(span) => span,
            None if SAID.iter().any(|it| fault.path.contains(it)) => return None,
            None => self.declared(object),
        };
        let (code, help) = match fault.kind {
            FaultKind::Unknown => (
                Code::FN0960,
                "the API reference of the kind names its fields",
            ),
            FaultKind::Misfit => (
                Code::FN0961,
                "write the value as the API reference of the kind says",
            ),
            FaultKind::Refused => (
                Code::FN0962,
                "say what the rule allows, or leave it to the words of the language",
            ),
        };
        let kind = object
            .get("kind")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let field = fault
            .path
            .trim_start_matches('/')
            .replace("~1", "/")
            .replace('/', ".");
        let label = format!("`{field}` of the {kind}");
        let made = Diagnostic::new(code, fault.message.clone());
        Some(made.label(span, label).help(help))
    }

    /// Returns the words of a block that a place in an object comes from.
    fn block(&self, object: &Value, path: &str) -> Option<Span> {
        if let Some(raw) = self.raws.get(&key(object)) {
            let entry = hatch::entry(&raw.body, path);
            return Some(entry.map_or(raw.name.span, |it| it.1));
        }
        let sites = hatch::of(&self.hatches, object).iter();
        let entries = sites.filter_map(|it| hatch::entry(&it.hatch.body, path));
        entries.max_by_key(|it| it.0).map(|it| it.1)
    }

    /// Returns where the program declares what an object is called after.
    fn declared(&self, object: &Value) -> Span {
        let name = key(object).1;
        let declared = self.declared.get(&name).copied();
        declared.unwrap_or(self.app.name.span)
    }
}

/// What the language itself has rules for, whatever the target: FN0404 and FN0405, FN0601, FN0703.
const SAID: [&str; 3] = [
    "/spec/schedule",
    "/autoscaling.knative.dev~1min-scale",
    "/containers/0/env/",
];

/// Returns where the program names what objects are called after.
fn declared(app: &App, names: &Names) -> BTreeMap<String, Span> {
    let mut made = BTreeMap::new();
    for (name, _, _) in places(app) {
        made.insert(names.resource(name.as_str()), name.span);
    }
    for function in app.functions.values() {
        let name = function.name.as_str();
        made.insert(names.function(name), function.name.span);
        for (index, trigger) in function.triggers.iter().enumerate() {
            made.insert(names.trigger(name, index), trigger.span);
        }
    }
    made
}

/// Returns the names of what other systems own.
fn outside(app: &App, names: &Names) -> BTreeSet<String> {
    let all = places(app).map(|it| it.0.as_str());
    let owned = all.filter(|it| external(app, it).is_some());
    owned.map(|it| names.resource(it)).collect()
}

/// Looks at what an object of the program's own must say; tells whether it does.
fn shape(raw: &RawResource, found: &mut Diagnostics) -> bool {
    let before = found.len();
    for name in ["apiVersion", "kind"] {
        let entry = raw.body.entries.get(name);
        let plain = entry.and_then(|it| it.value.plain());
        if plain.is_none_or(|it| it.is_empty()) {
            found.push(
                Diagnostic::new(
                    Code::FN0964,
                    format!("`{}` is no object of Kubernetes", raw.name.value),
                )
                .label(
                    entry.map_or(raw.name.span, |it| it.span),
                    format!("it has no `{name}`"),
                )
                .help("say what it is: `apiVersion = \"v1\"; kind = \"ConfigMap\"`"),
            );
        }
    }
    found.len() == before
}
