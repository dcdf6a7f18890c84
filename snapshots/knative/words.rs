//! What single words of the language become.

mod about;
mod events;
mod functions;
mod logs;
mod schedules;
mod texts;

use serde_json::Value;

use super::Program;

/// Reads a program of these declarations.
fn program(text: &str) -> Program {
    Program::text(&format!("app shop {{ targets knative }}\n{text}"))
}

const QUEUES: &str = "queue orders { retry 5 then failed }\nqueue failed { keep 14d }\n";

/// Returns a function `bill` with these statements.
fn bill(statements: &str) -> String {
    format!("function bill {{\n  handler \"src/bill.py:handle\"\n{statements}\n}}\n")
}

fn service(program: &Program, name: &str) -> Value {
    program.object("Service", name)["spec"]["template"].clone()
}

/// Returns the environment of a service, by name.
fn env(service: &Value) -> Value {
    let entries = service["spec"]["containers"][0]["env"]
        .as_array()
        .unwrap()
        .iter();
    let pair = |it: &Value| {
        (
            it["name"].as_str().unwrap().to_owned(),
            it.get("value").unwrap_or(&it["valueFrom"]).clone(),
        )
    };
    Value::Object(entries.map(pair).collect())
}
