//! Buckets: a storage account for each, since versions and public access are an account's, with one container in it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::expression::{Text, call, literal, property};
use super::kind::{BLOB_SERVICE, CONTAINER, EXPIRY, STORAGE, depends_on, reference, with};
use super::placed;
use crate::model::{App, Bucket};
use crate::target::azure::names::container;

/// Returns the accounts and containers of the program's own buckets.
pub(super) fn resources(app: &App) -> Vec<Value> {
    own(app).flat_map(|it| bucket(app, it)).collect()
}

/// Returns the buckets that the program creates.
pub(in crate::target::azure) fn own(app: &App) -> impl Iterator<Item = &Bucket> {
    let buckets = app.buckets.values();
    buckets.filter(|it| it.place.external.is_none())
}

/// Returns the name of a bucket's storage account.
pub(super) fn account(bucket: &str) -> Text {
    property(&call("variables", [literal("buckets")]), bucket)
}

/// Returns the id of a bucket's container.
pub(super) fn bucket_id(bucket: &str) -> Text {
    let name = literal(&container(bucket));
    CONTAINER.id([account(bucket), literal("default"), name])
}

/// Returns where a bucket's container is reached.
pub(in crate::target::azure) fn bucket_url(bucket: &str) -> Text {
    let blobs = property(
        &reference(&STORAGE, [account(bucket)]),
        "primaryEndpoints.blob",
    );
    let format = format!("{{0}}{}", container(bucket));
    call("format", [literal(&format), blobs])
}

fn bucket(app: &App, bucket: &Bucket) -> Vec<Value> {
    let name = bucket.name.as_str();
    let public = bucket.public_read.value;
    let mut head = STORAGE.head(&account(name));
    head.extend(placed(app));
    let storage = json!({
        "kind": "StorageV2",
        "sku": { "name": "Standard_LRS" },
        "properties": {
            "allowBlobPublicAccess": public,
            "allowSharedKeyAccess": false,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": true,
        },
    });
    let of_account = |path: &str| {
        let format = literal(&format!("{{0}}/{path}"));
        call("format", [format, account(name)])
    };
    let needs = depends_on(&[STORAGE.id([account(name)])]);
    let mut made = vec![with(head, storage)];
    if bucket.versioned.value {
        made.push(with(
            BLOB_SERVICE.head(&of_account("default")),
            json!({ "dependsOn": needs, "properties": { "isVersioningEnabled": true } }),
        ));
    }
    if let Some(expire) = &bucket.expire {
        let days = whole_days(expire.value);
        let mut actions = Map::new();
        let current = json!({ "delete": { "daysAfterModificationGreaterThan": days } });
        actions.insert("baseBlob".to_owned(), current);
        let mut needs = needs.clone();
        if bucket.versioned.value {
            let older = json!({ "delete": { "daysAfterCreationGreaterThan": days } });
            actions.insert("version".to_owned(), older);
            let service = BLOB_SERVICE.id([account(name), literal("default")]);
            needs.push(service.written());
        }
        let rule = json!({
            "name": "expire",
            "enabled": true,
            "type": "Lifecycle",
            "definition": { "actions": actions, "filters": { "blobTypes": ["blockBlob"] } },
        });
        made.push(with(
            EXPIRY.head(&of_account("default")),
            json!({ "dependsOn": needs, "properties": { "policy": { "rules": [rule] } } }),
        ));
    }
    let access = if public { "Blob" } else { "None" };
    made.push(with(
        CONTAINER.head(&of_account(&format!("default/{}", container(name)))),
        json!({ "dependsOn": needs, "properties": { "publicAccess": access } }),
    ));
    made
}

/// Returns a duration in whole days, rounded up.
pub(in crate::target::azure) fn whole_days(duration: Duration) -> u64 {
    let day = Duration::from_hours(24).as_millis();
    u64::try_from(duration.as_millis().div_ceil(day)).unwrap_or(u64::MAX)
}
