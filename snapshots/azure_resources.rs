//! Azure: what resources and the triggers on them become.

use serde_json::{Value, json};

use crate::azure_program::Program;

fn program(text: &str) -> Program {
    Program::text(&format!("app shop {{ targets azure }}\n{text}"))
}

fn only(values: Vec<Value>) -> Value {
    let [only] = <[Value; 1]>::try_from(values).unwrap();
    only
}

/// Returns the properties of the only resource of a type.
fn properties(program: &Program, kind: &str) -> Value {
    only(program.resources(kind))["properties"].clone()
}

/// Returns the one file with this name, in whichever app's folder it is.
fn file(program: &Program, name: &str) -> String {
    let mut files = program.built().into_iter();
    let (_, text) = files.find(|(path, _)| path.ends_with(name)).unwrap();
    text
}

fn json_file(program: &Program, name: &str) -> Value {
    serde_json::from_str(&file(program, name)).unwrap()
}

/// Returns the roles given on resources whose id holds `part`.
fn roles(program: &Program, part: &str) -> Vec<String> {
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

#[test]
fn a_bucket_is_a_container_in_an_account_of_its_own() {
    let program = program(
        "bucket receipts { versioned; expire 30d; public_read }\n\
         function keep {\n\
           handler \"src/keep.py:handle\"\n\
           on every 1h\n\
           can write receipts\n\
           can read receipts\n\
         }\n",
    );
    let accounts = program.resources("Microsoft.Storage/storageAccounts");
    let own = &accounts
        .iter()
        .find(|it| it["name"] == "[variables('buckets').receipts]");
    assert_eq!(own.unwrap()["properties"]["allowBlobPublicAccess"], true);
    let versions = properties(&program, "Microsoft.Storage/storageAccounts/blobServices");
    assert_eq!(versions["isVersioningEnabled"], true);
    let expiry = properties(
        &program,
        "Microsoft.Storage/storageAccounts/managementPolicies",
    );
    let actions = &expiry["policy"]["rules"][0]["definition"]["actions"];
    assert_eq!(
        *actions,
        json!({
            "baseBlob": { "delete": { "daysAfterModificationGreaterThan": 30 } },
            "version": { "delete": { "daysAfterCreationGreaterThan": 30 } },
        })
    );
    let contributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    let reader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
    assert_eq!(
        roles(&program, "buckets').receipts, 'default', 'receipts'"),
        [contributor, reader]
    );
}

#[test]
fn changes_of_a_bucket_come_through_an_inbox() {
    let program = program(
        "queue failed { keep 14d }\n\
         bucket receipts\n\
         function thumb {\n\
           handler \"src/thumb.py:handle\"\n\
           on bucket receipts created { prefix \"in/\"; suffix \".png\" }\n\
           retry 4 then failed\n\
         }\n",
    );
    assert_eq!(program.codes(), ["FN0946", "FN0987"]);
    let subscription = properties(
        &program,
        "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    );
    assert_eq!(
        subscription["filter"],
        json!({
            "includedEventTypes": ["Microsoft.Storage.BlobCreated"],
            "subjectBeginsWith": "/blobServices/default/containers/receipts/blobs/in/",
            "subjectEndsWith": ".png",
            "isSubjectCaseSensitive": true,
        })
    );
    let queues = program.resources("Microsoft.ServiceBus/namespaces/queues");
    let inbox = &queues
        .iter()
        .find(|it| it["name"].as_str().unwrap().contains("thumb.receipts.0"))
        .unwrap()["properties"];
    assert_eq!(inbox["maxDeliveryCount"], 5);
    assert_eq!(inbox["forwardDeadLetteredMessagesTo"], "failed");
    // Event Grid writes to the inbox, the app reads from it, and nobody else may do either.
    let (sender, receiver) = (
        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
    );
    assert_eq!(roles(&program, "'thumb.receipts.0'"), [sender, receiver]);
    let entry = file(&program, "/function_app.py");
    assert!(entry.contains("queue_name=\"thumb.receipts.0\""), "{entry}");
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
