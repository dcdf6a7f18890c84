#!/usr/bin/env python3
"""Calls the shims with the events that `sam local generate-event` prints, under Lambda's own runtime clients.

The events are AWS's idea of what a service sends. For each, the handler writes down the event it was given, which must
be the portable one that stands here, and answers in turn: all is done, one record failed, an exception. It must have time left each time. What a
sample leaves out and every real event has (the route of the API, the stream's name) is filled in, as its case says.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

import runtime

SAM = runtime.HERE.parents[2] / ".conformance" / "aws-sam" / "bin" / "sam"
SEEN_PY = """import json, os

ANSWERS = json.loads(open(os.path.join(os.path.dirname(__file__), "answers.json"), encoding="utf-8").read())


def handle(event, context):
    with open(os.environ["SEEN"], "a", encoding="utf-8") as seen:
        seen.write(json.dumps({"event": event, "in_time": 0 < context.remaining_ms() <= 30_000}) + "\\n")
    answer = ANSWERS[sum(1 for _ in open(os.environ["SEEN"], encoding="utf-8")) - 1]
    if "raises" in answer:
        raise RuntimeError(answer["raises"])
    return answer["handler"]
"""
SEEN_MJS = """import { appendFileSync, readFileSync } from 'node:fs';

const answers = JSON.parse(readFileSync(new URL('./answers.json', import.meta.url), 'utf8'));

export async function handle(event, context) {
  const left = context.remaining_ms();
  appendFileSync(process.env.SEEN, JSON.stringify({ event, in_time: 0 < left && left <= 30_000 }) + '\\n');
  const answer = answers[readFileSync(process.env.SEEN, 'utf8').split('\\n').length - 2];
  if ('raises' in answer) throw new Error(answer.raises);
  return answer.handler;
}
"""
SEQUENCE = "49545115243490985018280067714973144582180062593244200961"
ROW = "c81e728d9d4c2f636f067f89cc14862c"


def again(*ids):
    return {"batchItemFailures": [{"itemIdentifier": it} for it in ids]}


def routed(payload):
    """The API that fnc writes has a route for each trigger; the sample's has `$default` only."""
    payload["routeKey"] = payload["requestContext"]["routeKey"] = "POST /orders/{parameter1}"


def named(payload):
    """The sample's stream has no name."""
    for record in payload["Records"]:
        record["eventSourceARN"] = "arn:aws:kinesis:us-east-1:123456789012:stream/shop-dev-clicks"


def record(source, type, id, time, body, data=None, attributes=None, **more):
    return {"id": id, "source": source, "type": type, "time": time, "attempt": 1, "body": body, "data": data,
            "attributes": attributes or {}, **more}


def object_record(action, id, **more):
    data = {"bucket": "receipts", "key": "2026/a b.png", **more, "action": action}
    return record("receipts", f"fnc.bucket.{action}", f"{id}:2026/a b.png", "1970-01-01T00:00:00.000Z",
                  json.dumps(data, separators=(",", ":")), data, **data)


def row_record(action, id, new, old):
    data = {"action": action, "keys": {"Id": 101}, "new": new, "old": old}
    return record("users", f"fnc.table.{action}", id, "2015-04-09T00:00:00.000Z",
                  json.dumps(data, separators=(",", ":")), data, **data)


NEW, CHANGED = {"Message": "New item!", "Id": 101}, {"Message": "This item has changed", "Id": 101}
QUEUE = "19dd0b57-b21e-4ac1-bd88-01bbb068cb78"
TOPIC = "95df01b4-ee98-5cb9-9903-4c221d41eb5e"
BUCKET = {"kind": "bucket", "source": "receipts", "name": "shop-receipts"}
# Service, event, options, what is filled in, the trigger, the records or the request, the id that one answer names,
# and what Lambda gets for each of the answers: nothing, that id failed, an exception.
CASES = [
    ("sqs", "receive-message", ["--queue-name", "shop-dev-orders", "--body", "Hello"], None,
     {"kind": "queue", "source": "orders", "batch": 10, "name": "shop-dev-orders"},
     [record("orders", "fnc.queue.message", QUEUE, "2018-04-09T00:00:00.000Z", "Hello")],
     QUEUE, [again(), again(QUEUE), {"raises": "stop"}]),
    ("sns", "notification", ["--topic", "shop-dev-placed", "--message", "Hello"], None,
     {"kind": "topic", "source": "placed", "name": "shop-dev-placed"},
     [record("placed", "fnc.topic.message", TOPIC, "1970-01-01T00:00:00.000Z", "Hello",
             attributes={"Test": "TestString", "TestBinary": "TestBinary"})],
     TOPIC, [None, {"raises": "the handler reports 1 of 1 records as failed"}, {"raises": "stop"}]),
    ("kinesis", "get-records", ["--data", '{"page":"/"}', "--partition-key", "user-7", "--sequence", SEQUENCE], named,
     {"kind": "stream", "source": "clicks", "batch": 100, "name": "shop-dev-clicks"},
     [record("clicks", "fnc.stream.record", f"shardId-000000000000:{SEQUENCE}", "2015-04-09T00:00:00.000Z",
             '{"page":"/"}', {"page": "/"}, key="user-7", sequence=SEQUENCE, shard="shardId-000000000000")],
     f"shardId-000000000000:{SEQUENCE}", [again(), again(SEQUENCE), {"raises": "stop"}]),
    ("dynamodb", "update", ["--table", "shop-dev-users"], None,
     {"kind": "table", "source": "users", "batch": 100, "name": "shop-dev-users"},
     [row_record("inserted", "c4ca4238a0b923820dcc509a6f75849b", NEW, None), row_record("updated", ROW, CHANGED, NEW),
      row_record("deleted", "eccbc87e4b5ce2fe28308fd9f2a7baf3", None, CHANGED)],
     ROW, [again(), again("4421584500000000017450439092"), {"raises": "stop"}]),
    ("s3", "put", ["--bucket", "shop-receipts", "--key", "2026/a b.png"], None, {**BUCKET, "change": "created"},
     [object_record("created", "0A1B2C3D4E5F678901", size=1024, etag="0123456789abcdef0123456789abcdef")],
     "0A1B2C3D4E5F678901:2026/a b.png",
     [None, {"raises": "the handler reports 1 of 1 records as failed"}, {"raises": "stop"}]),
    ("s3", "delete", ["--bucket", "shop-receipts", "--key", "2026/a b.png"], None, {**BUCKET, "change": "deleted"},
     [object_record("deleted", "0A1B2C3D4E5F678901", size=None, etag=None)],
     "0A1B2C3D4E5F678901:2026/a b.png",
     [None, {"raises": "the handler reports 1 of 1 records as failed"}, {"raises": "stop"}]),
    ("cloudwatch", "scheduled-event", ["--rule", "nightly"], None,
     {"kind": "event", "source": "events", "type": "Scheduled Event"},
     [record("events", "Scheduled Event", "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c", "1970-01-01T00:00:00.000Z", "{}", {},
             subject="arn:aws:events:us-east-1:123456789012:rule/nightly")],
     "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
     [None, {"raises": "the handler reports 1 of 1 records as failed"}, {"raises": "stop"}]),
    ("apigateway", "http-api-proxy", ["--method", "POST", "--path", "orders/value1", "--body", "Hello"], routed,
     {"kind": "http", "method": "POST", "route": "/orders/{parameter1}"},
     {"method": "POST", "path": "/orders/value1", "route": "/orders/{parameter1}", "params": {"parameter1": "value1"},
      "query": {"parameter1": "value1", "parameter2": "value"},
      "query_all": {"parameter1": ["value1", "value2"], "parameter2": ["value"]},
      "headers": {"header1": "value1", "header2": "value1,value2"}, "cookies": {},
      "body": "Hello", "base64": False, "data": None, "client_ip": "192.168.0.1/32",
      "auth": {"claim1": "value1", "claim2": "value2"}},
     None, [{"statusCode": 204, "headers": {}},
            {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": '{"failures":[null]}',
             "isBase64Encoded": False},
            {"statusCode": 500, "headers": {"content-type": "application/json"},
             "body": json.dumps({"error": "internal error", "request_id": runtime.REQUEST_ID}, separators=(",", ":")),
             "isBase64Encoded": False}]),
]


def generate(case):
    """Returns the event that the SAM command line prints, filled in."""
    service, event, options, fill, *_ = case
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run([SAM, "local", "generate-event", service, event, *options], env=environment, check=True,
                          capture_output=True, text=True, timeout=120)
    payload = json.loads(done.stdout)
    if fill:
        fill(payload)
    return payload


def compare(language, case, payload, fault=None):
    """Yields (name, got, expected) of what the handler was given, and of what Lambda gets back."""
    service, event, _, _, trigger, wanted, id, answers = case
    config = {"app": "shop", "stage": "dev", "function": "f", "handler": "src/main:handle", "timeout_ms": 30_000, "can": {},
              "triggers": [trigger]}
    made = {"version": 1, "trigger": trigger["kind"], "source": trigger.get("source", "f"), "function": "f"}
    made |= {"request": wanted} if isinstance(wanted, dict) else {"records": wanted}
    told = [{"handler": None}, {"handler": {"failures": [id]}}, {"raises": "stop"}]
    handler = SEEN_PY if language.name == "Python" else SEEN_MJS
    with tempfile.TemporaryDirectory(prefix="fnc-samples-") as folder:
        seen = Path(folder) / "seen.jsonl"
        got = runtime.run(language, config, [payload] * len(told), told, handler=handler,
                          environment={"SEEN": str(seen)}, fault=fault)
        lines = seen.read_text("utf-8").splitlines() if seen.exists() else []
    yield f"{service} {event}, event", [json.loads(it) for it in lines], [{"event": made, "in_time": True}] * len(told)
    yield f"{service} {event}, answers", got, answers


# What must not be read out of an event unnoticed: a case, and a change of the shim's text.
FAULTS = {
    "Python": [(4, ('key = unquote_plus(it["key"])', 'key = it["key"]')), (0, ('system["ApproximateReceiveCount"]', '"2"'))],
    "Node": [(4, ("decodeURIComponent(s3.object.key.replaceAll('+', ' '))", "s3.object.key")), (0, ("system.ApproximateReceiveCount", "'2'"))],
}


def main():
    if not SAM.exists():
        sys.exit(f"FAIL the SAM command line is missing; install it with {runtime.HERE / 'setup.sh'}")
    passed = failed = 0
    with ThreadPoolExecutor(max_workers=2) as several:
        payloads = list(several.map(generate, CASES))
    for language in runtime.languages():
        for case, payload in zip(CASES, payloads):
            for name, got, expected in compare(language, case, payload):
                got, expected = runtime.canonical(got), runtime.canonical(expected)
                passed, failed = passed + (got == expected), failed + (got != expected)
                if got != expected:
                    print(f"FAIL {language.name} {name}\n  expected {expected}\n  got      {got}")
        for number, fault in FAULTS[language.name]:
            same = [got == expected for _, got, expected in compare(language, CASES[number], payloads[number], fault)]
            passed, failed = passed + (not all(same)), failed + all(same)
            if all(same):
                print(f"FAIL {language.name}: the planted fault {fault[1]!r} was not caught")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
