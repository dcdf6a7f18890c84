//! Azure: what buses become, and how tests ask for resources.

use serde_json::{Value, json};

use crate::azure_program::Program;

pub(crate) fn program(text: &str) -> Program {
    Program::text(&format!("app shop {{ targets azure }}\n{text}"))
}

pub(crate) fn only(values: Vec<Value>) -> Value {
    let [only] = <[Value; 1]>::try_from(values).unwrap();
    only
}

/// Returns the properties of the only resource of a type.
pub(crate) fn properties(program: &Program, kind: &str) -> Value {
    only(program.resources(kind))["properties"].clone()
}

/// Returns the one file with this name, in whichever app's folder it is.
pub(crate) fn file(program: &Program, name: &str) -> String {
    let mut files = program.built().into_iter();
    let (_, text) = files.find(|(path, _)| path.ends_with(name)).unwrap();
    text
}

pub(crate) fn json_file(program: &Program, name: &str) -> Value {
    serde_json::from_str(&file(program, name)).unwrap()
}

/// Returns the roles given on resources whose id holds `part`.
pub(crate) fn roles(program: &Program, part: &str) -> Vec<String> {
    let assignments = program.resources("Microsoft.Authorization/roleAssignments");
    let on = assignments
        .iter()
        .filter(|it| it["scope"].as_str().unwrap().contains(part));
    on.map(|it| {
        let role = it["properties"]["roleDefinitionId"].as_str().unwrap();
        role.split('\'').nth(3).unwrap().to_owned()
    })
    .collect()
}

#[test]
fn a_bus_is_an_event_grid_topic() {
    let program = program(
        "bus shop_events\n\
         function mail { handler \"src/mail.py:handle\"; on event \"order.placed\" from shop_events }\n\
         function tell { handler \"src/tell.mjs:handle\"; on every 1h; can publish shop_events }\n",
    );
    let topic = properties(&program, "Microsoft.EventGrid/topics");
    assert_eq!(
        topic,
        json!({ "inputSchema": "CloudEventSchemaV1_0", "disableLocalAuth": true })
    );
    let subscription = properties(&program, "Microsoft.EventGrid/topics/eventSubscriptions");
    assert_eq!(
        subscription["filter"],
        json!({ "includedEventTypes": ["order.placed"] })
    );
    let publisher = "d5a91429-5739-47e2-a06b-3470a27159e7";
    assert_eq!(roles(&program, "buses').shop_events"), [publisher]);
}
