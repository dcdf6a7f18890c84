//! Schedules.

use serde_json::json;

use super::{QUEUES, bill, program};

#[test]
fn a_schedule_goes_straight_to_its_function() {
    let program = program(&bill(
        "  on schedule \"30 2 * * 1-5\" in \"Europe/Berlin\" { input { depth = 2 } }",
    ));
    let source = program.object("PingSource", "shop-bill-schedule-1");
    let expected = json!({
        "schedule": "30 2 * * 1-5",
        "timezone": "Europe/Berlin",
        "contentType": "application/json",
        "data": "{\"depth\":2}",
        "sink": {
            "ref": { "apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "shop-bill" },
            "uri": "/_fnc/schedule",
        },
    });
    assert_eq!(source["spec"], expected);
    assert!(program.objects().keys().all(|(kind, _)| kind != "Broker"));
}

#[test]
fn a_schedule_with_a_retry_goes_through_a_broker() {
    let program = program(&format!(
        "{QUEUES}{}",
        bill("  on schedule \"0 3 * * 7\"\n  on every 2h\n  retry 4 then failed")
    ));
    let source = &program.object("PingSource", "shop-bill-schedule-2")["spec"];
    assert_eq!(
        (&source["schedule"], &source["timezone"]),
        (&json!("0 */2 * * *"), &json!("UTC"))
    );
    assert_eq!(source["ceOverrides"]["extensions"]["fncschedule"], "bill-2");
    assert_eq!(source["sink"]["ref"]["name"], "shop-schedules");
    assert_eq!(
        program.object("PingSource", "shop-bill-schedule-1")["spec"]["schedule"],
        "0 3 * * 0"
    );
    let trigger = &program.object("Trigger", "shop-bill-schedule-2")["spec"];
    assert_eq!(
        trigger["filters"],
        json!([{ "exact": { "fncschedule": "bill-2" } }])
    );
    assert_eq!(
        (&trigger["broker"], &trigger["delivery"]["retry"]),
        (&json!("shop-schedules"), &json!(4))
    );
}
