//! Streams and buses, and the verbs that use them.

use serde_json::{Value, json};

use super::{bill, env, program, service};

#[test]
fn a_stream_is_a_sink_and_a_source_for_each_function() {
    let program = program(&format!(
        "queue failed {{ keep 14d }}\nstream clicks {{ shards 4 }}\n{}",
        bill(
            "  on stream clicks { parallel 8; from oldest; retry 3 then failed }\n  can write clicks"
        )
    ));
    let sink = program.object("KafkaSink", "shop-clicks");
    assert_eq!(sink["spec"]["numPartitions"], 4);
    let source = &program.object("KafkaSource", "shop-bill-clicks")["spec"];
    assert_eq!(source["topics"], json!([sink["spec"]["topic"]]));
    assert_eq!(source["consumers"], 4);
    assert_eq!(source["initialOffset"], "earliest");
    assert_eq!(source["sink"]["uri"], "/_fnc/stream/clicks");
    assert_eq!(source["delivery"]["retry"], 3);
    assert_eq!(
        source["delivery"]["deadLetterSink"]["ref"]["name"],
        "shop-failed"
    );
    let env = env(&service(&program, "shop-bill"));
    assert_eq!(
        env["FNC_STREAM_CLICKS"],
        "http://kafka-sink-ingress.knative-eventing.svc.cluster.local/$(FNC_NAMESPACE)/shop-clicks"
    );
}

#[test]
fn an_event_comes_through_a_trigger_that_lets_its_type_through() {
    let program = program(&format!(
        "queue failed {{ keep 14d }}\nbus happenings\n{}",
        bill(
            "  on event \"order.placed\" from happenings\n  on event \"order.paid\" from happenings\n  retry 2 then failed\n  can publish happenings\n  can invoke bill"
        )
    ));
    let types: Vec<Value> = program
        .objects()
        .into_iter()
        .filter(|((kind, _), _)| kind == "Trigger")
        .map(|(_, it)| {
            assert_eq!(it["spec"]["broker"], "shop-happenings");
            assert_eq!(it["spec"]["subscriber"]["uri"], "/_fnc/event/happenings");
            assert_eq!(it["spec"]["delivery"]["retry"], 2);
            it["spec"]["filters"].clone()
        })
        .collect();
    assert_eq!(
        types,
        [
            json!([{ "exact": { "type": "order.placed" } }]),
            json!([{ "exact": { "type": "order.paid" } }])
        ]
    );
    let env = env(&service(&program, "shop-bill"));
    assert_eq!(
        env["FNC_FUNCTION_BILL"],
        "http://shop-bill.$(FNC_NAMESPACE).svc.cluster.local"
    );
    let config: Value = serde_json::from_str(env["FNC_CONFIG"].as_str().unwrap()).unwrap();
    assert_eq!(config["kinds"]["happenings"], "bus");
}

#[test]
fn what_another_system_owns_is_used_and_not_made() {
    let program = program(&format!(
        "external queue parked {{ knative {{ address = \"http://park.example.com/in\" }} }}\nexternal bus theirs {{ knative {{ broker = \"company\" }} }}\nexternal stream log {{ knative {{ topic = \"their.log\"; bootstrap = \"k.example.com:9092\" }} }}\n{}",
        bill(
            "  on event \"order.placed\" from theirs\n  on stream log\n  retry 2 then parked\n  can publish theirs\n  can send parked\n  can write log"
        )
    ));
    let objects = program.objects();
    assert!(!objects.keys().any(|(kind, _)| kind == "Broker"));
    let sink = program.object("KafkaSink", "shop-log");
    assert_eq!(sink["spec"].get("numPartitions"), None);
    assert_eq!(sink["spec"]["topic"], "their.log");
    let source = program.object("KafkaSource", "shop-bill-log");
    assert_eq!(
        source["spec"]["bootstrapServers"],
        json!(["k.example.com:9092"])
    );
    let trigger = objects
        .iter()
        .find(|((kind, _), _)| kind == "Trigger")
        .unwrap();
    assert_eq!(trigger.1["spec"]["broker"], "company");
    assert_eq!(
        trigger.1["spec"]["delivery"]["deadLetterSink"]["uri"],
        "http://park.example.com/in"
    );
    let env = env(&service(&program, "shop-bill"));
    assert_eq!(env["FNC_QUEUE_PARKED"], "http://park.example.com/in");
}
