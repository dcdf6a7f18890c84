//! FN0919, FN0920: hatches over what fnc says, and names that only Azure checks.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Hatch, RawBody};
use crate::source::Span;
use crate::target::azure::arm::hatch::own;

/// Members of every resource that the build says.
const ALWAYS: [&str; 8] = [
    "apiVersion",
    "copy",
    "dependsOn",
    "location",
    "name",
    "properties",
    "resources",
    "type",
];

/// Members that a word of the language says, or that the build needs as they are, with what to write instead.
type Said = &'static [(&'static str, &'static str)];

const KEEP: &str = "leave it as the build makes it";
const QUEUE: Said = &[
    ("lockDuration", "say it with `hidden`"),
    ("maxDeliveryCount", "say it with `retry`"),
    ("requiresSession", "say it with `fifo`"),
    ("defaultMessageTimeToLive", "say it with `keep`"),
    ("deadLetteringOnMessageExpiration", KEEP),
    (
        "forwardDeadLetteredMessagesTo",
        "say it with `retry … then`",
    ),
];
const TOPIC: Said = &[("supportOrdering", "say it with `fifo`")];
const STREAM: Said = &[
    ("partitionCount", "say it with `shards`"),
    ("messageRetentionInDays", "say it with `keep`"),
    ("retentionDescription", "say it with `keep`"),
];
const BUCKET: Said = &[
    ("allowBlobPublicAccess", "say it with `public_read`"),
    ("kind", KEEP),
];
const TABLE: Said = &[("resource", "say it with `key`, `index` and `ttl`")];
const BUS: Said = &[("inputSchema", KEEP), ("identity", KEEP)];
const FUNCTION: Said = &[
    (
        "functionAppConfig",
        "say it with `scale`, `memory` and `runtime`",
    ),
    ("identity", KEEP),
    ("keyVaultReferenceIdentity", KEEP),
    ("kind", KEEP),
    ("serverFarmId", KEEP),
    ("siteConfig.appSettings", "say it with `env`"),
    ("virtualNetworkSubnetId", "say it with `vpc`"),
];

pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let mut each = |hatches: &[Hatch], said: Said| {
        for hatch in own(hatches) {
            entries(&hatch.body, said, found);
        }
    };
    let queues = app.queues.values();
    queues.for_each(|it| each(&it.place.hatches, QUEUE));
    let topics = app.topics.values();
    topics.for_each(|it| each(&it.place.hatches, TOPIC));
    let streams = app.streams.values();
    streams.for_each(|it| each(&it.place.hatches, STREAM));
    let buckets = app.buckets.values();
    buckets.for_each(|it| each(&it.place.hatches, BUCKET));
    let tables = app.tables.values();
    tables.for_each(|it| each(&it.place.hatches, TABLE));
    let buses = app.buses.values();
    buses.for_each(|it| each(&it.place.hatches, BUS));
    let functions = app.functions.values();
    functions.for_each(|it| each(&it.hatches, FUNCTION));
}

fn entries(body: &RawBody, said: Said, found: &mut Diagnostics) {
    unchecked(body.span, found);
    let always = ALWAYS.iter().map(|it| (*it, KEEP));
    for (path, help) in always.chain(said.iter().copied()) {
        let (outer, inner) = path.split_once('.').unwrap_or((path, ""));
        let entry = body.entries.get(outer);
        let entry = match (entry, inner) {
            (Some(it), inner) if !inner.is_empty() => match it.members() {
                Some(members) => members.get(inner),
                None => Some(it),
            },
            (entry, _) => entry,
        };
        if let Some(entry) = entry {
            found.push(
                Diagnostic::new(Code::FN0920, format!("`{path}` is fnc's to say"))
                    .label(entry.key, "the build says this itself")
                    .help(help),
            );
        }
    }
}

/// Notes that fnc has no table of what Azure's resources may hold.
pub(super) fn unchecked(at: Span, found: &mut Diagnostics) {
    let message = "Azure checks these names only when it deploys them";
    found.push(
        Diagnostic::new(Code::FN0919, message)
            .label(at, "passed on as it is written")
            .help("`az deployment group validate` checks the template without deploying it"),
    );
}
