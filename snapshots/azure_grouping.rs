//! Azure: how a program is split into function apps, for all programs.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use crate::azure_program::Program;

/// What a function says that may matter to its app.
#[derive(Debug, Clone)]
struct Spec {
    timeout: &'static str,
    memory: &'static str,
    scale: &'static str,
    trigger: &'static str,
    code: &'static str,
}

/// Handlers in two languages, and two executables.
const CODES: [&str; 4] = [
    "handler \"src/f.py:handle\"",
    "handler \"src/f.mjs:handle\"",
    "handler \"bin/one\"; runtime custom",
    "handler \"bin/two\"; runtime custom",
];

fn spec() -> impl Strategy<Value = Spec> {
    let triggers = [
        "on http GET \"/NAME\" { auth none }",
        "on every 1h",
        "on topic news",
        "",
    ];
    let scales = [
        "",
        "scale 0..40",
        "scale 1..40",
        "scale 0..50 { concurrency 4 }",
        "scale 2..",
    ];
    (
        prop::sample::select(vec!["10s", "9500ms", "1m"]),
        prop::sample::select(vec!["256MB", "512MB", "1GB"]),
        prop::sample::select(scales.to_vec()),
        prop::sample::select(triggers.to_vec()),
        prop::sample::select(CODES.to_vec()),
    )
        .prop_map(|(timeout, memory, scale, trigger, code)| Spec {
            timeout,
            memory,
            scale,
            trigger,
            code,
        })
}

/// Returns the text of a program with these functions.
fn text(functions: &[(String, Spec)]) -> String {
    let function = |(name, spec): &(String, Spec)| {
        format!(
            "function {name} {{\n  {}\n  timeout {}\n  memory {}\n  {}\n  {}\n}}\n",
            spec.code,
            spec.timeout,
            spec.memory,
            spec.scale,
            spec.trigger.replace("NAME", name)
        )
    };
    let functions: String = functions.iter().map(function).collect();
    format!("app shop {{ targets azure }}\ntopic news\n{functions}")
}

/// Returns the app that each function is in.
fn apps(functions: &[(String, Spec)]) -> BTreeMap<String, String> {
    let mut made = BTreeMap::new();
    for (path, contents) in Program::text(&text(functions)).built() {
        let (app, names) = if let Some(app) = path.strip_suffix("/_fnc/functions.json") {
            let config: Value = serde_json::from_str(&contents).unwrap();
            let names = config.as_object().unwrap().keys().cloned().collect();
            (app, names)
        } else if let Some(function) = path.strip_suffix("/function.json") {
            let (app, name) = function.split_once('/').unwrap();
            (app, vec![name.to_owned()])
        } else {
            continue;
        };
        for name in names {
            assert!(
                made.insert(name.clone(), app.to_owned()).is_none(),
                "{name} is in two apps"
            );
        }
    }
    made
}

/// Returns what a function's app must have, said another way than the compiler does.
fn needs(spec: &Spec, name: &str) -> impl Ord + std::fmt::Debug {
    let timeout = if spec.timeout == "1m" { "1m" } else { "10s" };
    let requests = spec.trigger.is_empty() || spec.trigger.contains("http");
    let bounded = spec.scale.contains("40") || spec.scale.contains("50");
    let alone = bounded && (requests || spec.scale.starts_with("scale 1"));
    let scale = match spec.scale {
        "scale 1..40" => "scale 0..40",
        "scale 2.." => "",
        other => other,
    };
    // Requests come to an executable as they are where nothing else starts it.
    let forwarded = spec.code.contains("custom") && requests;
    (
        (spec.code, forwarded),
        timeout,
        spec.memory == "1GB",
        scale,
        alone.then(|| name.to_owned()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn functions_share_an_app_exactly_when_they_agree(specs in prop::collection::vec(spec(), 1..8)) {
        let functions: Vec<_> = specs.into_iter().enumerate().map(|(n, it)| (format!("f{n}"), it)).collect();
        let apps = apps(&functions);
        prop_assert_eq!(apps.len(), functions.len());
        for (name, spec) in &functions {
            for (other, theirs) in &functions {
                let agree = needs(spec, name) == needs(theirs, other);
                prop_assert_eq!(apps[name] == apps[other], agree, "{} and {}", name, other);
            }
        }
        let different: BTreeSet<_> = functions.iter().map(|(name, it)| needs(it, name)).collect();
        let used: BTreeSet<_> = apps.values().collect();
        prop_assert_eq!(used.len(), different.len(), "as few as can be");
    }

    #[test]
    fn a_new_function_moves_no_other(
        specs in prop::collection::vec(spec(), 1..6),
        new in spec(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut functions: Vec<_> = specs.into_iter().enumerate().map(|(n, it)| (format!("f{n}"), it)).collect();
        let before = apps(&functions);
        functions.insert(at.index(functions.len() + 1), ("new".to_owned(), new));
        let mut after = apps(&functions);
        after.remove("new");
        prop_assert_eq!(before, after);
    }
}
