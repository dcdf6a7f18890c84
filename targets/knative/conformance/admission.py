"""The rules of Knative's admission webhooks, which the schemas don't carry, for the kinds that a build emits.

Read from knative.dev/serving `pkg/apis/{autoscaling,serving}`, knative.dev/eventing `pkg/apis/{eventing,messaging,
sources,duck}` and eventing-kafka-broker `pkg/apis/messaging`. Rules that Knative leaves out although what breaks
them never works (a request over its limit, a misspelt annotation) are here too.
"""

import json
import re
import zoneinfo

DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
GO_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
PERIOD = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?")
IMAGE = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
                   r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?")
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
SIZES = {None: 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
         "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
RESERVED_PORTS = {8008, 8012, 8013, 8022, 8112, 9090, 9091}
RESERVED_ENV = {"PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION", "K_SINK", "K_CE_OVERRIDES", "K_CA_CERTS"}
POD_FIELDS = {"serviceAccountName", "containers", "volumes", "imagePullSecrets", "enableServiceLinks",
              "automountServiceAccountToken", "containerConcurrency", "timeoutSeconds",
              "responseStartTimeoutSeconds", "idleTimeoutSeconds"}
CONTAINER_FIELDS = {"name", "image", "ports", "env", "envFrom", "resources", "readinessProbe", "livenessProbe",
                    "startupProbe", "securityContext", "volumeMounts", "args", "command", "workingDir",
                    "imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy"}
SECURITY_FIELDS = {"runAsUser", "runAsGroup", "runAsNonRoot", "readOnlyRootFilesystem",
                   "allowPrivilegeEscalation", "seccompProfile", "privileged", "capabilities"}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
CRON = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, MONTHS), (0, 6, DAYS)]


def faults(thing):
    """Returns what the webhook of the object's kind refuses; an unknown kind is a fault."""
    kind = (thing["apiVersion"].split("/")[0], thing["kind"])
    if kind in (("v1", "ConfigMap"), ("v1", "ServiceAccount"), ("networking.k8s.io", "NetworkPolicy"),
                ("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "RoleBinding")):
        return []
    if kind not in RULES:
        return [f"no admission rules for {kind[0]} {kind[1]}"]
    name = thing["metadata"]["name"]
    if kind in HOST_NAMED:
        return ([] if is_host(name) else [f"name `{name}` is no host name of one's own"]) + list(RULES[kind](thing))
    found = [] if DNS_1035.fullmatch(name) and len(name) <= 63 else [f"name `{name}` is no DNS-1035 label"]
    return found + list(RULES[kind](thing))


# --- Serving --------------------------------------------------------------------------------------


def service(thing):
    for key in thing["metadata"].get("annotations", {}):
        if key.startswith("autoscaling.knative.dev"):
            yield f"{key} belongs on the revision template"
    template = thing["spec"]["template"]
    yield from autoscaling(template.get("metadata", {}).get("annotations", {}))
    spec = template["spec"]
    for name, value in spec.get("nodeSelector", {}).items():
        # Refused as well unless the cluster's feature flag is set, which a note says when this is emitted.
        if name != "kubernetes.io/arch" or value not in ("amd64", "arm64"):
            yield f"nodeSelector {name}: {value} is no processor"
    for field in sorted(set(spec) - POD_FIELDS - {"nodeSelector"}):
        yield f"pod field {field} is refused"
    if spec.get("automountServiceAccountToken"):
        yield "automountServiceAccountToken may only be false"
    if not 0 <= spec.get("containerConcurrency", 0) <= 1000:
        yield "containerConcurrency is not between 0 and 1000"
    timeout = spec.get("timeoutSeconds", 300)
    if not 0 <= timeout <= 600:
        yield "timeoutSeconds is not between 0 and 600"
    for field in ("responseStartTimeoutSeconds", "idleTimeoutSeconds"):
        if not 0 <= spec.get(field, 0) <= (timeout or 300):
            yield f"{field} is not between 0 and timeoutSeconds"
    containers = spec["containers"]
    ports = [port for it in containers for port in it.get("ports", [])]
    if len(ports) != 1:
        yield "not exactly one port over all containers"
    volumes = {it["name"]: it for it in spec.get("volumes", [])}
    mounted = {it["name"] for container in containers for it in container.get("volumeMounts", [])}
    for name in sorted(set(volumes) ^ mounted):
        yield f"volume {name} is not both declared and mounted"
    for name, volume in volumes.items():
        kinds = set(volume) - {"name"}
        if len(kinds) != 1 or not kinds <= {"emptyDir", "configMap", "secret", "projected"}:
            yield f"volume {name} is no emptyDir, configMap, secret or projected volume"
    for it in containers:
        yield from container(it)


def is_host(name):
    parts = name.split(".")
    return len(parts) > 1 and len(name) <= 253 and not name.endswith("cluster.local") and all(
        re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", it) for it in parts)


def domain_mapping(thing):
    ref = thing["spec"].get("ref") or {}
    if not all(ref.get(it) for it in ("apiVersion", "kind", "name")) or "namespace" in ref:
        yield "ref needs apiVersion, kind and name, and no namespace"


def domain_claim(thing):
    if not thing["spec"].get("namespace"):
        yield "a claim names the namespace that it is for"
    if "namespace" in thing["metadata"]:
        yield "a ClusterDomainClaim lies in no namespace"


def http_route(thing):
    if not thing["spec"].get("parentRefs"):
        yield "an HTTPRoute without a Gateway routes nothing"
    for rule in thing["spec"].get("rules", []):
        for match in rule.get("matches", []):
            if not match.get("path", {}).get("value", "/").startswith("/"):
                yield "a path begins with /"
        for backend in rule.get("backendRefs", []):
            if not 0 < backend.get("port", 0) < 65536:
                yield f"backend {backend.get('name')} needs a port"


def reference_grant(thing):
    if not thing["spec"].get("from") or not thing["spec"].get("to"):
        yield "a grant says from where and to what"


def autoscaling(annotations):
    prefix, known = "autoscaling.knative.dev/", set()

    def number(name, low, high, kind=int):
        known.add(name)
        text = annotations.get(prefix + name)
        if text is None:
            return None
        pattern = r"-?\d+" if kind is int else r"-?\d+(\.\d+)?"
        if not re.fullmatch(pattern, text) or not low <= kind(text) <= high:
            bad.append(f"{name} `{text}` is not between {low} and {high}")
            return None
        return kind(text)

    def duration(name, low, high, whole):
        known.add(name)
        text = annotations.get(prefix + name)
        seconds = go_duration(text) if text is not None else low
        if seconds is None or not low <= seconds <= high or (whole and seconds % 1):
            bad.append(f"{name} `{text}` is no Go duration between {low} s and {high} s")

    bad = []
    least = number("min-scale", 0, 2**31 - 1)
    most = number("max-scale", 0, 2**31 - 1)
    number("initial-scale", 1, 2**31 - 1)
    activation = number("activation-scale", 2, 2**31 - 1)
    number("target", 0.01, 1e9, float)
    number("target-utilization-percentage", 1, 100, float)
    number("panic-window-percentage", 1, 100, float)
    number("panic-threshold-percentage", 110, 1000, float)
    if number("target-burst-capacity", -1, 1e9, float) not in (None, -1) and float(
            annotations[prefix + "target-burst-capacity"]) < 0:
        bad.append("target-burst-capacity is neither -1 nor 0 or more")
    duration("window", 6, 3600, True)
    duration("scale-down-delay", 0, 3600, True)
    duration("scale-to-zero-pod-retention-period", 0, 3600, False)
    if least and most and least > most:
        bad.append("min-scale is more than max-scale")
    if activation and most and activation > most:
        bad.append("activation-scale is more than max-scale")
    known |= {"class", "metric", "metric-aggregation-algorithm"}
    kind = annotations.get(prefix + "class", "kpa.autoscaling.knative.dev")
    metric = annotations.get(prefix + "metric", "concurrency")
    if kind not in ("kpa.autoscaling.knative.dev", "hpa.autoscaling.knative.dev") and "knative.dev" in kind:
        bad.append(f"class `{kind}` is unknown")
    if kind.startswith("kpa.") and metric not in ("concurrency", "rps"):
        bad.append(f"metric `{metric}` is unknown")
    names = [key.removeprefix(prefix) for key in annotations if key.startswith(prefix)]
    # Knative takes a misspelt one and does nothing with it.
    bad += [f"autoscaling annotation `{name}` is unknown" for name in names if name not in known]
    return bad


def container(thing):
    for field in sorted(set(thing) - CONTAINER_FIELDS):
        yield f"container field {field} is refused"
    if thing.get("name") == "queue-proxy":
        yield "container name queue-proxy is reserved"
    if not IMAGE.fullmatch(thing.get("image", "")):
        yield f"image `{thing.get('image')}` is no image reference"
    for port in thing.get("ports", []):
        if port.get("name", "") not in ("", "http1", "h2c"):
            yield f"port name `{port['name']}` is neither http1 nor h2c"
        if port["containerPort"] in RESERVED_PORTS or not 0 < port["containerPort"] < 65536:
            yield f"port {port['containerPort']} is reserved or no port"
    names = [it["name"] for it in thing.get("env", [])]
    for name in names:
        if name in RESERVED_ENV or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            yield f"env name `{name}` is reserved or no name"
    if len(names) != len(set(names)):
        yield "an env name stands twice"
    for it in thing.get("env", []):
        if "valueFrom" in it:
            if set(it) != {"name", "valueFrom"} or len(it["valueFrom"]) != 1:
                yield f"env {it['name']} has not exactly one value"
            for source, ref in it["valueFrom"].items():
                if source not in ("secretKeyRef", "configMapKeyRef"):
                    yield f"env {it['name']}: {source} is refused"
                elif not ref.get("name") or not ref.get("key"):
                    yield f"env {it['name']}: {source} needs name and key"
    for it in thing.get("envFrom", []):
        if len(set(it) & {"configMapRef", "secretRef"}) != 1:
            yield "an envFrom entry has not exactly one of configMapRef, secretRef"
    yield from resources(thing.get("resources", {}))
    for field in ("readinessProbe", "livenessProbe", "startupProbe"):
        if field in thing:
            yield from probe(field, thing[field])
    security = thing.get("securityContext", {})
    for field in sorted(set(security) - SECURITY_FIELDS):
        yield f"securityContext.{field} is refused"
    if security.get("privileged") or "add" in security.get("capabilities", {}):
        yield "securityContext may take rights away only"
    paths = [it["mountPath"] for it in thing.get("volumeMounts", [])]
    for path in paths:
        if not path.startswith("/") or path.rstrip("/") in ("", "/dev", "/dev/log") or paths.count(path) > 1:
            yield f"mount path {path} is relative, reserved or stands twice"


def resources(thing):
    for name in {**thing.get("requests", {}), **thing.get("limits", {})}:
        if name not in ("cpu", "memory", "ephemeral-storage"):
            yield f"resource {name} is unknown"
        sizes = [thing.get(part, {}).get(name) for part in ("requests", "limits")]
        values = [quantity(it) for it in sizes]
        for text, value in zip(sizes, values):
            if text is not None and value is None:
                yield f"{name} `{text}` is no quantity"
        if None not in values and values[0] > values[1]:
            yield f"{name}: the request is more than the limit"


def probe(field, thing):
    handlers = set(thing) & {"httpGet", "tcpSocket", "exec", "grpc"}
    if len(handlers) != 1:
        yield f"{field} has not exactly one of httpGet, tcpSocket, exec, grpc"
    for name, least in (("successThreshold", 1), ("timeoutSeconds", 1), ("failureThreshold", 1)):
        if thing.get(name, least) < least:
            yield f"{field}.{name} is less than {least}"
    fast = field == "readinessProbe" and not thing.get("periodSeconds")
    if fast and ("failureThreshold" in thing or "timeoutSeconds" in thing):
        yield f"{field} without periodSeconds may have no failureThreshold and no timeoutSeconds"


# --- Eventing -------------------------------------------------------------------------------------


def broker(thing):
    if thing["metadata"].get("annotations", {}).get("eventing.knative.dev/broker.class") != "Kafka":
        yield "no broker class Kafka: the cluster's default would take its place"
    config = thing["spec"].get("config", {})
    if not config.get("kind") or not config.get("name"):
        yield "config needs kind and name"
    yield from delivery(thing["spec"])


def trigger(thing):
    spec = thing["spec"]
    if bool(spec.get("broker")) == bool(spec.get("brokerRef")):
        yield "not exactly one of broker and brokerRef"
    if "filter" in spec:
        yield "`filter` is replaced by `filters`"
    for it in spec.get("filters", []):
        if len(it) != 1 or not set(it) <= {"exact", "prefix", "suffix", "all", "any", "not", "cesql"}:
            yield f"a filter has not exactly one dialect: {sorted(map(str, it))}"
        for dialect in ("exact", "prefix", "suffix"):
            for name, value in (it.get(dialect) or {}).items():
                if not re.fullmatch(r"[a-z][a-z0-9]*", str(name)) or not isinstance(value, str) or not value:
                    yield f"filter {dialect} `{name}` is no attribute with a text"
    yield from destination("subscriber", spec.get("subscriber"))
    yield from delivery(spec)


def subscription(thing):
    spec = thing["spec"]
    channel = spec.get("channel") or {}
    if not all(channel.get(it) for it in ("apiVersion", "kind", "name")) or "namespace" in channel:
        yield "channel needs apiVersion, kind and name, and no namespace"
    yield from destination("subscriber", spec.get("subscriber"))
    yield from delivery(spec)


def channel(thing):
    name = thing["metadata"]["name"]
    if len(name) > 52:
        yield f"name `{name}` is over 52 characters: its Kubernetes Service would get another name"
    template = thing["spec"].get("channelTemplate") or {}
    if not template.get("kind") or not template.get("apiVersion"):
        yield "channelTemplate needs apiVersion and kind"
    spec = template.get("spec", {})
    for field in ("numPartitions", "replicationFactor"):
        value = spec.get(field, 1)
        if not isinstance(value, int) or value < 1:
            yield f"channelTemplate.spec.{field} is less than 1"
    if period(spec.get("retentionDuration", "PT168H")) is None:
        yield "channelTemplate.spec.retentionDuration is no ISO 8601 period"
    for field in sorted(set(spec) - {"numPartitions", "replicationFactor", "retentionDuration"}):
        yield f"channelTemplate.spec.{field} is unknown"
    if "delivery" in thing["spec"]:
        yield "delivery belongs on the Subscription: a Channel can't be changed"


def ping_source(thing):
    spec = thing["spec"]
    yield from cron(spec.get("schedule", ""))
    zone = spec.get("timezone", "UTC")
    if zone == "Local" or zone not in zoneinfo.available_timezones():
        yield f"timezone `{zone}` is unknown"
    if "data" in spec and "dataBase64" in spec:
        yield "both data and dataBase64"
    if spec.get("contentType") == "application/json" and "data" in spec:
        try:
            data = json.loads(spec["data"])
        except ValueError:
            data = None
        if not isinstance(data, dict):
            yield "data is no JSON object"
    for name in (spec.get("ceOverrides") or {}).get("extensions", {}):
        if not re.fullmatch(r"[a-z][a-z0-9]*", name):
            yield f"extension `{name}` is no CloudEvents attribute name"
    yield from destination("sink", spec.get("sink"))


def kafka_sink(thing):
    spec = thing["spec"]
    if not spec.get("topic") or not all(spec.get("bootstrapServers") or [""]):
        yield "topic and bootstrapServers are needed"
    if spec.get("contentMode", "binary") not in ("binary", "structured"):
        yield f"contentMode `{spec['contentMode']}` is unknown"
    if ("numPartitions" in spec) != ("replicationFactor" in spec):
        yield "numPartitions and replicationFactor go together"
    for field in ("numPartitions", "replicationFactor"):
        if field in spec and spec[field] < 1:
            yield f"{field} is less than 1"


def kafka_source(thing):
    spec = thing["spec"]
    if not all(spec.get("topics") or [""]) or not all(spec.get("bootstrapServers") or [""]):
        yield "topics and bootstrapServers are needed"
    if not spec.get("consumerGroup"):
        yield "no consumerGroup: each creation would get another, and read anew"
    if spec.get("initialOffset", "latest") not in ("earliest", "latest"):
        yield f"initialOffset `{spec['initialOffset']}` is unknown"
    if spec.get("ordering", "ordered") not in ("ordered", "unordered"):
        yield f"ordering `{spec['ordering']}` is unknown"
    if spec.get("consumers", 1) < 1:
        yield "consumers is less than 1"
    yield from destination("sink", spec.get("sink"))
    yield from delivery(spec)


def destination(field, thing):
    ref, uri = (thing or {}).get("ref"), (thing or {}).get("uri", "")
    if not ref and not uri:
        yield f"{field} names nothing"
    if ref and not all(ref.get(it) for it in ("apiVersion", "kind", "name")):
        yield f"{field}.ref needs apiVersion, kind and name"
    if ref and "namespace" in ref:
        yield f"{field}.ref has a namespace, which kustomize would not rewrite"
    if uri and not ref and not re.match(r"https?://[^/]+", uri):
        yield f"{field}.uri is not absolute"


def delivery(spec):
    thing = spec.get("delivery")
    if thing is None:
        return
    for field in sorted(set(thing) - {"retry", "backoffPolicy", "backoffDelay", "timeout", "format", "deadLetterSink"}):
        yield f"delivery.{field} is unknown"
    if not isinstance(thing.get("retry", 0), int) or thing.get("retry", 0) < 0:
        yield "delivery.retry is no count"
    if thing.get("backoffPolicy", "exponential") not in ("linear", "exponential"):
        yield f"delivery.backoffPolicy `{thing['backoffPolicy']}` is unknown"
    for field in ("backoffDelay", "timeout"):
        if field in thing and not period(thing[field]):
            yield f"delivery.{field} `{thing[field]}` is no ISO 8601 period above zero"
    if "deadLetterSink" in thing:
        yield from destination("delivery.deadLetterSink", thing["deadLetterSink"])


# --- Values ---------------------------------------------------------------------------------------


def cron(text):
    """Yields what robfig/cron refuses, and days that no month has."""
    fields = text.split()
    if len(fields) == 6:
        yield from cron_field(text, fields.pop(0), 0, 59, [])
    if len(fields) != 5:
        yield f"schedule `{text}` has not five fields"
        return
    for field, (low, high, names) in zip(fields, CRON):
        yield from cron_field(text, field, low, high, names)
    if re.fullmatch(r"\d+", fields[2]) and re.fullmatch(r"\d+", fields[3]) and fields[4] == "*":
        if int(fields[2]) > [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][int(fields[3]) - 1]:
            yield f"schedule `{text}` never comes"


def cron_field(text, field, low, high, names):
    def value(word):
        word = word.lower()
        return names.index(word) + low if word in names else int(word) if word.isdigit() else None

    for part in field.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isdigit() and 0 < int(step) <= high):
            yield f"schedule `{text}`: step `{step}` is out of range"
        if span in ("*", "?"):
            continue
        ends = [value(it) for it in span.split("-")]
        if None in ends or len(ends) > 2 or not low <= ends[0] <= ends[-1] <= high:
            yield f"schedule `{text}`: `{part}` is not between {low} and {high}"


def quantity(text):
    """Returns what a Kubernetes quantity says, else None; a bare number is refused: schemas want text."""
    found = QUANTITY.fullmatch(text) if isinstance(text, str) else None
    return float(found[1]) * SIZES[found[2]] if found else None


def go_duration(text):
    """Returns the seconds of a Go duration, else None."""
    if text == "0":
        return 0
    if not isinstance(text, str) or not GO_DURATION.fullmatch(text):
        return None
    return sum(float(n) * UNITS[unit] for n, unit in re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)", text))


def period(text):
    """Returns about how many seconds an ISO 8601 period lasts, else None."""
    found = PERIOD.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    date, _, time = text[1:].partition("T")
    parts = [(n, {"Y": 31536000, "M": 2592000, "W": 604800, "D": 86400}[u]) for n, u in re.findall(r"(\d+)(\w)", date)]
    parts += [(n, {"H": 3600, "M": 60, "S": 1}[u]) for n, u in re.findall(r"(\d+(?:\.\d+)?)([HMS])", time)]
    return sum(float(n) * seconds for n, seconds in parts)


HOST_NAMED = {("serving.knative.dev", "DomainMapping"), ("networking.internal.knative.dev", "ClusterDomainClaim")}
RULES = {
    ("serving.knative.dev", "DomainMapping"): domain_mapping,
    ("networking.internal.knative.dev", "ClusterDomainClaim"): domain_claim,
    ("gateway.networking.k8s.io", "HTTPRoute"): http_route,
    ("gateway.networking.k8s.io", "ReferenceGrant"): reference_grant,
    ("serving.knative.dev", "Service"): service,
    ("eventing.knative.dev", "Broker"): broker,
    ("eventing.knative.dev", "Trigger"): trigger,
    ("messaging.knative.dev", "Channel"): channel,
    ("messaging.knative.dev", "Subscription"): subscription,
    ("sources.knative.dev", "PingSource"): ping_source,
    ("sources.knative.dev", "KafkaSource"): kafka_source,
    ("eventing.knative.dev", "KafkaSink"): kafka_sink,
}
