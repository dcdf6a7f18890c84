//! The shared vectors of the router, `targets/vectors/router`: what a request gets, here and on Knative.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::running::{Reply, Running};
use crate::harness::Fnc;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("targets/vectors/router")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// Compares an answer with the expected one; `*` in a body stands for any text.
fn differs(reply: &Reply, answer: &Value) -> Option<String> {
    let lines = reply.head.lines().skip(1);
    let lines = lines.filter_map(|it| it.split_once(':'));
    let header = |name: &str| {
        let values = lines.clone().filter(|it| it.0.eq_ignore_ascii_case(name));
        let values: Vec<&str> = values.map(|it| it.1.trim()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    if answer["status"] != reply.status {
        return Some(format!("status {}", reply.status));
    }
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        if header(name).as_deref() != value.as_str() {
            return Some(format!("{name}: {:?}", header(name)));
        }
    }
    for name in answer["absent"].as_array().into_iter().flatten() {
        if let Some(value) = header(name.as_str().unwrap()) {
            return Some(format!("{name}: {value}"));
        }
    }
    let wanted = answer.get("body")?;
    let body: Value = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
    let same = match wanted.as_object() {
        Some(wanted) => wanted
            .iter()
            .all(|(name, it)| it == "*" && body[name].is_string() || body.get(name) == Some(it)),
        None => &body == wanted,
    };
    (!same).then(|| reply.body.clone())
}

fn agrees(handlers: &str) {
    let (program, own) = (text("app.fn"), text(handlers));
    let program = program.replace("handlers.py", handlers);
    let fnc = Fnc::new().file("app.fn", &program).file(handlers, &own);
    let app = Running::start(fnc, "--secret partner=s3cret");
    let mut checked = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "json") {
            continue;
        }
        let name = path.display();
        let case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        // One with a program of its own is for the router on Knative alone.
        if case.get("program").is_some() {
            continue;
        }
        for request in case["requests"].as_array().unwrap() {
            let of = |member: &str| request[member].as_str().unwrap_or("");
            let headers = request["headers"].as_object().into_iter().flatten();
            let lines =
                headers.map(|(name, it)| [name, ": ", it.as_str().unwrap(), "\r\n"].concat());
            let headers = lines.collect::<Vec<_>>().concat();
            let reply = app.ask(of("method"), of("path"), &headers, of("body"));
            let differs = differs(&reply, &request["answer"]);
            assert_eq!(differs, None, "{name}: {request}\n{reply:?}");
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

#[test]
fn python_functions_agree() {
    agrees("handlers.py");
}

#[test]
fn node_functions_agree() {
    agrees("handlers.mjs");
}
