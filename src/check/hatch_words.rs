//! The words of blocks for one target.

use super::words::{Word, repeated, word};

/// What a target's manifest holds beyond the language.
pub(super) const HATCHES: [Word; 3] = [
    word(
        "aws",
        "aws { KEY = value }",
        "merged into what it becomes on AWS",
    ),
    word(
        "azure",
        "azure { KEY = value }",
        "merged into what it becomes on Azure",
    ),
    word(
        "knative",
        "knative { KEY = value }",
        "merged into what it becomes on Knative",
    ),
];

pub(super) const FUNCTION_HATCH: &[Word] = &[repeated(
    "allow",
    "allow \"ACTION\" on \"RESOURCE\"",
    "a permission in the target's own words",
)];

const RAW_RESOURCE: Word = repeated(
    "resource",
    "resource NAME { KEY = value }",
    "a resource in the target's own words",
);

pub(super) const AWS: &[Word] = &[
    word(
        "account_concurrency",
        "account_concurrency N",
        "how many calls the account may have in flight",
    ),
    RAW_RESOURCE,
];

pub(super) const AZURE: &[Word] = &[RAW_RESOURCE];

pub(super) const KNATIVE: &[Word] = &[
    word("registry", "registry \"…\"", "where images are pushed"),
    word("domain", "domain \"…\"", "the domain of the cluster"),
    word("kafka", "kafka \"HOST:9092\"", "the Kafka servers"),
    word(
        "gateway",
        "gateway \"NAMESPACE/NAME\"",
        "the ingress gateway",
    ),
    RAW_RESOURCE,
];
