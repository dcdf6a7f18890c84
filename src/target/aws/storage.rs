//! Streams, buckets, tables and buses.

use std::time::Duration;

use serde::Serialize;

use super::cfn::Cfn;
use super::hatch::hatches;
use super::located::{located, place};
use super::names::{Names, bucket_id, bus_id, stream_id, table_id};
use super::resource::{Policy, Resource, Statement, Tag, tags};
use super::whole_seconds;
use crate::model::{
    App, Bucket, Bus, FieldKind, Stream, Table, TableField, TableKey, Thing, TriggerKind,
};

/// Properties of `AWS::Kinesis::Stream`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StreamProperties {
    name: String,
    shard_count: u32,
    retention_period_hours: u64,
    stream_encryption: StreamEncryption,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StreamEncryption {
    encryption_type: &'static str,
    key_id: &'static str,
}

/// Properties of `AWS::S3::Bucket`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BucketProperties {
    bucket_name: Cfn,
    bucket_encryption: BucketEncryption,
    public_access_block_configuration: PublicAccessBlock,
    #[serde(skip_serializing_if = "Option::is_none")]
    versioning_configuration: Option<Versioning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifecycle_configuration: Option<Lifecycle>,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct BucketEncryption {
    server_side_encryption_configuration: Vec<EncryptionRule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionRule {
    server_side_encryption_by_default: Encryption,
}

#[derive(Debug, Serialize)]
struct Encryption {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: &'static str,
}

/// What keeps a bucket from being opened to the world by accident.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "S3's own switches")]
#[serde(rename_all = "PascalCase")]
struct PublicAccessBlock {
    block_public_acls: bool,
    block_public_policy: bool,
    ignore_public_acls: bool,
    restrict_public_buckets: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Versioning {
    status: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Lifecycle {
    rules: Vec<LifecycleRule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LifecycleRule {
    id: &'static str,
    status: &'static str,
    expiration_in_days: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    noncurrent_version_expiration: Option<NoncurrentExpiration>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NoncurrentExpiration {
    noncurrent_days: u64,
}

/// Properties of `AWS::S3::BucketPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BucketPolicyProperties {
    bucket: Cfn,
    policy_document: Policy,
}

/// Properties of `AWS::DynamoDB::Table`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TableProperties {
    table_name: String,
    billing_mode: &'static str,
    attribute_definitions: Vec<AttributeDefinition>,
    key_schema: Vec<KeyPart>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    global_secondary_indexes: Vec<Index>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_to_live_specification: Option<TimeToLive>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_specification: Option<Changes>,
    tags: Vec<Tag>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeDefinition {
    attribute_name: String,
    attribute_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyPart {
    attribute_name: String,
    key_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    #[serde(rename = "IndexName")]
    name: String,
    key_schema: Vec<KeyPart>,
    projection: Projection,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Projection {
    projection_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Changes {
    stream_view_type: &'static str,
}

/// Properties of `AWS::Events::EventBus`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BusProperties {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    tags: Vec<Tag>,
}

/// The program's own streams, buckets, tables and buses.
#[derive(Debug, Default, Serialize)]
pub(super) struct Storage {
    pub(super) streams: Vec<Resource<StreamProperties>>,
    pub(super) buckets: Vec<Resource<BucketProperties>>,
    pub(super) bucket_policies: Vec<Resource<BucketPolicyProperties>>,
    pub(super) tables: Vec<Resource<TableProperties>>,
    pub(super) buses: Vec<Resource<BusProperties>>,
}

impl Storage {
    pub(super) fn new(app: &App, names: &Names) -> Storage {
        let own =
            |of: Thing, name: &str| place(app, of, name).is_none_or(|it| it.external.is_none());
        let streams = app.streams.values();
        let buckets = app.buckets.values();
        let buckets: Vec<&Bucket> = buckets
            .filter(|it| own(Thing::Bucket, it.name.as_str()))
            .collect();
        let tables = app.tables.values();
        let buses = app.buses.values();
        Storage {
            streams: streams
                .filter(|it| own(Thing::Stream, it.name.as_str()))
                .map(|it| stream(app, names, it))
                .collect(),
            bucket_policies: buckets
                .iter()
                .filter(|it| it.public_read.value)
                .map(|it| public(app, names, it))
                .collect(),
            buckets: buckets.iter().map(|it| bucket(app, names, it)).collect(),
            tables: tables
                .filter(|it| own(Thing::Table, it.name.as_str()))
                .map(|it| table(app, names, it))
                .collect(),
            buses: buses
                .filter(|it| own(Thing::Bus, it.name.as_str()))
                .map(|it| bus(app, names, it))
                .collect(),
        }
    }

    /// Writes all of it in the template.
    pub(super) fn write(&self, made: &mut String) {
        self.streams.iter().for_each(|it| it.write(made));
        self.buckets.iter().for_each(|it| it.write(made));
        self.bucket_policies.iter().for_each(|it| it.write(made));
        self.tables.iter().for_each(|it| it.write(made));
        self.buses.iter().for_each(|it| it.write(made));
    }
}

/// Returns a duration in whole hours, rounded up.
pub(super) fn whole_hours(duration: Duration) -> u64 {
    whole_seconds(duration).div_ceil(60 * 60)
}

/// Returns a duration in whole days, rounded up.
pub(super) fn whole_days(duration: Duration) -> u64 {
    whole_hours(duration).div_ceil(24)
}

fn stream(app: &App, names: &Names, stream: &Stream) -> Resource<StreamProperties> {
    let name = stream.name.as_str();
    let properties = StreamProperties {
        name: names.stream(name),
        shard_count: stream.shards.value,
        retention_period_hours: whole_hours(stream.keep.value),
        // The key that AWS manages for Kinesis: encrypted at rest, and nothing to look after.
        stream_encryption: StreamEncryption {
            encryption_type: "KMS",
            key_id: "alias/aws/kinesis",
        },
        tags: tags(app),
    };
    Resource::new("AWS::Kinesis::Stream", stream_id(name), properties)
        .comment(stream.doc.as_deref())
        .hatched(hatches(app, names, &stream.place.hatches))
}

fn bucket(app: &App, names: &Names, bucket: &Bucket) -> Resource<BucketProperties> {
    let name = bucket.name.as_str();
    let closed = !bucket.public_read.value;
    let versioned = bucket.versioned.value;
    let properties = BucketProperties {
        bucket_name: names.bucket(name),
        bucket_encryption: BucketEncryption {
            server_side_encryption_configuration: vec![EncryptionRule {
                server_side_encryption_by_default: Encryption {
                    algorithm: "AES256",
                },
            }],
        },
        public_access_block_configuration: PublicAccessBlock {
            block_public_acls: true,
            block_public_policy: closed,
            ignore_public_acls: true,
            restrict_public_buckets: closed,
        },
        versioning_configuration: versioned.then_some(Versioning { status: "Enabled" }),
        lifecycle_configuration: bucket.expire.map(|expire| {
            let days = whole_days(expire.value);
            Lifecycle {
                rules: vec![LifecycleRule {
                    id: "Expire",
                    status: "Enabled",
                    expiration_in_days: days,
                    noncurrent_version_expiration: versioned.then_some(NoncurrentExpiration {
                        noncurrent_days: days,
                    }),
                }],
            }
        }),
        tags: tags(app),
    };
    Resource::new("AWS::S3::Bucket", bucket_id(name), properties)
        .comment(bucket.doc.as_deref())
        .kept()
        .hatched(hatches(app, names, &bucket.place.hatches))
}

/// Returns the policy that lets anybody read a bucket's objects.
fn public(app: &App, names: &Names, bucket: &Bucket) -> Resource<BucketPolicyProperties> {
    let name = bucket.name.as_str();
    let objects = located(app, names, Thing::Bucket, name).arn.with("/*");
    let properties = BucketPolicyProperties {
        bucket: Cfn::Ref(bucket_id(name)),
        policy_document: Policy::new(vec![Statement::to_anybody(
            "ReadObjects",
            &["s3:GetObject"],
            vec![objects],
        )]),
    };
    let id = bucket_id(name) + "Policy";
    Resource::new("AWS::S3::BucketPolicy", id, properties)
}

fn table(app: &App, names: &Names, table: &Table) -> Resource<TableProperties> {
    let name = table.name.as_str();
    let mut attribute_definitions = Vec::new();
    let keys = table
        .key
        .iter()
        .chain(table.indexes.iter().map(|it| &it.key));
    for field in keys.flat_map(fields) {
        let definition = AttributeDefinition {
            attribute_name: field.name.value.clone(),
            attribute_type: match field.kind {
                FieldKind::String => "S",
                FieldKind::Int => "N",
            },
        };
        if !attribute_definitions.contains(&definition) {
            attribute_definitions.push(definition);
        }
    }
    let indexes = table.indexes.iter().map(|it| Index {
        name: it.name.value.clone(),
        key_schema: key_schema(&it.key),
        projection: Projection {
            projection_type: "ALL",
        },
    });
    let properties = TableProperties {
        table_name: names.table(name),
        billing_mode: "PAY_PER_REQUEST",
        attribute_definitions,
        key_schema: table.key.as_ref().map(key_schema).unwrap_or_default(),
        global_secondary_indexes: indexes.collect(),
        time_to_live_specification: table.ttl.as_ref().map(|field| TimeToLive {
            attribute_name: field.value.clone(),
            enabled: true,
        }),
        stream_specification: is_watched(app, name).then_some(Changes {
            stream_view_type: "NEW_AND_OLD_IMAGES",
        }),
        tags: tags(app),
    };
    Resource::new("AWS::DynamoDB::Table", table_id(name), properties)
        .comment(table.doc.as_deref())
        .kept()
        .hatched(hatches(app, names, &table.place.hatches))
}

fn fields(key: &TableKey) -> impl Iterator<Item = &TableField> {
    std::iter::once(&key.partition).chain(&key.sort)
}

fn key_schema(key: &TableKey) -> Vec<KeyPart> {
    let kinds = ["HASH", "RANGE"].into_iter();
    let part = |(field, key_type): (&TableField, &'static str)| KeyPart {
        attribute_name: field.name.value.clone(),
        key_type,
    };
    fields(key).zip(kinds).map(part).collect()
}

/// Tells whether a function starts on the changes of a table.
fn is_watched(app: &App, table: &str) -> bool {
    let mut triggers = app.functions.values().flat_map(|it| &it.triggers);
    triggers.any(|it| matches!(&it.kind, TriggerKind::Table(it) if it.source.value == table))
}

fn bus(app: &App, names: &Names, bus: &Bus) -> Resource<BusProperties> {
    let name = bus.name.as_str();
    let properties = BusProperties {
        name: names.bus(name),
        description: super::resource::description(bus.doc.as_deref(), BUS_DESCRIPTION_LENGTH),
        tags: tags(app),
    };
    Resource::new("AWS::Events::EventBus", bus_id(name), properties).hatched(hatches(
        app,
        names,
        &bus.place.hatches,
    ))
}

// "Amazon EventBridge API Reference", CreateEventBus.
const BUS_DESCRIPTION_LENGTH: usize = 512;
