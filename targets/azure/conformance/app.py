"""Judges one function app's folder: its settings files, and what was registered against the template.

The tables are our own, made from the public documentation that each names.
"""

import json
import re

from template import REFUSED_SETTINGS

TIMESPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")


def timespan(it):
    return isinstance(it, str) and TIMESPAN.fullmatch(it)


def number(least, most):
    return lambda it: isinstance(it, int) and not isinstance(it, bool) and least <= it <= most


def exactly(*values):
    return lambda it: it in values and type(it) in map(type, values)


# "host.json reference for Azure Functions 2.x and later"; "Azure Service Bus bindings", host.json settings.
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
    }),
}
# "Azure Functions binding reference": what each trigger must have, then what it may have.
BINDINGS = {
    "httpTrigger": ({"route", "methods", "authLevel"}, set()),
    "http": (set(), set()),
    "serviceBusTrigger": ({"connection", "dataType", "cardinality"}, {"queueName", "topicName", "subscriptionName", "isSessionsEnabled"}),
    "timerTrigger": ({"schedule"}, {"runOnStartup", "useMonitor"}),
}
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
    if values.get("FUNCTIONS_WORKER_RUNTIME") != ("python" if (folder / "function_app.py").exists() else "node"):
        found.append("local.settings.json: FUNCTIONS_WORKER_RUNTIME is another language")
    found += [f"local.settings.json: {name} is no text" for name, it in values.items() if not isinstance(it, str)]
    return found


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
        timer = [it for it in config.get(owner, {}).get("triggers", []) if it["kind"] == "schedule"]
        wanted = timer[0]["retry"] if timer and any(it["type"] == "timerTrigger" for it in function["bindings"]) else 0
        given = int(function["retry"]["count"]) if function["retry"] else 0
        if wanted != given:
            found.append(f"{name}: {given} retries, not {wanted}")
    return found


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
    only_local = set(local) - set(settings) - {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "FNC_SERVICEBUS"}
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
    for it in read(folder / "_fnc" / "functions.json").values():
        verbs = {"QUEUE": it["can"].get("send", []), "TOPIC": it["can"].get("publish", [])}
        verbs["QUEUE"] = [*verbs["QUEUE"], *(trigger["park"] for trigger in it["triggers"] if "park" in trigger)]
        if any(verbs.values()):
            found += connection_faults("FNC_SERVICEBUS", settings)
        for kind, names in verbs.items():
            found += [f"no app setting names {name}" for name in names if f"FNC_{kind}_{name.upper()}" not in settings]
    for sent in report.get("sent", []):
        entity = f"/{sent['to']}"
        if not template.identity_may(site, "sender", entity):
            found.append(f"something was sent to {sent['to']}, which the identity may not")
    return found


def connection_faults(connection, settings):
    needed = [f"{connection}__{it}" for it in ("fullyQualifiedNamespace", "credential", "clientId")]
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
