//! Queues and topics.

use serde_json::{Value, json};

use super::{QUEUES, bill, env, program, service};

#[test]
fn a_queue_is_a_broker_that_retries_and_parks() {
    let program = program(&format!("{QUEUES}{}", bill("  on queue orders")));
    let trigger = program.object("Trigger", "shop-bill-orders");
    let expected = json!({
        "broker": "shop-orders",
        "subscriber": {
            "ref": { "apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "shop-bill" },
            "uri": "/_fnc/queue/orders",
        },
        "delivery": {
            "retry": 5,
            "backoffPolicy": "exponential",
            "backoffDelay": "PT0.5S",
            "deadLetterSink": {
                "ref": { "apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "shop-failed" },
            },
        },
    });
    assert_eq!(trigger["spec"], expected);
    let broker = program.object("Broker", "shop-failed");
    assert_eq!(
        broker["metadata"]["annotations"]["eventing.knative.dev/broker.class"],
        "Kafka"
    );
    let config = program.object(
        "ConfigMap",
        broker["spec"]["config"]["name"].as_str().unwrap(),
    );
    assert_eq!(
        config["data"]["default.topic.config.retention.ms"],
        "1209600000"
    );
}

#[test]
fn a_queue_without_retry_tries_as_long_as_it_keeps() {
    let program = program(&format!(
        "queue orders {{ keep 1h }}\n{}",
        bill("  on queue orders")
    ));
    let delivery = &program.object("Trigger", "shop-bill-orders")["spec"]["delivery"];
    // 1 + 2 + 4 + … + 1024 seconds are the most that fit into an hour.
    assert_eq!(delivery["retry"], 11);
    assert_eq!(delivery.get("deadLetterSink"), None);
}

#[test]
fn a_fifo_queue_is_a_channel() {
    let queues =
        "queue steps { retry 2 then stuck; fifo; keep 36h; hidden 90s }\nqueue stuck { fifo }\n";
    let program = program(&format!(
        "{queues}{}",
        bill("  on queue steps\n  can send steps")
    ));
    let channel = program.object("Channel", "shop-steps");
    let template = &channel["spec"]["channelTemplate"];
    assert_eq!(template["kind"], "KafkaChannel");
    assert_eq!(template["spec"]["retentionDuration"], "PT36H");
    let subscription = &program.object("Subscription", "shop-bill-steps")["spec"];
    assert_eq!(subscription["channel"]["name"], "shop-steps");
    assert_eq!(subscription["delivery"]["timeout"], "PT90S");
    assert_eq!(
        subscription["delivery"]["deadLetterSink"]["ref"]["kind"],
        "Channel"
    );
    let env = env(&service(&program, "shop-bill"));
    assert_eq!(
        env["FNC_QUEUE_STEPS"],
        "http://shop-steps-kn-channel.$(FNC_NAMESPACE).svc.cluster.local"
    );
    let config: Value = serde_json::from_str(env["FNC_CONFIG"].as_str().unwrap()).unwrap();
    assert_eq!(
        config["resources"]["steps"],
        json!({ "fifo": true, "max_size": 262_144 })
    );
    assert_eq!(
        config["triggers"][0],
        json!({ "kind": "queue", "source": "steps", "fifo": true })
    );
}

#[test]
fn a_topic_has_a_trigger_for_each_function() {
    let other = bill("  on topic placed").replace("bill", "mail");
    let program = program(&format!(
        "topic placed\n{QUEUES}{}{other}",
        bill("  on topic placed\n  retry 3 then failed")
    ));
    let first = &program.object("Trigger", "shop-bill-placed")["spec"];
    assert_eq!(
        (&first["broker"], &first["delivery"]["retry"]),
        (&json!("shop-placed"), &json!(3))
    );
    assert_eq!(
        first["delivery"]["deadLetterSink"]["ref"]["name"],
        "shop-failed"
    );
    let second = &program.object("Trigger", "shop-mail-placed")["spec"];
    assert_eq!(
        (&second["subscriber"]["uri"], &second["delivery"]["retry"]),
        (&json!("/_fnc/topic/placed"), &json!(2))
    );
}
