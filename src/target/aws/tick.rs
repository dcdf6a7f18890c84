//! What a schedule hands to its function.

use serde_json::{Map, Value, json};

use super::cfn::{Cfn, sub_text};

/// Returns what the shim makes a record of. `EventBridge` Scheduler fills in what stands in angle brackets.
pub(super) fn tick_payload(input: &Map<String, Value>, skip: Option<Value>) -> Cfn {
    let mut payload = json!({
        "fnc": "schedule",
        "id": "<aws.scheduler.execution-id>",
        "scheduled": "<aws.scheduler.scheduled-time>",
        "attempt": "<aws.scheduler.attempt-number>",
        "input": input,
    });
    if let (Some(members), Some(skip)) = (payload.as_object_mut(), skip) {
        members.insert("skip".to_owned(), skip);
    }
    Cfn::Text(payload.to_string())
}

/// Returns the event of a handler that takes Lambda's own: its input alone where there is one, else the event that a
/// rule of `EventBridge` sends ("Amazon `EventBridge` User Guide", scheduled events).
pub(super) fn scheduled_event(input: &Map<String, Value>, skip: Option<Value>) -> Cfn {
    let time = "<aws.scheduler.scheduled-time>";
    let sub = |value: &Value| sub_text(&value.to_string());
    let event = if input.is_empty() {
        let event = json!({
            "version": "0",
            "id": "<aws.scheduler.execution-id>",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "<account>",
            "time": time,
            "region": "<region>",
            "resources": ["<aws.scheduler.schedule-arn>"],
            "detail": {},
        });
        let event = sub(&event);
        let event = event.replace("<account>", "${AWS::AccountId}");
        event.replace("<region>", "${AWS::Region}")
    } else {
        sub(&Value::Object(input.clone()))
    };
    let Some(skip) = skip else {
        return if input.is_empty() {
            Cfn::Sub(event)
        } else {
            Cfn::Text(Value::Object(input.clone()).to_string())
        };
    };
    // The shim leaves these days out and hands over the event alone.
    let skip = sub(&skip);
    Cfn::Sub(format!(
        r#"{{"fnc":"schedule","scheduled":"{time}","skip":{skip},"event":{event}}}"#
    ))
}
