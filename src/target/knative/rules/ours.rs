//! What a block in Knative's own words had better leave to fnc.

const SERVICE: &str = "serving.knative.dev/Service";
const PING: &str = "sources.knative.dev/PingSource";
const KAFKA: &str = "sources.knative.dev/KafkaSource";
const ROUTED: &str = "events reach the handler by what the build says here";
const SHIM: &str = "the server of the image needs it as it is";

/// What the words of the language say, or the build needs as it is: the kind, where, and by which word or why.
pub(super) const OURS: &[(&str, &str, &str)] = &[
    ("", "metadata/name", "`named`"),
    (
        SERVICE,
        "spec/template/spec/containerConcurrency",
        "`scale { concurrency … }`",
    ),
    (SERVICE, "spec/template/spec/timeoutSeconds", "`timeout`"),
    (
        SERVICE,
        "spec/template/metadata/annotations/autoscaling.knative.dev~1min-scale",
        "`scale MIN..MAX`",
    ),
    (
        SERVICE,
        "spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale",
        "`scale MIN..MAX`",
    ),
    (
        SERVICE,
        "spec/template/metadata/annotations/autoscaling.knative.dev~1target-utilization-percentage",
        "`scale { target … }`",
    ),
    (
        SERVICE,
        "spec/template/metadata/annotations/autoscaling.knative.dev~1scale-to-zero-pod-retention-period",
        "`scale { idle … }`",
    ),
    (SERVICE, "container/resources/limits/memory", "`memory`"),
    (SERVICE, "container/resources/requests/memory", "`memory`"),
    (
        SERVICE,
        "spec/template/spec/serviceAccountName",
        "the function's rights are those of its own account",
    ),
    (
        SERVICE,
        "container/env",
        "a list would take the place of what the shim reads: use `env`, or `envFrom`",
    ),
    (SERVICE, "container/image", SHIM),
    (SERVICE, "container/command", SHIM),
    (SERVICE, "container/args", SHIM),
    (SERVICE, "container/ports", SHIM),
    (PING, "spec/schedule", "`on schedule`"),
    (PING, "spec/timezone", "`in ZONE`"),
    (PING, "spec/data", "`input`"),
    (KAFKA, "spec/consumers", "`parallel`"),
    (KAFKA, "spec/initialOffset", "`from`"),
    (KAFKA, "spec/topics", ROUTED),
    (KAFKA, "spec/consumerGroup", ROUTED),
    (KAFKA, "spec/delivery/retry", "`retry`"),
    (
        "eventing.knative.dev/Trigger",
        "spec/delivery/retry",
        "`retry`",
    ),
    (
        "messaging.knative.dev/Subscription",
        "spec/delivery/retry",
        "`retry`",
    ),
    ("", "spec/subscriber", ROUTED),
    ("", "spec/sink", ROUTED),
    ("", "spec/broker", ROUTED),
    ("", "spec/channel", ROUTED),
];
