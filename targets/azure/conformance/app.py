"""Judges one function app's folder: its settings files, and what was registered against the template.

The tables are our own, made from the public documentation that each names.
"""

import json
import re

import callers
from template import REFUSED_SETTINGS

TIMESPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")


def timespan(it):
    return isinstance(it, str) and TIMESPAN.fullmatch(it)


def number(least, most):
    return lambda it: isinstance(it, int) and not isinstance(it, bool) and least <= it <= most


def exactly(*values):
    return lambda it: it in values and type(it) in map(type, values)


# "host.json reference for Azure Functions 2.x and later"; "Azure Service Bus bindings" and "Azure Event Hubs
# bindings", host.json settings.
HOST = {
    "version": (True, exactly("2.0")),
    "functionTimeout": (True, timespan),
    "extensionBundle": (True, {
        "id": (True, exactly("Microsoft.Azure.Functions.ExtensionBundle")),
        "version": (True, exactly("[4.*, 5.0.0)")),
    }),
    "extensions": (True, {
        "http": (False, {"routePrefix": (True, exactly(""))}),
        "serviceBus": (False, {
            "prefetchCount": (True, number(0, 10_000)),
            "autoCompleteMessages": (True, exactly(True)),
            "maxAutoLockRenewalDuration": (True, timespan),
            "maxConcurrentCalls": (True, number(1, 1000)),
            "maxConcurrentSessions": (True, number(1, 1000)),
        }),
        "eventHubs": (False, {
            "maxEventBatchSize": (True, number(1, 100_000)),
            "minEventBatchSize": (True, number(1, 100_000)),
            "maxWaitTime": (False, timespan),
            "prefetchCount": (True, number(1, 1_000_000)),
            "batchCheckpointFrequency": (True, exactly(1)),
            "initialOffsetOptions": (True, {"type": (True, exactly("fromStart", "fromEnd"))}),
        }),
    }),
    # "Azure Functions custom handlers", Configuration.
    "customHandler": (False, {
        "description": (True, {"defaultExecutablePath": (True, lambda it: isinstance(it, str) and it and not it.startswith("/"))}),
        "enableProxyingHttpRequest": (True, exactly(True, False)),
    }),
    "logging": (True, {"applicationInsights": (True, {"enableDependencyTracking": (True, exactly(True, False))})}),
}
# "Azure Functions binding reference": what each trigger must have, then what it may have.
BINDINGS = {
    "httpTrigger": ({"route", "methods", "authLevel"}, set()),
    "http": (set(), set()),
    "serviceBusTrigger": ({"connection", "dataType", "cardinality"}, {"queueName", "topicName", "subscriptionName", "isSessionsEnabled"}),
    "eventHubTrigger": ({"connection", "eventHubName", "consumerGroup", "dataType", "cardinality"}, set()),
    "cosmosDBTrigger": ({"connection", "databaseName", "containerName", "leaseConnection", "leaseDatabaseName", "leaseContainerName",
                         "leaseContainerPrefix", "createLeaseContainerIfNotExists", "maxItemsPerInvocation", "feedPollDelay",
                         "startFromBeginning"}, {"preferredLocations", "leasesContainerThroughput"}),
    "timerTrigger": ({"schedule"}, {"runOnStartup", "useMonitor"}),
}
BROKERS = ("serviceBusTrigger", "eventHubTrigger")
# "Azure Functions error handling and retries", Retry policies.
RETRY = {"strategy", "maxRetryCount", "minimumInterval", "maximumInterval"}
CONNECTIONS = {"queue": "FNC_SERVICEBUS", "topic": "FNC_SERVICEBUS", "stream": "FNC_EVENTHUBS"}
ALWAYS = {"type", "direction", "name", "properties"}
# "NCRONTAB expressions": second, minute, hour, day, month, day of week.
RANGES = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def settings_files(folder):
    """Returns what is wrong with host.json and local.settings.json."""
    found = []
    tree("host.json", read(folder / "host.json"), HOST, found)
    local = read(folder / "local.settings.json")
    if set(local) != {"IsEncrypted", "Values"} or local["IsEncrypted"] is not False:
        found.append("local.settings.json: it has `IsEncrypted`, false, and `Values`")
    values = local.get("Values", {})
    for name in ("FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"):
        if name not in values:
            found.append(f"local.settings.json: {name} is missing")
    if values.get("FUNCTIONS_WORKER_RUNTIME") != language(folder):
        found.append("local.settings.json: FUNCTIONS_WORKER_RUNTIME is another language")
    found += [f"local.settings.json: {name} is no text" for name, it in values.items() if not isinstance(it, str)]
    return found


def language(folder):
    """Returns Azure's name of an app's language."""
    if (folder / "function_app.py").exists():
        return "python"
    return "node" if (folder / "function_app.mjs").exists() else "custom"


def tree(where, value, rules, found):
    if not isinstance(value, dict):
        found.append(f"{where} is no object")
        return
    found += [f"{where}: unknown member {name}" for name in value if name not in rules]
    for name, (needed, rule) in rules.items():
        if name not in value:
            if needed:
                found.append(f"{where}: {name} is missing")
        elif isinstance(rule, dict):
            tree(f"{where}: {name}", value[name], rule, found)
        elif not rule(value[name]):
            found.append(f"{where}: {name} is {value[name]!r}")


def read(path):
    return json.loads(path.read_text("utf-8"))


def registered(folder, report):
    """Returns what is wrong with what an app registered, and with its calls."""
    if "error" in report:
        return [report["error"]]
    config = read(folder / "_fnc" / "functions.json")
    found, functions = [], report["functions"]
    expected = set()
    for name, it in config.items():
        for at, _ in enumerate(it["triggers"]):
            expected.add(name if at == 0 and name != "host" else f"{name}-{at}")
    if set(functions) != expected:
        found.append(f"registered {sorted(functions)}, not {sorted(expected)}")
    for name, function in functions.items():
        for binding in function["bindings"]:
            found += [f"{name}: {it}" for it in binding_faults(binding)]
        if function["error"]:
            found.append(f"{name}: the call failed: {function['error']}")
        elif "http" in function and not 200 <= function["http"]["status"] < 500:
            found.append(f"{name}: answered {function['http']['status']}")
        owner = re.sub(r"-\d+$", "", name)
        found += [f"{name}: {it}" for it in callers.faults(trigger_of(config, name), function)]
        at = int(name[len(owner) + 1:] or 0)
        triggers = config.get(owner, {}).get("triggers", [])
        trigger = triggers[at] if at < len(triggers) else {"kind": "unknown"}
        # A batch of a log without `retry` is given again for ever.
        missing = {"schedule": 0, "stream": -1, "table": -1}
        wanted = trigger.get("retry", missing[trigger["kind"]]) if trigger["kind"] in missing else 0
        # Where a batch is tried in halves the shim counts.
        wanted = -1 if trigger.get("split") else wanted
        given = int(function["retry"]["count"]) if function["retry"] else 0
        if wanted != given:
            found.append(f"{name}: {given} retries, not {wanted}")
    return found


def described(folder, report):
    """Returns what is wrong with what an executable's app registered, and with its calls."""
    if "error" in report:
        return [report["error"]]
    found = []
    handler = read(folder / "host.json")["customHandler"]
    if not (folder / handler["description"]["defaultExecutablePath"]).stat().st_mode & 0o111:
        found.append("the file of the executable can't be executed")
    for name, function in report["functions"].items():
        if function["error"]:
            found.append(f"{name}: the call failed: {function['error']}")
        for binding in function["bindings"]:
            # An executable gets text, and where nothing else is said one message a call.
            whole = {"dataType": "BINARY", "cardinality": "ONE", **binding} if binding["type"] in BROKERS else binding
            found += [f"{name}: {it}" for it in binding_faults(whole)]
        retry = function["retry"]
        if retry and (set(retry) != RETRY or retry["strategy"] != "exponentialBackoff" or not number(-1, 10_000)(retry["maxRetryCount"])):
            found.append(f"{name}: {retry} is no policy of retries")
    requests = all(it["bindings"][0]["type"] == "httpTrigger" for it in report["functions"].values())
    if handler["enableProxyingHttpRequest"] != requests:
        found.append("requests are forwarded just where nothing else starts a function")
    return found


def trigger_of(config, name):
    """Returns what the shim knows of a registered function."""
    owner, _, at = (name, "", "0") if name in config else name.rpartition("-")
    return config.get(owner, {}).get("triggers", [{}])[int(at)]


def binding_faults(binding):
    kind = binding["type"]
    if kind not in BINDINGS:
        return [f"unknown binding {kind}"]
    needed, possible = BINDINGS[kind]
    found = [f"{kind} without {it}" for it in needed if it not in binding]
    found += [f"{kind} with {it}" for it in binding if it not in needed | possible | ALWAYS]
    if kind == "serviceBusTrigger":
        if ("queueName" in binding) == ("topicName" in binding and "subscriptionName" in binding):
            found.append("serviceBusTrigger takes a queue, or a topic and a subscription")
        if str(binding.get("dataType")).upper() != "BINARY" or str(binding.get("cardinality")).upper() != "ONE":
            found.append("messages must come one by one, as bytes")
    if kind == "eventHubTrigger" and (str(binding.get("dataType")).upper(), str(binding.get("cardinality")).upper()) != ("BINARY", "MANY"):
        found.append("events must come in batches, as bytes")
    if kind == "timerTrigger" and not ncrontab(binding.get("schedule", "")):
        found.append(f"{binding.get('schedule')!r} is no NCRONTAB expression")
    return found


def ncrontab(text):
    fields = text.split(" ")
    return len(fields) == 6 and all(field(it, *range_) for it, range_ in zip(fields, RANGES))


def field(text, least, most):
    for part in text.split(","):
        range_, _, step = part.partition("/")
        if step and not (step.isdigit() and 0 < int(step)):
            return False
        if range_ == "*":
            continue
        for it in range_.split("-"):
            it = str(MONTHS.index(it) + 1) if it in MONTHS else it
            if not (it.isdigit() and least <= int(it) <= most):
                return False
    return True


def against_template(folder, report, template):
    """Returns where an app and the template that deploys it disagree."""
    site = template.site(folder.name)
    if site is None:
        return ["the template has no site for it"]
    found, functions = [], report.get("functions", {})
    settings = [it["name"] for it in site["properties"]["siteConfig"]["appSettings"]]
    found += [f"app setting {it} is there twice" for it in set(settings) if settings.count(it) > 1]
    found += [f"app setting {it} is refused on Flex Consumption" for it in settings if it in REFUSED_SETTINGS]
    local = read(folder / "local.settings.json")["Values"]
    only_local = set(local) - set(settings) - {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "FNC_SERVICEBUS", "FNC_EVENTHUBS", "FNC_COSMOS", "FNC_STORAGE"}
    found += [f"{it} is set locally only" for it in only_local]
    if site["properties"]["functionAppConfig"]["runtime"]["name"] != local["FUNCTIONS_WORKER_RUNTIME"]:
        found.append("the site has another runtime")
    scale = site["properties"]["functionAppConfig"]["scaleAndConcurrency"]
    for ready in scale.get("alwaysReady", []):
        kind, _, name = ready["name"].partition(":")
        if kind == "function" and name not in functions:
            found.append(f"alwaysReady names {name}, which is not registered")
    for name, function in functions.items():
        for binding in function["bindings"]:
            if binding["type"] == "serviceBusTrigger":
                found += [f"{name}: {it}" for it in subscription_faults(binding, settings, site, template)]
            if binding["type"] == "eventHubTrigger":
                found += [f"{name}: {it}" for it in stream_faults(binding, settings, site, template)]
            if binding["type"] == "cosmosDBTrigger":
                found += [f"{name}: {it}" for it in change_faults(binding, settings, site, template)]
    # What an executable does is its own.
    config = {} if language(folder) == "custom" else read(folder / "_fnc" / "functions.json")
    for it in config.values():
        default = {"send": "queue", "publish": "topic"}
        used = [(it["kinds"].get(name, default.get(verb)), name) for verb, names in it["can"].items() for name in names]
        used += [("queue", trigger["park"]) for trigger in it["triggers"] if "park" in trigger]
        for connection in {CONNECTIONS[kind] for kind, _ in used if kind in CONNECTIONS}:
            found += connection_faults(connection, settings)
        found += bucket_faults(it, site, template)
        found += table_faults(it, settings, site, template)
        found += [f"no app setting names {name}" for kind, name in used if f"FNC_{kind.upper()}_{name.upper()}" not in settings]
    for sent in report.get("sent", []):
        entity, role = f"/{sent['to']}", {"message": "sender", "stream": "writer", "event": "publisher"}[sent["kind"]]
        if role == "publisher":
            entity = f"/topics/{template.value_of('buses', sent['to'])}"
        if not template.identity_may(site, role, entity):
            found.append(f"something was sent to {sent['to']}, which the identity may not")
    return found


def bucket_faults(config, site, template):
    """Returns which rights on containers an app lacks."""
    found = []
    for verb, role in (("read", "blob_reader"), ("write", "blob_writer")):
        for name in config["can"].get(verb, []):
            account = config["kinds"][name] == "bucket" and template.value_of("buckets", name)
            container = f"{name.replace('_', '-')}"
            if account and not template.identity_may(site, role, f"/{account}/blobServices/default/containers/{container}"):
                found.append(f"the identity may not {verb} {name}")
    return found


def table_faults(config, settings, site, template):
    """Returns which settings and rights an app lacks for the tables that its functions use."""
    found = []
    for verb in ("read", "write"):
        for name in config["can"].get(verb, []):
            if config["kinds"][name] == "table":
                found += connection_faults("FNC_COSMOS", settings, "accountEndpoint")
                container = f"/dbs/tables/colls/{name.replace('_', '-')}"
                if not template.table_may(site, verb, container):
                    found.append(f"the identity may not {verb} {name}")
    return found


def change_faults(binding, settings, site, template):
    """Returns where a trigger on a table and the template disagree ("Azure Cosmos DB trigger", configuration)."""
    found = connection_faults(binding["connection"], settings, "accountEndpoint")
    if binding["leaseConnection"] != binding["connection"]:
        found.append("its leases are elsewhere")
    if str(binding["createLeaseContainerIfNotExists"]).lower() != "false":
        found.append("it makes a container, which it may not")
    for member, verb in (("container", "read"), ("leaseContainer", "write")):
        database = binding["databaseName" if member == "container" else "leaseDatabaseName"]
        container = binding[f"{member}Name"]
        there = [it for id, it in template.resources.items() if id.endswith(f"/sqlDatabases/{database}/containers/{container}")]
        if not there:
            found.append(f"{container} is not in the template")
        elif member == "leaseContainer" and there[0]["properties"]["resource"]["partitionKey"]["paths"] != ["/id"]:
            found.append(f"{container} takes no leases")
        if not template.table_may(site, verb, f"/dbs/{database}/colls/{container}"):
            found.append(f"the identity may not {verb} {container}")
    return found


def stream_faults(binding, settings, site, template):
    found = connection_faults(binding.get("connection"), settings)
    hub = f"/eventhubs/{binding.get('eventHubName')}"
    for entity in (hub, f"{hub}/consumergroups/{binding.get('consumerGroup')}"):
        if not any(it.endswith(entity) for it in template.resources):
            found.append(f"{entity} is not in the template")
    if not template.identity_may(site, "reader", hub):
        found.append(f"the identity may not read from {hub}")
    return found


def connection_faults(connection, settings, place="fullyQualifiedNamespace"):
    needed = [f"{connection}__{it}" for it in (place, "credential", "clientId")]
    return [f"app setting {it} is missing" for it in needed if it not in settings]


def subscription_faults(binding, settings, site, template):
    found = connection_faults(binding.get("connection"), settings)
    if "queueName" in binding:
        entity = f"/queues/{binding['queueName']}"
    else:
        entity = f"/topics/{binding.get('topicName')}/subscriptions/{binding.get('subscriptionName')}"
    there = [it for id, it in template.resources.items() if id.endswith(entity) and it["type"].startswith("Microsoft.ServiceBus")]
    if not there:
        return [*found, f"{entity} is not in the template"]
    sessions = str(binding.get("isSessionsEnabled", False)).lower() == "true"
    if there[0]["properties"]["requiresSession"] != sessions:
        found.append(f"{entity} and its trigger disagree about sessions")
    if not template.identity_may(site, "receiver", entity):
        found.append(f"the identity may not receive from {entity}")
    return found
