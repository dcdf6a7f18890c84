//! Azure: what streams and the triggers on them become.

use serde_json::json;

use crate::azure_resources::{file, json_file, only, program, properties, roles};

#[test]
fn a_stream_is_an_event_hub() {
    let program = program(
        "queue failed { keep 14d }\n\
         stream clicks { shards 4; keep 36h }\n\
         function track {\n\
           handler \"src/track.py:handle\"\n\
           timeout 10s\n\
           on stream clicks { batch 50 within 5s; from latest; retry 3 then failed; max_age 1h }\n\
           can write clicks\n\
         }\n",
    );
    assert_eq!(program.codes(), ["FN0987"]);
    let hub = properties(&program, "Microsoft.EventHub/namespaces/eventhubs");
    let keep = json!({ "cleanupPolicy": "Delete", "retentionTimeInHours": 36 });
    assert_eq!(
        hub,
        json!({ "partitionCount": 4, "retentionDescription": keep })
    );
    let group = only(program.resources("Microsoft.EventHub/namespaces/eventhubs/consumergroups"));
    assert_eq!(
        group["name"],
        "[format('{0}/clicks/track', variables('eventHubs'))]"
    );
    let host = json_file(&program, "/host.json");
    assert_eq!(
        host["extensions"]["eventHubs"],
        json!({
            "maxEventBatchSize": 50,
            "minEventBatchSize": 50,
            "maxWaitTime": "00:00:05",
            "prefetchCount": 150,
            "batchCheckpointFrequency": 1,
            "initialOffsetOptions": { "type": "fromEnd" },
        })
    );
    // Four partitions in one instance, one at a time.
    assert_eq!(host["functionTimeout"], "00:00:40");
    let config = &json_file(&program, "/_fnc/functions.json")["track"];
    assert_eq!(config["timeout_ms"], 10_000);
    assert_eq!(
        config["triggers"][0],
        json!({
            "kind": "stream",
            "source": "clicks",
            "retry": 3,
            "park": "failed",
            "max_age_ms": 3_600_000,
        })
    );
    let receiver = "a638d3c7-ab3a-418d-83e6-5f17a39d4fde";
    let sender = "2b629674-e913-4c01-ae53-ef4638d8f975";
    assert_eq!(roles(&program, "'clicks'"), [receiver, sender]);
    let entry = file(&program, "/function_app.py");
    assert!(entry.contains("max_retry_count=\"3\""), "{entry}");
}

#[test]
fn a_stream_without_retry_waits_for_ever() {
    let program = program(
        "stream clicks\nfunction track { handler \"src/track.mjs:handle\"; on stream clicks }\n",
    );
    let entry = file(&program, "/function_app.mjs");
    assert!(entry.contains("maxRetryCount: -1"), "{entry}");
    let config = &json_file(&program, "/_fnc/functions.json")["track"]["triggers"][0];
    assert_eq!(config["max_age_ms"], 86_400_000);
}

#[test]
fn a_filter_reaches_the_shim() {
    let program = program(
        "queue orders\n\
         function vip { handler \"src/vip.py:handle\"; on queue orders where data.total > 100 }\n",
    );
    let config = &json_file(&program, "/_fnc/functions.json")["vip"]["triggers"][0];
    assert!(config["where"].is_object(), "{config}");
}
