//! Mistakes that a cluster refuses, or takes and never carries out: each is found here, said in the program or through a
//! block in Knative's own words.

use fnc::diagnostic::Severity;

use super::Program;

/// Returns the codes and messages of the errors of a program.
fn errors(text: &str) -> Vec<String> {
    let program = Program::text(text);
    let (_, found) = program.build();
    let errors = found.iter().filter(|it| it.severity() == Severity::Error);
    errors
        .map(|it| format!("{:?} {}", it.code, it.message))
        .collect()
}

/// A function with a block of its own.
fn function(block: &str) -> String {
    format!(
        "app a {{ targets knative }}\nfunction f {{ handler \"f.py:handle\"; on http GET \"/\" {{ auth none }}; scale 0..20\n knative {{ {block} }} }}"
    )
}

/// A function whose one trigger has a block.
fn trigger(trigger: &str, block: &str) -> String {
    format!(
        "app a {{ targets knative }}\nqueue q {{ retry 2 then p }}\nqueue p\nbus b\nstream s\nfunction f {{ handler \"f.py:handle\"; scale 0..20; can send q\n on {trigger} {{ knative {{ {block} }} }} }}\nfunction g {{ handler \"g.py:handle\"; scale 0..1; on event \"x\" from b; on stream s; can publish b; can write s }}"
    )
}

/// An object of the program's own.
fn object(api: &str, kind: &str, rest: &str) -> String {
    format!(
        "app a {{ targets knative }}\nfunction f {{ handler \"f.py:handle\"; on http GET \"/\" {{ auth none }}; scale 0..20 }}\nknative {{ resource mine {{ apiVersion = \"{api}\"; kind = \"{kind}\"; {rest} }} }}"
    )
}

fn template(annotation: &str, value: &str) -> String {
    function(&format!(
        "spec = {{ template = {{ metadata = {{ annotations = {{ \"autoscaling.knative.dev/{annotation}\" = {value} }} }} }} }}"
    ))
}

fn pod(rest: &str) -> String {
    function(&format!(
        "spec = {{ template = {{ spec = {{ {rest} }} }} }}"
    ))
}

fn container(rest: &str) -> String {
    function(&format!("container = {{ {rest} }}"))
}

const SINK: &str = "sink = { ref = { apiVersion = \"serving.knative.dev/v1\"; kind = \"Service\"; name = \"a-f\" } }";
const TO: &str = "subscriber = { ref = { apiVersion = \"serving.knative.dev/v1\"; kind = \"Service\"; name = \"a-f\" } }";

/// Each mistake: what it is, the program, and the error that must stand among those found.
#[expect(clippy::too_many_lines, reason = "a table")]
fn mistakes() -> Vec<(&'static str, String, &'static str)> {
    let ping = |block: &str| trigger("every 5m", block);
    let queue = |block: &str| trigger("queue q", block);
    let delivery = |it: &str| queue(&format!("spec = {{ delivery = {{ {it} }} }}"));
    let filters = |it: &str| queue(&format!("spec = {{ filters = [{it}] }}"));
    let raw_ping = |it: &str| {
        object(
            "sources.knative.dev/v1",
            "PingSource",
            &format!("spec = {{ {it}; {SINK} }}"),
        )
    };
    let raw_service = |rest: &str| {
        object(
            "serving.knative.dev/v1",
            "Service",
            &format!(
                "{rest} spec = {{ template = {{ spec = {{ containers = [{{ image = \"a/b\" }}] }} }} }}"
            ),
        )
    };
    let kafka = |rest: &str| {
        object(
            "sources.knative.dev/v1",
            "KafkaSource",
            &format!("spec = {{ {rest}; {SINK} }}"),
        )
    };
    let integration = |rest: &str| {
        object(
            "sources.knative.dev/v1alpha1",
            "IntegrationSource",
            &format!("spec = {{ {rest}; {SINK} }}"),
        )
    };
    let s3 = "arn = \"arn:aws:s3:::in\"; region = \"eu-central-1\"; deleteAfterRead = false";
    let auth = "auth = { secret = { ref = { name = \"keys\" } } }";
    let route = |rest: &str| {
        object(
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            &format!(
                "spec = {{ parentRefs = [{{ name = \"g\" }}]; rules = [{{ matches = [{{ {rest} }}] }}] }}"
            ),
        )
    };
    vec![
        ("annotation on the service itself", function("metadata = { annotations = { \"autoscaling.knative.dev/window\" = \"60s\" } }"), "FN0962 `autoscaling.knative.dev/window` belongs under"),
        ("min-scale over max-scale", template("min-scale", "\"30\""), "FN0962 min-scale 30 is more than max-scale 20"),
        ("min-scale over max-scale in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on http GET \"/\" { auth none }; scale 30..20 }".to_owned(), "FN0601"),
        ("an annotation that is a number", template("initial-scale", "3"), "FN0961 `autoscaling.knative.dev/initial-scale` takes text"),
        ("containerConcurrency 1001", pod("containerConcurrency = 1001"), "FN0962 containerConcurrency is between 0 and 1000"),
        ("concurrency 1001 in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on http GET \"/\" { auth none }; scale 0..20 { concurrency 1001 } }".to_owned(), "FN0801"),
        ("timeoutSeconds 900", pod("timeoutSeconds = 900"), "FN0962 timeoutSeconds is between 0 and 600"),
        ("timeout 15m in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on http GET \"/\" { auth none }; scale 0..20; timeout 15m }".to_owned(), "FN0801"),
        ("an unknown field", pod("concurrency = 5"), "FN0960 `spec` has no `concurrency`"),
        ("env PORT", container("env = [{ name = \"PORT\"; value = \"80\" }]"), "FN0962 Knative sets `PORT` itself"),
        ("env PORT in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on http GET \"/\" { auth none }; scale 0..20; env { PORT = \"80\" } }".to_owned(), "FN0703 `PORT` can't be set"),
        ("env K_SINK in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on http GET \"/\" { auth none }; scale 0..20; env { K_SINK = \"x\" } }".to_owned(), "FN0703 `K_SINK` can't be set"),
        ("env with a dot", container("env = [{ name = \"a.b\"; value = \"80\" }]"), "FN0962 `a.b` is no name of a variable"),
        ("env twice", container("env = [{ name = \"A\"; value = \"1\" }, { name = \"A\"; value = \"2\" }]"), "FN0962 the variable `A` stands twice"),
        ("window 2h", template("window", "\"2h\""), "FN0962 `2h` is no time"),
        ("window 60", template("window", "\"60\""), "FN0962 `60` is no time"),
        ("window 6500ms", template("window", "\"6500ms\""), "FN0962 `6500ms` is no time"),
        ("memory 256MB", container("resources = { requests = { memory = \"256MB\" } }"), "FN0962 `256MB` is no quantity"),
        ("a name with capitals", raw_service("metadata = { name = \"Checkout_Fn\" };"), "FN0962 `Checkout_Fn` is no name"),
        ("a name with a dot", raw_service("metadata = { name = \"a.b\" };"), "FN0962 `a.b` is no name"),
        ("a name of 64 characters", raw_service(&format!("metadata = {{ name = \"{}\" }};", "a".repeat(64))), "FN0962 `aaaa"),
        ("a name of 64 characters in the program", format!("app a {{ targets knative }}\nfunction f {{ handler \"f.py:handle\"; named \"{}\"; on http GET \"/\" {{ auth none }}; scale 0..20 }}", "a".repeat(64)), "FN0892"),
        ("a Channel's name of 53 characters", object("messaging.knative.dev/v1", "Channel", &format!("metadata = {{ name = \"{}\" }}; spec = {{ channelTemplate = {{ apiVersion = \"messaging.knative.dev/v1beta1\"; kind = \"KafkaChannel\" }} }}", "a".repeat(53))), "FN0962 `aaaa"),
        ("a label of 64 characters", function(&format!("metadata = {{ labels = {{ a = \"{}\" }} }}", "a".repeat(64))), "FN0962 a label has at most 63"),
        ("secretKeyRef without key", container("env = [{ name = \"A\"; valueFrom = { secretKeyRef = { name = \"s\" } } }]"), "FN0962 secretKeyRef needs name and key"),
        ("fieldRef", container("env = [{ name = \"A\"; valueFrom = { fieldRef = { fieldPath = \"x\" } } }]"), "FN0962 Knative takes no fieldRef"),
        ("two ports", container("ports = [{ containerPort = 8080 }, { containerPort = 8081 }]"), "FN0962 Knative takes one port"),
        ("a reserved port", container("ports = [{ containerPort = 8112 }]"), "FN0962 8112 is queue-proxy's"),
        ("a port called http", container("ports = [{ name = \"http\"; containerPort = 8080 }]"), "FN0962 a port is called http1 or h2c"),
        ("responseStartTimeoutSeconds over timeout", pod("responseStartTimeoutSeconds = 120"), "FN0962 responseStartTimeoutSeconds is between 0 and 30"),
        ("a misspelt annotation", template("min-scales", "\"1\""), "FN0960 Knative knows no annotation `autoscaling.knative.dev/min-scales`"),
        ("HPA with an empty metric", function("spec = { template = { metadata = { annotations = { \"autoscaling.knative.dev/class\" = \"hpa.autoscaling.knative.dev\"; \"autoscaling.knative.dev/metric\" = \"\" } } } }"), "FN0962 `` is no metric"),
        ("KPA with cpu", template("metric", "\"cpu\""), "FN0962 `cpu` is no metric"),
        ("class keda", template("class", "\"keda.autoscaling.knative.dev\""), "FN0962 `keda.autoscaling.knative.dev` is no class"),
        ("activation-scale 1", template("activation-scale", "\"1\""), "FN0962 `1` is no whole number from 2"),
        ("requests over limits", container("resources = { requests = { cpu = \"4\" }; limits = { cpu = \"2\" } }"), "FN0962 more cpu is asked for, 4"),
        ("a resource gpu", container("resources = { limits = { gpu = \"1\" } }"), "FN0962 Knative takes no resource `gpu`"),
        ("an image with capitals", container("image = \"Shop/Python\""), "FN0962 `Shop/Python` is no image"),
        ("traffic of 90", function("spec = { traffic = [{ latestRevision = true; percent = 90 }] }"), "FN0962 the percentages of traffic add up to 90"),
        ("a revision's name", function("spec = { template = { metadata = { name = \"a-f-1\" } } }"), "FN0962 a revision called `a-f-1`"),
        ("a volume that nothing mounts", pod("volumes = [{ name = \"c\"; configMap = { name = \"x\" } }, { name = \"tmp\"; emptyDir = {} }]"), "FN0962 nothing mounts the volume `c`"),
        ("a mount at /dev", container("volumeMounts = [{ name = \"tmp\"; mountPath = \"/dev\" }]"), "FN0962 nothing can be mounted at `/dev`"),
        ("a hostPath", pod("volumes = [{ name = \"tmp\"; hostPath = { path = \"/x\" } }]"), "FN0960 `0` has no `hostPath`"),
        ("tolerations", pod("tolerations = []"), "FN0960 `spec` has no `tolerations`"),
        ("lifecycle", container("lifecycle = {}"), "FN0960 `0` has no `lifecycle`"),
        ("capabilities added", container("securityContext = { capabilities = { add = [\"NET_ADMIN\"] } }"), "FN0962 capabilities may only be dropped"),
        ("privileged", container("securityContext = { privileged = true }"), "FN0962 Knative takes no privileged container"),
        ("automountServiceAccountToken", pod("automountServiceAccountToken = true"), "FN0962 automountServiceAccountToken may only be false"),
        ("a probe of two kinds", container("livenessProbe = { tcpSocket = { port = 8080 } }"), "FN0962 a probe has one of"),
        ("failureThreshold without periodSeconds", container("readinessProbe = { failureThreshold = 3 }"), "FN0962 failureThreshold needs a `periodSeconds`"),
        ("rollout-duration 1500ms", function("metadata = { annotations = { \"serving.knative.dev/rollout-duration\" = \"1500ms\" } }"), "FN0962 `1500ms` is no time"),
        ("hour 25", ping("spec = { schedule = \"0 25 * * *\" }"), "FN0962 `0 25 * * *` is no schedule"),
        ("hour 25 in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on schedule \"0 25 * * *\"; scale 0..20 }".to_owned(), "FN0404"),
        ("day of the week 7", ping("spec = { schedule = \"0 0 * * 7\" }"), "FN0962 `0 0 * * 7` is no schedule"),
        ("@every", ping("spec = { schedule = \"@every 5m\" }"), "FN0962 `@every 5m` is no schedule"),
        ("an empty schedule", ping("spec = { schedule = \"\" }"), "FN0962 `` is no schedule"),
        ("a step beyond the hour", ping("spec = { schedule = \"*/90 * * * *\" }"), "FN0962 `*/90 * * * *` is no schedule"),
        ("a day that never comes", ping("spec = { schedule = \"0 0 31 2 *\" }"), "FN0962 `0 0 31 2 *` is no schedule"),
        ("a zone that doesn't exist", ping("spec = { timezone = \"Europe/Berln\" }"), "FN0962 `Europe/Berln` is no time zone"),
        ("a zone in the program", "app a { targets knative }\nfunction f { handler \"f.py:handle\"; on schedule \"0 3 * * *\" in \"Europe/Berln\"; scale 0..20 }".to_owned(), "FN0406"),
        ("zone Local", ping("spec = { timezone = \"Local\" }"), "FN0962 `Local` is no time zone"),
        ("an offset as a zone", ping("spec = { timezone = \"+02:00\" }"), "FN0962 `+02:00` is no time zone"),
        ("a zone twice", raw_ping("schedule = \"CRON_TZ=Europe/Berlin 0 3 * * *\"; timezone = \"UTC\""), "FN0962 the schedule says its time zone already"),
        ("data that is no JSON", ping("spec = { data = \"{\" }"), "FN0962 data is no JSON object"),
        ("data that is a list", ping("spec = { data = \"[1]\" }"), "FN0962 data is no JSON object"),
        ("data twice", ping("spec = { dataBase64 = \"e30=\" }"), "FN0962 a PingSource sends data or dataBase64"),
        ("an attribute with capitals", filters("{ exact = { \"order-Type\" = \"x\" } }"), "FN0962 `order-Type` is no attribute"),
        ("CESQL that goes on", filters("{ cesql = \"type == 'x' AND\" }"), "FN0962 `type == 'x' AND` can't be read"),
        ("CESQL of the body", filters("{ cesql = \"data.x = 1\" }"), "FN0962 `data.x = 1` can't be read"),
        ("CESQL of two attributes", filters("{ cesql = \"type = a\" }"), "FN0962 `type = a` can't be read"),
        ("CESQL with an unknown function", filters("{ any = [{ cesql = \"SHOUT(type) = 'A'\" }] }"), "FN0962 `SHOUT(type) = 'A'` can't be read"),
        ("two dialects", filters("{ exact = { type = \"x\" }; prefix = { subject = \"y\" } }"), "FN0962 a filter has one dialect"),
        ("an empty exact", filters("{ exact = {} }"), "FN0962 an empty `exact`"),
        ("backoffDelay 2s", delivery("backoffDelay = \"2s\""), "FN0962 `2s` is no period above zero"),
        ("backoffDelay of nothing", delivery("backoffDelay = \"PT0S\""), "FN0962 `PT0S` is no period above zero"),
        ("a negative backoffDelay", delivery("backoffDelay = \"-PT1S\""), "FN0962 `-PT1S` is no period above zero"),
        ("delivery.retries", delivery("retries = 5"), "FN0960 `delivery` has no `retries`"),
        ("backoffPolicy fibonacci", delivery("backoffPolicy = \"fibonacci\""), "FN0962 backoffPolicy is linear or exponential"),
        ("a format xml", delivery("format = \"xml\""), "FN0962 format is json or binary"),
        ("retry -1", delivery("retry = -1"), "FN0962 retry is 0 or more"),
        ("retryAfterMax", delivery("retryAfterMax = \"PT5S\""), "FN0962 Knative refuses retryAfterMax"),
        ("a dead letter without kind", delivery("deadLetterSink = { ref = { kind = null } }"), "FN0962 a reference needs apiVersion, kind and name, and has no kind"),
        ("a dead letter that isn't there", delivery("deadLetterSink = { ref = { name = \"nowhere\" } }"), "FN0962 there is no Broker `nowhere`"),
        ("a subscriber without kind", queue("spec = { subscriber = { ref = { kind = null } } }"), "FN0962 a reference needs apiVersion, kind and name"),
        ("a subscriber that isn't there", queue("spec = { subscriber = { ref = { name = \"nobody\" } } }"), "FN0962 there is no Service `nobody`"),
        ("a broker that isn't there", queue("spec = { broker = \"nowhere\" }"), "FN0962 there is no Broker `nowhere`"),
        ("the old filter", queue("spec = { filter = { attributes = { type = \"x\" } } }"), "FN0962 `filter` is the old form"),
        ("a sink that isn't there", object("sources.knative.dev/v1", "PingSource", "spec = { schedule = \"0 3 * * *\"; sink = { ref = { apiVersion = \"serving.knative.dev/v1\"; kind = \"Service\"; name = \"ghost\" } } }"), "FN0962 there is no Service `ghost`"),
        ("a namespace in a ref", queue("spec = { subscriber = { ref = { namespace = \"other\" } } }"), "FN0962 leave the namespace out"),
        ("a KafkaSource without topics", kafka("bootstrapServers = [\"k:9092\"]; consumerGroup = \"g\""), "FN0962 topics names at least one"),
        ("a KafkaSource without a group", kafka("bootstrapServers = [\"k:9092\"]; topics = [\"t\"]"), "FN0962 without a consumerGroup"),
        ("initialOffset newest", trigger("stream s", "spec = { initialOffset = \"newest\" }"), "FN0962 initialOffset is earliest or latest"),
        ("consumers as text", trigger("stream s", "spec = { consumers = \"4\" }"), "FN0961 `consumers` takes a whole number"),
        ("S3 without auth", integration(&format!("aws = {{ s3 = {{ {s3} }} }}")), "FN0962 auth names a secret"),
        ("an ARN that is none", integration(&format!("aws = {{ s3 = {{ arn = \"in\"; region = \"eu-central-1\"; deleteAfterRead = false }}; {auth} }}")), "FN0962 `in` is no ARN"),
        ("S3 and SQS", integration(&format!("aws = {{ s3 = {{ {s3} }}; sqs = {{ arn = \"arn:aws:sqs:eu-central-1:1:q\"; region = \"eu-central-1\" }}; {auth} }}")), "FN0962 exactly one of its kinds"),
        ("S3 that deletes", integration(&format!("aws = {{ s3 = {{ arn = \"arn:aws:s3:::in\"; region = \"r\" }}; {auth} }}")), "FN0962 an S3 source deletes what it has read"),
        ("a Subscription without a subscriber", object("messaging.knative.dev/v1", "Subscription", "spec = { channel = { apiVersion = \"messaging.knative.dev/v1\"; kind = \"Channel\"; name = \"c\" } }"), "FN0962 there is no subscriber"),
        ("a channelTemplate without kind", object("messaging.knative.dev/v1", "Channel", "spec = { channelTemplate = { apiVersion = \"messaging.knative.dev/v1beta1\" } }"), "FN0962 channelTemplate needs kind"),
        ("a Channel of no partitions", "app a { targets knative }\nqueue q { fifo; knative { spec = { channelTemplate = { spec = { numPartitions = 0 } } } } }\nfunction f { handler \"f.py:handle\"; scale 0..20; on queue q }\nfunction g { handler \"g.py:handle\"; scale 0..1; on http GET \"/\" { auth none }; can send q }".to_owned(), "FN0962 numPartitions doesn't take 0"),
        ("a SinkBinding without a name", object("sources.knative.dev/v1", "SinkBinding", &format!("spec = {{ subject = {{ apiVersion = \"serving.knative.dev/v1\"; kind = \"Service\" }}; {SINK} }}")), "FN0962 the subject has one of name and selector"),
        ("a Broker without a class", object("eventing.knative.dev/v1", "Broker", "spec = { config = { apiVersion = \"v1\"; kind = \"ConfigMap\"; name = \"c\" } }"), "FN0962 a Broker needs the annotation"),
        ("a Broker's class taken away", "app a { targets knative }\nbus b { knative { metadata = { annotations = { \"eventing.knative.dev/broker.class\" = null } } } }\nfunction f { handler \"f.py:handle\"; scale 0..20; on event \"x\" from b; can publish b }".to_owned(), "FN0962 a Broker needs the annotation"),
        ("a Broker's config without a name", "app a { targets knative }\nbus b { knative { spec = { config = { name = null } } } }\nfunction f { handler \"f.py:handle\"; scale 0..20; on event \"x\" from b; can publish b }".to_owned(), "FN0962 config needs kind and name"),
        ("a method in small letters", route("method = \"post\""), "FN0962 `post` is no method"),
        ("a path without /", route("path = { type = \"Exact\"; value = \"checkout\" }"), "FN0962 the path `checkout` begins with no /"),
        ("a KafkaSink of no topic", object("eventing.knative.dev/v1alpha1", "KafkaSink", "spec = { topic = \"\"; bootstrapServers = [\"k:9092\"] }"), "FN0962 a KafkaSink needs a topic"),
        ("a Trigger on a Broker that isn't there", object("eventing.knative.dev/v1", "Trigger", &format!("spec = {{ broker = \"b\"; {TO} }}")), "FN0962 there is no Broker `b`"),
        ("an object twice", object("v1", "ServiceAccount", "metadata = { name = \"a-f\" }"), "FN0962 there is a ServiceAccount `a-f` already"),
        ("another namespace", object("v1", "ConfigMap", "metadata = { namespace = \"other\" }"), "FN0962 everything of the app lies in one namespace"),
        ("a host name of one part", object("serving.knative.dev/v1beta1", "DomainMapping", "metadata = { name = \"shop\" }; spec = { ref = { apiVersion = \"serving.knative.dev/v1\"; kind = \"Service\"; name = \"a-f\" } }"), "FN0962 `shop` is no host name"),
        ("a host name of the cluster's", object("serving.knative.dev/v1beta1", "DomainMapping", "metadata = { name = \"shop.cluster.local\" }; spec = { ref = { apiVersion = \"serving.knative.dev/v1\"; kind = \"Service\"; name = \"a-f\" } }"), "FN0962 `shop.cluster.local` is no host name"),
    ]
}

#[test]
fn each_mistake_is_found() {
    let mut missed = Vec::new();
    for (what, program, wanted) in mistakes() {
        let errors = errors(&program);
        if !errors.iter().any(|it| it.starts_with(wanted)) {
            missed.push(format!("{what}: {wanted}\n  {errors:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_is_right_passes() {
    let s3 = "aws = { s3 = { arn = \"arn:aws:s3:::in\"; region = \"eu-central-1\"; deleteAfterRead = false }; auth = { secret = { ref = { name = \"keys\" } } } }";
    for program in [
        function(
            "metadata = { annotations = { \"serving.knative.dev/rollout-duration\" = \"60s\" } }",
        ),
        template("window", "\"60s\""),
        template("target-burst-capacity", "\"-1\""),
        function(
            "spec = { template = { metadata = { annotations = { \"autoscaling.knative.dev/class\" = \"hpa.autoscaling.knative.dev\"; \"autoscaling.knative.dev/metric\" = \"cpu\" } } } }",
        ),
        pod("idleTimeoutSeconds = 10"),
        container(
            "resources = { limits = { cpu = \"2\" } }; envFrom = [{ configMapRef = { name = \"x\" } }]",
        ),
        trigger(
            "queue q",
            "spec = { delivery = { backoffPolicy = \"linear\"; backoffDelay = \"PT1.5M\" } }",
        ),
        trigger(
            "queue q",
            "spec = { filters = [{ cesql = \"EXISTS tier AND tier IN ('gold', 'silver')\" }] }",
        ),
        object(
            "sources.knative.dev/v1alpha1",
            "IntegrationSource",
            &format!("spec = {{ {s3}; {SINK} }}"),
        ),
        object("v1", "ConfigMap", "data = { a = \"1\" }"),
        object(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "spec = { podSelector = {} }",
        ),
    ] {
        assert_eq!(errors(&program), Vec::<String>::new(), "{program}");
    }
}
