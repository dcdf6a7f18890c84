"""Faults that the gates must catch: each is planted in a copy of a build folder that was found to be good."""

import shutil
import tempfile
from pathlib import Path

LEAST = 3  # faults for each gate


def swap(name, old, new):
    """Replaces a text in the first file of this name that holds it."""
    def plant(folder):
        for file in sorted(folder.rglob(name)):
            text = file.read_text("utf-8")
            if old in text:
                file.write_text(text.replace(old, new, 1), "utf-8")
                return file.parent
        return None
    return plant


def swap_asked(name, old, new, word):
    """Replaces a text of a shim in the first app of which a route asks for this word."""
    def plant(folder):
        for file in sorted(folder.rglob(name)):
            asked = (file.parent / "functions.json").is_file() and f'"{word}": ' in (file.parent / "functions.json").read_text("utf-8")
            text = file.read_text("utf-8")
            if asked and old in text:
                file.write_text(text.replace(old, new, 1), "utf-8")
                return file.parent
        return None
    return plant


def remove(name):
    def plant(folder):
        for file in sorted(folder.rglob(name)):
            file.unlink()
            return file.parent
        return None
    return plant


PY, JS, ARM, HOST = "function_app.py", "function_app.mjs", "azuredeploy.json", "host.json"
# What is broken, the gate that must see it, how it is planted, a part of the finding.
FAULTS = [
    ("a parameter that isn't the binding's", "python", swap(PY, 'arg_name="message"', 'arg_name="other"'), "message"),
    ("a name used twice", "python", swap(PY, '@app.function_name("nightly")', '@app.function_name("mail")'), ""),
    ("a missing shim", "python", remove("shim.py"), "shim"),
    ("a lost handler", "python", swap("functions.json", ".py:handle", ".py:handel"), ""),
    ("a retry that Azure doesn't know", "python", swap(PY, 'max_retry_count="2"', 'max_retry_count="3"'), "retries"),
    ("a route that lets anybody in", "python", swap_asked("shim.py", "if refused:", "if None:", "key"), "key"),
    ("a token for others that is taken", "python", swap_asked("token.py", 'audience=wanted["audience"]', 'audience=["shop", "other"]', "jwt"), "another audience"),
    ("a page of any site", "python", swap_asked("sites.py", 'if "*" not in', 'if False and "*" not in', "cors"), "not shared"),
    ("a route that lets anybody in", "node", swap_asked("shim.mjs", "if (refused) return refused;", "", "key"), "key"),
    ("a token that is taken for ever", "node", swap_asked("token.mjs", "requiredClaims: ['exp', ", "requiredClaims: [", "jwt"), "never expires"),
    ("a page of any site", "node", swap_asked("sites.mjs", "if (!any &&", "if (false &&", "cors"), "not shared"),
    ("a misspelt setting", "node", swap(JS, "queueName:", "queue:"), "queue"),
    ("a missing library file", "node", remove("portable.mjs"), "portable"),
    ("a lost handler", "node", swap("functions.json", "web.mjs:root", "web.mjs:no_root"), ""),
    ("messages as text", "node", swap(JS, "dataType: 'binary'", "dataType: 'string'"), "bytes"),
    ("a misspelt option", "types", swap(JS, "authLevel:", "authLevl:"), "authLevl"),
    ("a method that isn't one", "types", swap(JS, '["POST"]', '["PSOT"]'), "PSOT"),
    ("a misspelt function", "types", swap(JS, "app.http(", "app.htpp("), "htpp"),
    ("a timeout in words", "settings", swap(HOST, '"functionTimeout": "00:00:', '"functionTimeout": "10s'), "functionTimeout"),
    ("a misspelt limit", "settings", swap(HOST, "maxConcurrentCalls", "maxConcurrentCall"), "maxConcurrentCall"),
    ("an old bundle", "settings", swap(HOST, "[4.*, 5.0.0)", "[3.*, 4.0.0)"), "version"),
    ("no storage locally", "settings", swap("local.settings.json", "AzureWebJobsStorage", "WebJobsStorage"), "AzureWebJobsStorage"),
    ("a parenthesis too few", "template", swap(ARM, "[uniqueString(resourceGroup().id)]", "[uniqueString(resourceGroup().id]"), "expected"),
    ("an unknown variable", "template", swap(ARM, "variables('insights')", "variables('insight')"), "insight"),
    ("a size that isn't offered", "template", swap(ARM, '"instanceMemoryMB": ', '"instanceMemoryMB": 1'), "instanceMemoryMB"),
    ("a misspelt property", "template", swap(ARM, "maximumInstanceCount", "maximumInstanceCounts"), "maximumInstanceCounts"),
    ("storage without a sku", "template", swap(ARM, '"sku": {\n        "name": "Standard_LRS"\n      },', ""), "sku"),
    ("a dependency on nothing", "template", swap(ARM, "blobServices/containers', ", "blobServices/container', "), "depends on"),
    ("a subnet by name", "template", swap(ARM, '"virtualNetworkSubnetId": "', '"virtualNetworkSubnetId": "apps'), "virtualNetworkSubnetId"),
    ("a misspelt tag", "template", swap(ARM, '"fnc:app"', '"fnc/app"'), "tag"),
    ("a queue that isn't there", "template", swap(ARM, '"forwardDeadLetteredMessagesTo": "', '"forwardDeadLetteredMessagesTo": "no-'), "no queue"),
    ("a connection without settings", "template", swap(ARM, '"FNC_SERVICEBUS__credential"', '"FNC_SERVICEBUS__credentials"'), "FNC_SERVICEBUS__credential"),
    ("a hub without its reader", "template", swap(PY, 'consumer_group="', 'consumer_group="x'), "consumergroups"),
    ("a right on another hub", "template", swap(ARM, "roleDefinitions', 'a638d3c7", "roleDefinitions', 'a638d3c8"), "read from"),
    ("more partitions than there are", "template", swap(ARM, '"partitionCount": ', '"partitionCount": 9'), "partitionCount"),
    ("events one by one", "python", swap(PY, "cardinality=func.Cardinality.MANY", "cardinality=func.Cardinality.ONE"), ""),
    ("rows in another order", "python", swap_asked("rows.py", "else 'ASC'", "else 'DESC'", "told"), "answered 500"),
    ("rows in another order", "node", swap_asked("rows.mjs", ": 'ASC'", ": 'DESC'", "told"), "answered 500"),
    ("a trigger on another container", "template", swap(PY, 'container_name="users"', 'container_name="users1"'), "not in the template"),
    ("a table that is only read", "template", swap(ARM, "variables('cosmos'), '00000000-0000-0000-0000-000000000002')]\",\n        \"principalId", "variables('cosmos'), '00000000-0000-0000-0000-000000000001')]\",\n        \"principalId"), "may not write"),
    ("an account that nobody may see", "template", swap(ARM, '"dataActions": [', '"dataAction": ['), "dataActions"),
    ("a row's field that isn't indexed as one", "template", swap(ARM, '"/row/', '"/rows/'), "includedPaths"),
    ("a subscription to nothing", "template", swap(ARM, '"resourceId": "[resourceId(\'Microsoft.ServiceBus/namespaces/queues\', variables(\'serviceBus\'), \'', '"resourceId": "[resourceId(\'Microsoft.ServiceBus/namespaces/queues\', variables(\'serviceBus\'), \'no-'), "is not deployed before"),
    ("a right on another container", "template", swap(ARM, "roleDefinitions', 'ba92f5b4", "roleDefinitions', 'ba92f5b5"), "may not write"),
    ("another handler for an object", "python", swap("functions.json", "watch.py:created", "watch.py:deleted"), ""),
    ("a right on another queue", "template", swap(ARM, "roleDefinitions', '4f6d3b9b", "roleDefinitions', '4f6d3b9c"), "receive"),
    ("a misspelt trigger", "custom", swap("function.json", '"timerTrigger"', '"timeTrigger"'), "timeTrigger"),
    ("an answer that comes in", "custom", swap("function.json", '"direction": "out"', '"direction": "in"'), "cannot load"),
    ("an executable that isn't there", "custom", swap(HOST, '"defaultExecutablePath": "own/bin/own"', '"defaultExecutablePath": "own/bin/web"'), "doesn't start"),
    ("a schedule of five fields", "custom", swap("function.json", '"schedule": "0 ', '"schedule": "'), "NCRONTAB"),
    ("another queue than the trigger's", "template", swap(PY, 'queue_name="', 'queue_name="x'), "not in the template"),
]


def plant(folders, judge, typed, function_apps):
    """Plants every fault; prints which were caught; returns how many weren't, and gates with too few of them."""
    missed, caught = 0, {}
    for what, gate, fault, part in FAULTS:
        planted = False
        for folder in folders:
            with tempfile.TemporaryDirectory() as parent:
                mutant = Path(parent) / folder.parent.name / folder.name
                shutil.copytree(folder, mutant)
                if (place := fault(mutant)) is None or (gate in ("python", "node") and not of_language(place, gate)):
                    continue
                planted = True
                if gate == "types":
                    texts = typed([it for it in function_apps(mutant) if (it / JS).exists()])
                else:
                    texts = [text for found_by, _, text in judge(mutant)[0] if found_by == gate]
                if any(part in it for it in texts):
                    caught[gate] = caught.get(gate, 0) + 1
                    print(f"ok   fault, {gate}: {what}")
                else:
                    missed += 1
                    print(f"FAIL fault, {gate}: {what}: not caught in {folder}, but {texts}")
            break
        if not planted:
            missed += 1
            print(f"FAIL fault, {gate}: {what}: there was no place for it")
    for gate in {gate for _, gate, _, _ in FAULTS}:
        if caught.get(gate, 0) < LEAST:
            missed += 1
            print(f"FAIL gate {gate}: fewer than {LEAST} faults were caught, so it isn't known to be live")
    return missed


def of_language(place, gate):
    folder = place.parent if place.name == "_fnc" else place
    return (folder / (PY if gate == "python" else JS)).exists()
