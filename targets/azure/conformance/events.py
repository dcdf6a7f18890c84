"""What the Functions host sends for each kind of trigger, as plain data; `check.mjs` reads the same.

A call is `{"id", "data", "metadata", "retry_count"}`; data and metadata are `{kind: value}` in the words of the
worker's protocol, bytes in base64.
"""

import base64
import json
import re

# One body that the handlers of all examples understand.
BODY = {
    "id": 1, "name": "something", "price": 5, "total": 12, "email": "ann@example.com", "password": "a long password",
    "items": [{"price": 5, "count": 2}], "receipt": "r-1", "device": "d-1", "readings": [1, 2.5], "value": 3,
    "userId": "ann@example.com", "total_cents": 1200,
}
ID = "7d6f0f4c-5a55-4b0e-9f0e-0d8b6a3a2a11"


def call(bindings):
    """Returns a call of the function that has these bindings."""
    trigger, = (it for it in bindings if it["type"].lower().endswith("trigger"))
    kind = trigger["type"].lower()
    body = json.dumps(BODY).encode()
    if kind == "httptrigger":
        method = str((trigger.get("methods") or ["POST"])[0]).rsplit(".", 1)[-1].upper()
        path = path_of(trigger["route"])
        return http(method, f"https://app.example.com/{path}?a=1", {"content-type": "application/json"}, body)
    if kind == "servicebustrigger":
        session = "group-1" if trigger.get("isSessionsEnabled") else None
        return message(body, {"kind": "test"}, session=session)
    if kind == "timertrigger":
        return timer("2026-01-31T03:00:00+00:00")
    raise ValueError(f"no events are known for {trigger['type']}")


def path_of(route):
    """Returns a path under a route of ASP.NET's."""
    path = re.sub(r"\{\*\w+\}", "a/b", route)
    path = re.sub(r"\{\w+:maxlength\(0\)\?\}", "", path)
    return re.sub(r"\{\w+\}", "World", path)


def of_payload(payload):
    """Returns the call that brings a payload of the golden vectors."""
    body = payload.get("body")
    body = base64.b64decode(body["base64"]) if isinstance(body, dict) else (body or "").encode()
    if payload["trigger"] == "http":
        return http(payload["method"], payload["url"], payload["headers"], body)
    if payload["trigger"] == "message":
        return message(body, payload["properties"], payload["id"], payload["delivery_count"], payload["enqueued"],
                       payload["session"])
    return timer(payload["next"], payload["retry_count"])


def http(method, url, headers, body):
    given = {"method": method, "url": url, "headers": headers, "params": {}, "query": {}, "body": {"bytes": b64(body)}}
    return {"id": ID, "data": {"http": given}}


def message(body, properties, id=ID, delivery_count=1, enqueued="2026-01-31T08:00:00+00:00", session=None):
    metadata = {
        "MessageId": {"string": id}, "DeliveryCount": {"json": json.dumps(delivery_count)},
        "EnqueuedTimeUtc": {"json": json.dumps(enqueued)}, "SequenceNumber": {"json": "7"},
        "ApplicationProperties": {"json": json.dumps(properties)}, "UserProperties": {"json": json.dumps(properties)},
    }
    if session is not None:
        metadata["SessionId"] = {"string": session}
    return {"id": ID, "data": {"bytes": b64(body)}, "metadata": metadata}


def timer(planned, retry_count=0):
    status = {"Last": "2026-01-30T03:00:00+00:00", "Next": planned, "LastUpdated": "2026-01-30T03:00:00+00:00"}
    given = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": False}
    return {"id": ID, "data": {"json": json.dumps(given)}, "retry_count": retry_count}


def b64(data):
    return base64.b64encode(data).decode("ascii")


def text(data):
    """Returns `(text, is_base64)` of bytes."""
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return b64(data), True
