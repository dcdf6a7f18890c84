#!/usr/bin/env python3
"""Judges Azure build folders with Microsoft's own libraries: check.py BUILD_FOLDER…

For every folder: the ARM template's expressions, references and resources are judged; each function app's settings files
are; Microsoft's Python worker or its library for Node functions registers the app and calls every function once; what was
registered and sent is compared with the template. TypeScript checks the calls of the Node library. The golden vectors go
through both libraries. Then faults are planted in the folders just judged, and each must be caught.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[2]
VENV = TOP / ".conformance" / "azure"
NODE = TOP / ".conformance" / "azure-node"
WORK = NODE / "work"

if Path(sys.prefix).resolve() != VENV.resolve():
    own = VENV / "bin" / "python"
    if not own.exists():
        sys.exit(f"Azure's libraries are missing; install them with {HERE / 'setup.sh'}")
    os.execv(own, [str(own), *sys.argv])
if not (NODE / "node_modules" / "@azure" / "functions").is_dir():
    sys.exit(f"Azure's library for Node functions is missing; install it with {HERE / 'setup.sh'}")

import app as apps  # noqa: E402: after the tools are found to be there
import callers  # noqa: E402: after the tools are found to be there
import events  # noqa: E402: after the tools are found to be there
import faults  # noqa: E402: after the tools are found to be there
import storage  # noqa: E402: after the tools are found to be there
import tables  # noqa: E402: after the tools are found to be there
import template as templates  # noqa: E402: after the tools are found to be there

TSC = ["--noEmit", "--allowJs", "--checkJs", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext",
       "--target", "es2022", "--types", "node", "--strict", "false"]


def run(command, given=""):
    """Runs a command that writes a report; returns the report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run([*command, str(report)], input=given, capture_output=True, text=True)
        if done.returncode != 0 or not report.exists():
            return {"error": f"{command[1]} failed: {done.stderr[-2000:]}"}
        return json.loads(report.read_text("utf-8"))


def examine(folder):
    """Returns what Microsoft's library makes of an app: what is registered, what came of a call of each."""
    files = [it for it in sorted(folder.rglob("*")) if it.is_file() and "__pycache__" not in it.parts]
    digest = hashlib.sha256(b"".join(str(it.relative_to(folder)).encode() + it.read_bytes() for it in files)).hexdigest()
    if digest not in EXAMINED:
        EXAMINED[digest] = examined(folder)
    return EXAMINED[digest]


# What came of an app, by its contents: most faults are planted elsewhere.
EXAMINED = {}


def examined(folder):
    """Returns what came of an app, with what it left in tables."""
    report = called(folder)
    return report if "error" in report else {**report, "kept": tables.kept(folder)}


def called(folder):
    try:
        storage.ready(folder)
        tables.ready(folder)
    except (KeyError, OSError, ValueError) as error:
        return {"error": f"local.settings.json: {error!r}"}
    by = {"python": "worker.py", "custom": "custom.py"}.get(apps.language(folder))
    if by:
        return run([sys.executable, str(HERE / by), str(folder)])
    command = ["node", str(HERE / "check.mjs"), str(in_reach(folder))]
    registered = run(command, json.dumps({"calls": None, "published": {}}))
    if "error" in registered:
        return registered
    try:
        config = apps.read(folder / "_fnc" / "functions.json")
        calls = {name: events.call(it["bindings"], events.pushed(config, name)) for name, it in registered["functions"].items()}
        for name, call in calls.items():
            trigger = apps.trigger_of(config, name)
            calls[name] = callers.good(trigger, call)
            calls[name]["retries"] = 5 if trigger.get("split") else 0
            calls[name]["probes"] = callers.probes(trigger, calls[name])
    except (KeyError, ValueError) as error:
        return {"error": f"what was registered has no call: {error!r}"}
    return run(command, json.dumps({"calls": calls, "published": callers.PUBLISHED}))


def in_reach(folder):
    """Returns a copy of a Node app in which the libraries are found."""
    copy = WORK / f"{folder.parent.parent.name}-{folder.parent.name}-{folder.name}"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return copy


def typed(folders):
    """Returns what TypeScript finds in the entries of Node apps."""
    if not folders:
        return []
    entries = [str(in_reach(it) / "function_app.mjs") for it in folders]
    tsc = NODE / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(["node", str(tsc), *TSC, *entries], capture_output=True, text=True, cwd=NODE)
    # Handlers and shims are the users' and ours; here only the calls of Azure's library count.
    lines = [it for it in done.stdout.splitlines() if "error TS" in it and "function_app.mjs" in it.split("(")[0]]
    if done.returncode not in (0, 1, 2) or (done.stderr and not done.stdout):
        lines.append(done.stderr)
    return lines


def function_apps(folder):
    return sorted(it.parent for it in folder.glob("*/host.json"))


def judge(folder):
    """Returns all findings on a build folder as (gate, where, text), and what came of its apps."""
    found, reports = [], []
    if not (folder / "azuredeploy.json").is_file():
        return [("template", folder.name, "there is no azuredeploy.json")], []
    template = templates.load(folder)
    found += [("template", "azuredeploy.json", it) for it in template.judge()]
    all_apps = function_apps(folder)
    sites = template.of_type("Microsoft.Web/sites")
    if not all_apps or len(all_apps) != len(sites):
        found.append(("template", "azuredeploy.json", f"{len(sites)} sites for {len(all_apps)} function apps"))
    for one in all_apps:
        found += [("settings", one.name, it) for it in apps.settings_files(one)]
        report = examine(one)
        gate = apps.language(one)
        loaded = apps.described if gate == "custom" else apps.registered
        found += [(gate, one.name, it) for it in loaded(one, report)]
        found += [("template", one.name, it) for it in apps.against_template(one, report, template)]
        reports.append(report)
    return found, reports


# What functions of the words publish to a bus.
EVENTS = [
    {"to": "shop_events", "type": "order.placed", "subject": "orders/7", "content_type": "application/json",
     "extensions": {"fncattributes": '{"Kind":"vip"}'}, "data": {"id": 7}},
    {"to": "shop_events", "type": "order.scanned", "subject": None, "content_type": "application/octet-stream",
     "extensions": {}, "data_base64": "AP8="},
    {"to": "shop_events", "type": "order.noted", "subject": None, "content_type": "text/plain; charset=utf-8",
     "extensions": {}, "data": "plain"},
]


# What they change in the table that others wait for.
CHANGES = [("inserted", 1), ("inserted", 2), ("inserted", 10), ("inserted", -5), ("updated", 1), ("deleted", 2), ("deleted", 10)]


def told(report):
    """Returns the findings on what functions left in tables: rows, each change once, and when each goes."""
    items = report["kept"]["users"]
    changes = [it["change"] for it in items if "change" in it]
    found = [] if [(it["action"], it["keys"]["at"]) for it in changes] == CHANGES else [f"not what was expected: {changes}"]
    rows = {it["row"]["at"]: it for it in items if "row" in it}
    if set(rows) != {1, -5} or "ttl" in rows[1] or not 3000 < rows[-5].get("ttl", 0) <= 3600:
        found.append(f"other rows than expected: {rows}")
    found += [f"stays: {it}" for it in items if "change" in it and it.get("ttl") != 86_400]
    old = [it for it in changes if it["action"] == "updated"]
    if [(it["old"]["email"], it["new"]["email"]) for it in old] != [("x", "y")] or {it["partition"] for it in items} != {"a", "b/ Zoë?"}:
        found.append(f"other rows than expected: {items}")
    # Those that change a row at the same time are told of one after another, each with what the one before has left.
    row, last = None, [it["change"] for it in report["kept"]["counts"] if it.get("change", {}).get("keys") == {"id": 9}]
    for it in last:
        found += [] if it["old"] == row else [f"{it} doesn't follow {row}"]
        row = it["new"]
    if sorted(it["new"]["n"] for it in last) != list(range(8)):
        found.append(f"not what was expected: {last}")
    return found


def built(program):
    """Builds a program that lies here, and judges it."""
    fnc, folder = TOP / "target" / "debug" / "fnc", TOP / ".conformance" / f"azure-{program}"
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(fnc), "build", str(HERE / program), "--target", "azure", "--out", str(folder), "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return folder, [(program, "fnc", f"{fnc} is missing: run `cargo build` first")], []
    if done.returncode != 0:
        return folder, [(program, "fnc", done.stderr)], []
    return folder, *judge(folder)


def told_by(name, it):
    """Returns what an executable answers that got an event as JSON."""
    return {"outputs": {}, "value": {"function": name, **it}}


def answered(status, method, path):
    """Returns what one answers that got a request as it was sent."""
    return {"status": status, "body": json.dumps({"method": method, "path": path, "id": 1})}


def executables():
    """Judges the program whose functions are executables; what they answer is known beforehand."""
    folder, found, reports = built("executables")
    made = {name: (it["answer"], it["retry"]) for report in reports for name, it in report.get("functions", {}).items()}
    message = {"binding": "message", "data": events.BODY, "stage": "dev"}
    wanted = {
        "web": answered(201, "POST", "/own/World?a=1"), "web-1": answered(201, "PUT", "/own/files/a/b?a=1"),
        "called": answered(201, "POST", "/_fnc/invoke/called?a=1"),
        "work": {"outputs": {"res": {"statusCode": 202, "body": "POST", "headers": {}}}, "value": None},
        **{f"work-{at}": told_by(f"work-{at}", message) for at in (1, 2, 3, 6, 7)},
        "work-4": told_by("work-4", {"binding": "events", "data": [json.dumps(events.BODY), "plain text"], "stage": "dev"}),
        "work-5": told_by("work-5", {"binding": "timer", "stage": "dev", "data": {"IsPastDue": False, "ScheduleStatus": {
            "Last": "2026-01-30T03:00:00+00:00", "Next": "2026-01-31T03:00:00+00:00", "LastUpdated": "2026-01-30T03:00:00+00:00"}}}),
    }
    for name in sorted({*made, *wanted}):
        answer, retry = made.get(name, (None, None))
        if answer != wanted.get(name):
            found.append(("custom", name, f"answered {answer}, not {wanted.get(name)}"))
        tries = {"work-4": 3, "work-5": 2}.get(name)
        if (retry or {}).get("maxRetryCount") != tries:
            found.append(("custom", name, f"is tried again {retry}, not {tries} times"))
    return folder, found, reports


def words():
    """Judges the program that holds every word; what its failing functions park is known beforehand."""
    folder, found, reports = built("words")
    if not reports:
        return folder, found, reports
    sent = [it for report in reports for it in report.get("sent", [])]
    parked = sorted(it["properties"]["error"] for it in sent if it["to"] == "parked")
    late = [f"`{name}` ran longer than 400 ms" for name in ("slow", "slow_node")]
    # A tick of each language, a batch of two records and one of three changes.
    if parked != sorted([*late, *["no luck"] * 12, *["no luck with 1"] * 3]):
        found.append(("words", "parked", f"not what was expected: {parked}"))
    halved = sorted((it["properties"]["function"], it["properties"]["attempts"]) for it in sent
                    if it["to"] == "parked" and it["properties"]["error"] == "no luck with 1")
    if halved != [("halve", "2"), ("halve_node", "2"), ("halve_stream", "1")]:
        found.append(("words", "halves", f"not what was expected: {halved}"))
    keepers = [it for it in reports if {"keep", "keep_node"} & set(it.get("functions", {}))]
    if len(keepers) != 2:
        found.append(("words", "told", f"{len(keepers)} apps keep rows"))
    found += [("words", "told", text) for it in keepers for text in told(it)]
    messages = [it for it in sent if it["kind"] == "message"]
    groups = {it["to"]: it["session"] for it in messages if it["to"] != "parked"}
    if groups != {"plain": None, "in-order": "g", "news": None, "news-in-order": "default"}:
        found.append(("words", "sent", f"not what was expected: {groups}"))
    written = sorted((it["to"], it["key"] or "", base64.b64decode(it["body"])) for it in sent if it["kind"] == "stream")
    if written != sorted([("clicks", "k", b'{"seen":2}'), ("late", "", b"\x00\xff")] * 2):
        found.append(("words", "written", f"not what was expected: {written}"))
    published = [{name: it for name, it in one.items() if name != "kind"} for one in sent if one["kind"] == "event"]
    if published != EVENTS * 2:
        found.append(("words", "published", f"not what was expected: {published}"))
    upper = [it for it in messages if it["to"] == "plain" and json.loads(it["properties"]["fnc-attributes"]) == {"Kind": "upper"}]
    if len(upper) != 4:
        found.append(("words", "sent", f"attributes lose their case: {sent}"))
    return folder, found, reports


def vectors():
    """Puts the golden vectors through both libraries; returns the findings and the number of checks."""
    found, checks = [], 0
    shutil.rmtree(WORK / "vectors", ignore_errors=True)
    folder = WORK / "vectors"
    (folder / "_fnc").mkdir(parents=True)
    for file in (*(TOP / "targets/common").glob("*.mjs"), *(TOP / "targets/azure").glob("*.mjs")):
        shutil.copy(file, folder / "_fnc")
    pairs = []
    for file in sorted((TOP / "targets/vectors/azure").glob("*.json")):
        vector = json.loads(file.read_text("utf-8"))
        for part in vector.get("parts", [vector]):
            pairs.append({"payload": part["payload"], "call": events.of_payload(part["payload"])})
    python = run([sys.executable, str(HERE / "worker.py"), "--vectors"])
    node = run(["node", str(HERE / "check.mjs"), str(folder)], json.dumps(pairs))
    for gate, report in (("python", python), ("node", node)):
        if "error" in report or not report["checks"]:
            found.append((gate, "vectors", report.get("error", "nothing was checked")))
            continue
        checks += report["checks"]
        found += [(gate, "vectors", it) for it in report["differences"]]
    return found, checks


def main():
    folders = [Path(it).resolve() for it in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    shutil.rmtree(WORK, ignore_errors=True)
    storage.start(NODE)
    tables.start(NODE)
    failed = 0
    judged = [(folder, *judge(folder)) for folder in folders]
    judged += [words(), executables()]
    for folder, found, reports in judged:
        called = sum(len(it.get("functions", {})) for it in reports)
        failed += len(found) + (not called)
        for gate, where, text in found:
            print(f"     {gate}: {where}: {text}")
        print(f"{'FAIL' if found or not called else 'ok  '} {folder}: {called} functions called, {len(found)} findings")
    folders = [folder for folder, _, _ in judged]
    node_apps = [it for folder in folders for it in function_apps(folder) if apps.language(it) == "node"]
    found = typed(node_apps)
    failed += len(found)
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{'FAIL' if found else 'ok  '} TypeScript: {len(node_apps)} Node apps, {len(found)} findings")
    found, checks = vectors()
    failed += len(found)
    for gate, where, text in found:
        print(f"     {gate}: {where}: {text}")
    print(f"{'FAIL' if found else 'ok  '} golden vectors through Microsoft's libraries: {checks} checks, {len(found)} findings")
    failed += faults.plant(folders, judge, typed, function_apps)
    print("Azure: all is well" if not failed else f"Azure: {failed} findings")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        storage.stop()
        tables.stop()
