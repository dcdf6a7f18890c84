"""What one object says about another: nothing in a cluster checks that until an event is lost."""

import json
import re

KINDS = {("serving.knative.dev", "Service"), ("eventing.knative.dev", "Broker"),
         ("messaging.knative.dev", "Channel"), ("v1", "ConfigMap"), ("v1", "ServiceAccount")}
BROKER = re.compile(r"http://kafka-broker-ingress\.knative-eventing\.svc\.cluster\.local/\$\(FNC_NAMESPACE\)/([^/]+)")
SINK = re.compile(r"http://kafka-sink-ingress\.knative-eventing\.svc\.cluster\.local/\$\(FNC_NAMESPACE\)/([^/]+)")
SERVICE = re.compile(r"http://((?!.*-kn-channel)[^.]+)\.\$\(FNC_NAMESPACE\)\.svc\.cluster\.local")
CHANNEL = re.compile(r"http://(.+)-kn-channel\.\$\(FNC_NAMESPACE\)\.svc\.cluster\.local")


def listed(readme):
    """Returns the Brokers and Channels that the page of a build says another system owns, as the objects they stand for."""
    groups = {"Broker": "eventing.knative.dev", "Channel": "messaging.knative.dev"}
    found = re.findall(r"^- the (Broker|Channel) `([^`]+)`, in the namespace", readme, re.MULTILINE)
    return [(groups[kind], kind, name) for kind, name in found]


def faults(things, of_cluster=(), readme=""):
    """Returns the faults of all objects together, each with the object it stands in."""
    names = {}
    for group, kind, name in listed(readme):
        names.setdefault((group, kind), {})[name] = None
    for it in things:
        names.setdefault((it["apiVersion"].split("/")[0], it["kind"]), {})[it["metadata"]["name"]] = it
    found = []
    for it in things:
        where = f"{it['kind']} {it['metadata']['name']}"
        found += [f"{where}: {fault}" for fault in references(it, names)]
    found += cluster(things, of_cluster)
    spaces = {it["metadata"].get("namespace") for it in things}
    if len(spaces) != 1 or None in spaces:
        found.append(f"the objects lie in several namespaces: {sorted(map(str, spaces))}")
    for config in names.get(("v1", "ConfigMap"), {}).values():
        if config["data"].get("namespace", *spaces) not in spaces:
            found.append(f"ConfigMap {config['metadata']['name']}: namespace is not that of the kustomization")
    return found


def cluster(things, of_cluster):
    """What the app's objects need of the cluster must be there, for this app's namespace."""
    spaces = {it["metadata"].get("namespace") for it in things}
    claims = {it["metadata"]["name"]: it["spec"]["namespace"] for it in of_cluster if it["kind"] == "ClusterDomainClaim"}
    grants = [(one["namespace"], it["metadata"]["namespace"], to["name"]) for it in of_cluster
              if it["kind"] == "ReferenceGrant" for one in it["spec"]["from"] for to in it["spec"]["to"]]
    mappings = {it["metadata"]["name"] for it in things if it["kind"] == "DomainMapping"}
    services = {it["metadata"]["name"] for it in things if it["kind"] == "Service"}
    for name in sorted(mappings ^ set(claims)):
        yield f"host name {name} is not both mapped and claimed"
    for name, space in claims.items():
        if space not in spaces:
            yield f"ClusterDomainClaim {name} is for `{space}`, another namespace than the app's"
    for it in (it for it in things if it["kind"] == "HTTPRoute"):
        for rule in it["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                if (it["metadata"]["namespace"], backend["namespace"], backend["name"]) not in grants:
                    yield f"HTTPRoute {it['metadata']['name']} may not use {backend['name']} of {backend['namespace']}"
            for one in rule.get("filters", []):
                host = one.get("urlRewrite", {}).get("hostname", "")
                name, _, rest = host.partition(".")
                if host and (name not in services or rest not in [f"{it}.svc.cluster.local" for it in spaces]):
                    yield f"HTTPRoute {it['metadata']['name']} rewrites to `{host}`, which is no service of the app"


def references(thing, names):
    def known(ref, field):
        key = (ref.get("apiVersion", "").split("/")[0], ref.get("kind"))
        if key not in KINDS:
            return [f"{field} names a {key[1]}, which is none of ours"]
        if ref.get("name") not in names.get(key, {}):
            return [f"{field} names {key[1]} `{ref.get('name')}`, which doesn't exist"]
        return []

    spec = thing.get("spec", {})
    for field in ("subscriber", "sink"):
        if field in spec:
            yield from known(spec[field].get("ref", {}), field)
    sink = spec.get("delivery", {}).get("deadLetterSink")
    if sink and "uri" not in sink:
        yield from known(sink.get("ref", {}), "deadLetterSink")
    if "broker" in spec:
        yield from known({"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": spec["broker"]}, "broker")
    if thing["kind"] == "DomainMapping":
        yield from known(spec["ref"], "ref")
    if "channel" in spec:
        yield from known(spec["channel"], "channel")
    if "config" in spec:
        yield from known(spec["config"], "config")
    if thing["kind"] in ("Trigger", "Subscription", "PingSource", "KafkaSource"):
        yield from path(thing, spec, names)
    if thing["kind"] == "KafkaSource":
        yield from topics(spec, names)
    if thing["kind"] == "Trigger":
        yield from typed(spec, names)
    if thing["kind"] == "PingSource":
        yield from filtered(thing, spec, names)
    if thing["kind"] == "Service":
        yield from service(spec["template"]["spec"], names)
    if thing["kind"] == "RoleBinding":
        yield from bound(thing, names)


def bound(thing, names):
    """A binding joins a Role that is there to an account that is there and has its token."""
    if thing["roleRef"]["name"] not in names.get(("rbac.authorization.k8s.io", "Role"), {}):
        yield f"Role `{thing['roleRef']['name']}` doesn't exist"
    for subject in thing["subjects"]:
        account = names.get(("v1", "ServiceAccount"), {}).get(subject["name"])
        if account is None or not account.get("automountServiceAccountToken"):
            yield f"ServiceAccount `{subject['name']}` doesn't exist, or has no token"


def path(thing, spec, names):
    """The path that an event is sent to must be one of a trigger that the function has."""
    to = spec.get("subscriber") or spec.get("sink") or {}
    if to.get("ref", {}).get("kind") != "Service":
        return
    target = names.get(("serving.knative.dev", "Service"), {}).get(to["ref"]["name"])
    config = target and environment(target).get("FNC_CONFIG")
    if not config:
        return
    triggers = json.loads(config)["triggers"]
    paths = {f"/_fnc/{it['kind']}/{it['source']}" if "source" in it else f"/_fnc/{it['kind']}" for it in triggers}
    if to.get("uri") not in paths:
        yield f"`{to.get('uri')}` is no trigger of {to['ref']['name']}"


def topics(spec, names):
    """A source reads a topic that a sink of the app makes or writes to, from the same servers."""
    sinks = names.get(("eventing.knative.dev", "KafkaSink"), {}).values()
    written = [(it["spec"]["topic"], it["spec"]["bootstrapServers"]) for it in sinks]
    for topic in spec["topics"]:
        if (topic, spec["bootstrapServers"]) not in written:
            yield f"topic `{topic}` is no stream of the app"
    groups = [it["spec"]["consumerGroup"] for it in names[("sources.knative.dev", "KafkaSource")].values()]
    if groups.count(spec["consumerGroup"]) > 1:
        yield f"consumer group `{spec['consumerGroup']}` is shared: each function would see a part of the records"


def typed(spec, names):
    """The type that a Trigger lets through is one that its function starts on, and the other way round."""
    target = names.get(("serving.knative.dev", "Service"), {}).get(spec["subscriber"]["ref"]["name"])
    if not str(spec["subscriber"].get("uri")).startswith("/_fnc/event/") or target is None:
        return
    triggers = json.loads(environment(target)["FNC_CONFIG"])["triggers"]
    bus = spec["subscriber"]["uri"].rpartition("/")[2]
    wanted = [it["type"] for it in triggers if it["kind"] == "event" and it["source"] == bus]
    types = [one.get("exact", {}).get("type") for one in spec.get("filters", [])]
    if len(types) != 1 or types[0] not in wanted:
        yield f"it lets {types} through, and the function starts on {wanted}"


def filtered(thing, spec, names):
    """A schedule that goes through a Broker needs one Trigger that lets exactly its events through."""
    if spec["sink"]["ref"]["kind"] != "Broker":
        return
    sent = (spec.get("ceOverrides") or {}).get("extensions", {})
    triggers = names.get(("eventing.knative.dev", "Trigger"), {}).values()
    fits = [it for it in triggers if it["spec"].get("broker") == spec["sink"]["ref"]["name"] and all(
        sent.get(name) == value for one in it["spec"].get("filters", []) for name, value in one["exact"].items())]
    if len(fits) != 1:
        yield f"{len(fits)} Triggers take its events, not one"


def service(pod, names):
    """Accounts, addresses of queues and topics, routes."""
    if pod.get("serviceAccountName") not in names.get(("v1", "ServiceAccount"), {}):
        yield f"ServiceAccount `{pod.get('serviceAccountName')}` doesn't exist"
    for container in pod["containers"]:
        for it in container.get("env", []):
            ref = it.get("valueFrom", {}).get("configMapKeyRef")
            if ref and ref["key"] not in names.get(("v1", "ConfigMap"), {}).get(ref["name"], {"data": {}})["data"]:
                yield f"env {it['name']}: ConfigMap `{ref['name']}` has no `{ref['key']}`"
        values = {it["name"]: it.get("value", "") for it in container.get("env", [])}
    config = json.loads(values.get("FNC_CONFIG", "{}"))
    kinds = config.get("kinds", {})
    for verb, kind in (("send", "queue"), ("publish", "topic"), ("write", "stream"), ("invoke", "function")):
        for resource in config.get("can", {}).get(verb, []):
            yield from address(f"FNC_{kinds.get(resource, kind)}_{resource}".upper(), values, names)
    for route in json.loads(values.get("FNC_ROUTES", "[]")):
        target = names.get(("serving.knative.dev", "Service"), {}).get(route["to"])
        if target is None:
            yield f"route {route['method']} {route['route']} goes to `{route['to']}`, which doesn't exist"
        else:
            triggers = json.loads(environment(target)["FNC_CONFIG"])["triggers"]
            want = {"kind": "http", "method": route["method"], "route": route["route"]}
            if want not in [{name: it.get(name) for name in want} for it in triggers]:
                yield f"{route['to']} has no route {route['method']} {route['route']}"


def address(variable, values, names):
    text = values.get(variable, "")
    for pattern, kind in ((SINK, ("eventing.knative.dev", "KafkaSink")), (SERVICE, ("serving.knative.dev", "Service")), (BROKER, ("eventing.knative.dev", "Broker")), (CHANNEL, ("messaging.knative.dev", "Channel"))):
        found = pattern.fullmatch(text)
        if found:
            if found[1] not in names.get(kind, {}):
                yield f"env {variable}: {kind[1]} `{found[1]}` doesn't exist"
            return
    yield f"env {variable}: `{text}` is no address of a Broker or Channel"


def environment(thing):
    """Returns the plain environment of a service's container, as Kubernetes expands it but for `$(…)`."""
    entries = thing["spec"]["template"]["spec"]["containers"][0].get("env", [])
    return {it["name"]: it["value"].replace("$$", "$") for it in entries if "value" in it}
