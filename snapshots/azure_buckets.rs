//! Azure: what buckets and the triggers on them become.

use serde_json::json;

use crate::azure_resources::{file, program, properties, roles};

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
