"""Runs the golden vectors of a target through its Python shim: `python3 run.py TARGET…`."""

import atexit
import base64
import importlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

VECTORS = Path(__file__).resolve().parent
TARGETS = VECTORS.parent


def run(target, shim=None):
    """Runs all cases of a target and returns `(number of checks, list of differences)`."""
    if target == "filter":
        return run_filter(_Portable.portable, VECTORS / "filter")
    if target.startswith("filter:"):
        return run_filter(_Portable.portable, Path(target.removeprefix("filter:")))
    if target == "key":
        return run_key(_Portable.portable)
    if target == "websocket":
        return run_websocket()
    if target == "lambda":
        return run_lambda()
    shim = shim or (_Portable if target == "portable" else load_shim(target))
    checks, differences = 0, []
    for path in sorted((VECTORS / target).glob("*.json")):
        for what, got, expected in compare(target, path.name, shim):
            checks += 1
            if got != expected:
                differences.append(f"{target}/{path.name}: {what}\n  expected {expected}\n  got      {got}")
    return checks, differences


def run_filter(portable, folder):
    """Runs the cases of `where` in a folder: which records its JSON form takes."""
    checks, differences = 0, []
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        for it in case["records"]:
            checks += 1
            if portable.matches(case["form"], it["record"]) is not it["taken"]:
                differences.append(f"filter/{path.name}: `{case['where']}` of {canonical(it['record'])}")
    return checks, differences


def run_key(portable):
    """Runs the cases of `auth key`: which requests it turns away, and how."""
    checks, differences = 0, []
    for path in sorted((VECTORS / "key").glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        for it in case["requests"]:
            checks += 1
            event = {"trigger": "http", "request": {name: it[name] for name in ("method", "route", "headers")}}
            got = portable.refusal({"triggers": case["triggers"]}, event, case["secrets"].get)
            got = got and portable.http_answer(got)
            if canonical(got) != canonical(case["refusal"] if it["refused"] else None):
                differences.append(f"key/{path.name}: {canonical(it)}\n  got {canonical(got)}")
    return checks, differences


def run_websocket():
    """Runs the cases of connections through the shared library, and through the shims of the targets that they name."""
    checks, differences = 0, []
    for path in sorted((VECTORS / "websocket").glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        alone = {"payload": case["event"], "answers": [it["answer"] for it in case["answers"]]}
        for target, vector in (("portable", alone), ("aws", case["aws"])):
            shim = _Portable if target == "portable" else load_shim(target)
            for what, got, expected in compare_case(case, vector, shim):
                checks += 1
                if got != expected:
                    differences.append(f"websocket/{path.name}: {what} of {target}\n  expected {expected}\n  got      {got}")
    return checks, differences


def run_lambda():
    """Runs the cases of `contract lambda`: the event that a handler gets, and what its answers mean."""
    from common import lambda_answer, lambda_event

    checks, differences = 0, []
    for path in sorted((VECTORS / "lambda").glob("*.json")):
        vector = json.loads(path.read_text("utf-8"))
        case = json.loads((VECTORS / "portable" / vector.get("of", path.name)).read_text("utf-8"))
        config = {**case["config"], **vector.get("config", {})}
        made = [("event", lambda_event.to_lambda(config, case["event"], case["request_id"], vector["now_ms"]), vector["payload"])]
        for it in vector["answers"]:
            try:
                got = lambda_answer.from_lambda(config, case["event"], it["returned"])
            except ValueError as error:
                got = {"raises": str(error)}
            made.append((f"answer {canonical(it['returned'])}", got, it["portable"]))
        for what, got, expected in made:
            checks += 1
            if canonical(got) != canonical(expected):
                differences.append(f"lambda/{path.name}: {what}\n  expected {canonical(expected)}\n  got      {canonical(got)}")
    return checks, differences


def load_shim(target):
    """Imports a shim from a folder laid out as in a build: the shim beside the shared library."""
    folder = Path(tempfile.mkdtemp(prefix="fnc-vectors-"))
    package = folder / "_fnc"
    package.mkdir()
    for part in ("common", target):
        for file in (TARGETS / part).glob("*.py"):
            shutil.copy(file, package)
    sys.path.insert(0, str(folder))
    for name in [it for it in sys.modules if it.partition(".")[0] == "_fnc"]:
        del sys.modules[name]
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return importlib.import_module("_fnc.shim")


def compare(target, case, shim):
    """Yields `(what, got, expected)`, both as canonical text."""
    portable = json.loads((VECTORS / "portable" / case).read_text("utf-8"))
    vector = json.loads((VECTORS / target / case).read_text("utf-8"))
    if target == "portable":
        vector = {"payload": portable["event"], "answers": [it["answer"] for it in portable["answers"]]}
    yield from compare_case(portable, vector, shim)


def compare_case(portable, vector, shim):
    """Yields `(what, got, expected)` of a case as a target sees it."""
    config = {**portable["config"], **vector.get("config", {})}
    for number, part in enumerate(vector.get("parts", [vector])):
        expected = json.loads(json.dumps(portable["event"]))
        answers = part["answers"]
        if "parts" in vector:
            expected["records"] = [expected["records"][at] for at in part["records"]]
        else:
            answers = [{**asked, "answer": it} for asked, it in zip(portable["answers"], answers, strict=True)]
        event = shim.to_portable(config, part["payload"])
        differ(part.get("event_differs", {}), expected, event)
        yield f"event {number}", ordered(event), ordered(expected)
        for at, it in enumerate(answers):
            outcome = Exception(it["raises"]) if "raises" in it else it["handler"]
            try:
                got = shim.to_answer(config, part["payload"], outcome, portable["request_id"])
            except Exception as error:
                got = {"raises": str(error)}
            yield f"answer {number}.{at}", canonical(got), canonical(it["answer"])


def differ(differences, expected, event):
    """Writes into `expected` what this provider really gives."""
    for pointer, difference in differences.items():
        assert difference.get("why"), f"{pointer} differs without saying why"
        *path, last = [it.replace("~1", "/").replace("~0", "~") for it in pointer.split("/")[1:]]
        into, real = expected, event
        for step in path:
            step = int(step) if isinstance(into, list) else step
            into, real = into[step], real[step]
        last = int(last) if isinstance(into, list) else last
        if difference.get("absent"):
            del into[last]
        else:
            into[last] = real[last] if difference.get("any") else difference["value"]


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def ordered(event):
    """Returns canonical text that keeps the documented order of the event's own members."""
    parts = [event.get("request", {}), *event.get("records", [])]
    return canonical(event) + " in order " + canonical([list(event), *map(list, parts)])


class _Portable:
    """The shared library by itself: an event taken apart and put together again."""

    sys.path.insert(0, str(TARGETS))
    from common import portable

    @classmethod
    def to_portable(cls, config, event):
        portable, trigger = cls.portable, event["trigger"]
        if trigger == "http":
            it = event["request"]
            pairs = [(name, value) for name, values in it["query_all"].items() for value in values]
            cookies = "; ".join(f"{name}={value}" for name, value in it["cookies"].items())
            return portable.http_event(
                config, method=it["method"].lower(), path=it["path"], route=it["route"], query=pairs,
                headers=[(name.title(), value) for name, value in it["headers"].items()] + [("Cookie", cookies)],
                body=decoded(it), client_ip=it["client_ip"],
                auth=it["auth"])
        if trigger == "websocket":
            it, = event["records"]
            asked = it.get("request")
            members = {}
            if asked:
                pairs = [(name, value) for name, values in asked["query_all"].items() for value in values]
                crumbs = [f"{name}={value}" for name, value in asked["cookies"].items()]
                members["request"] = {"headers": asked["headers"], "query": pairs, "cookies": crumbs,
                                      "client_ip": asked["client_ip"]}
            return portable.websocket_event(
                config, happened=it["type"].rpartition(".")[2], id=it["id"], connection=it["connection"],
                time=it["time"], body=it["body"], route=it.get("route"), auth=it["auth"], **members)
        if trigger == "schedule":
            records = [portable.tick(config, id=it["id"], time=it["time"], scheduled=it["scheduled"],
                                     input=it["input"]) for it in event["records"]]
        elif trigger == "invoke":
            it, = event["records"]
            return portable.invoke_event(config, id=it["id"], data=it["data"], time=it["time"])
        elif trigger in ("bucket", "table"):
            make = portable.object_record if trigger == "bucket" else portable.row_record
            own = ("key", "size", "etag") if trigger == "bucket" else ("keys", "new", "old")
            records = [make(id=it["id"], source=it["source"], action=it["action"], time=it["time"],
                            **{name: it[name] for name in own}) for it in event["records"]]
        elif trigger == "stream":
            records = [portable.stream_record(id=it["id"], source=it["source"], body=decoded(it), key=it["key"],
                                              sequence=it["sequence"], shard=it["shard"], time=it["time"])
                       for it in event["records"]]
        elif trigger == "event":
            records = [portable.event_record(id=it["id"], source=it["source"], type=it["type"], body=decoded(it),
                                             time=it["time"], attributes=it["attributes"], subject=it.get("subject"))
                       for it in event["records"]]
        else:
            records = []
            for it in event["records"]:
                attributes = dict(it["attributes"])
                body = it["body"]
                if it.get("base64"):
                    attributes[portable.BASE64_ATTRIBUTE] = "true"
                made = portable.message(trigger, id=it["id"], source=it["source"], time=it["time"], body=body,
                                        attempt=str(it["attempt"]), attributes=attributes, group=it.get("group"))
                there_and_back = portable.from_cloudevent(json.loads(json.dumps(portable.to_cloudevent(made))))
                assert {**there_and_back, "body": made["body"]} == made, there_and_back
                records.append(made)
        return portable.event(config, trigger, event["source"], records)

    @classmethod
    def to_answer(cls, config, event, outcome, request_id):
        if event["trigger"] == "http" or cls.portable.is_connect(event):
            return cls.portable.http_answer(outcome, request_id)
        return {"failed": cls.portable.batch_answer(outcome, [it["id"] for it in event["records"]])}


def decoded(it):
    return base64.b64decode(it["body"]) if it.get("base64") else it["body"] and it["body"].encode()


def main(targets):
    failed = not targets
    for target in targets:
        checks, differences = run(target)
        print(*differences, f"{target}: {checks - len(differences)} of {checks} checks agree (Python)", sep="\n")
        failed = failed or differences or not checks
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
