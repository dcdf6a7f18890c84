"""What the Functions host sends for each kind of trigger, as plain data; `check.mjs` reads the same.

A call is `{"id", "data", "metadata", "retry_count"}`; data and metadata are `{kind: value}` in the words of the
worker's protocol, bytes in base64.
"""

import base64
import json
import re
from datetime import datetime, timezone
from urllib.parse import quote

# One body that the handlers of all examples understand.
BODY = {
    "id": 1, "name": "something", "price": 5, "total": 12, "email": "ann@example.com", "password": "a long password",
    "items": [{"price": 5, "count": 2}], "receipt": "r-1", "device": "d-1", "readings": [1, 2.5], "value": 3,
    "userId": "ann@example.com", "total_cents": 1200,
}
# What every secret is.
KEY = "conformance"
ID = "7d6f0f4c-5a55-4b0e-9f0e-0d8b6a3a2a11"


def call(bindings, pushed=None):
    """Returns a call of the function that has these bindings; `pushed` is the trigger whose events fill its queue."""
    trigger, = (it for it in bindings if it["type"].lower().endswith("trigger"))
    kind = trigger["type"].lower()
    body = json.dumps(BODY).encode()
    if kind == "httptrigger":
        method = str((trigger.get("methods") or ["POST"])[0]).rsplit(".", 1)[-1].upper()
        path = path_of(trigger["route"])
        return http(method, f"https://app.example.com/{path}?a=1", {"content-type": "application/json"}, body)
    if kind == "servicebustrigger" and pushed:
        return message(json.dumps(cloudevent(pushed)).encode(), {}, delivery_count=2)
    if kind == "servicebustrigger":
        session = "group-1" if trigger.get("isSessionsEnabled") else None
        return message(body, {"kind": "test"}, session=session)
    if kind == "eventhubtrigger":
        items = [(body, {"kind": "test"}, 7), (b"plain text", {}, 8)]
        return stream([{"body": it, "key": "k", "sequence": n, "enqueued": datetime.now(timezone.utc).isoformat(),
                        "properties": own} for it, own, n in items], "3")
    if kind == "cosmosdbtrigger":
        keys, ts = {"id": BODY["id"]}, int(datetime.now(timezone.utc).timestamp())
        told = [{"action": "inserted", "keys": keys, "new": BODY, "old": None},
                {"action": "updated", "keys": keys, "new": {**BODY, "name": "else"}, "old": BODY},
                {"action": "deleted", "keys": keys, "new": None, "old": BODY}]
        return table([{"id": f"c-{n}", "partition": BODY["id"], "change": it, "_ts": ts} for n, it in enumerate(told)])
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
    body = raw(body)
    if payload["trigger"] == "http":
        return http(payload["method"], payload["url"], payload["headers"], body)
    if payload["trigger"] == "message":
        return message(body, payload["properties"], payload["id"], payload["delivery_count"], payload["enqueued"],
                       payload["session"])
    if payload["trigger"] == "stream":
        items = [{**it, "body": raw(it["body"])} for it in payload["items"]]
        return stream(items, payload["shard"], payload["retry_count"])
    if payload["trigger"] == "table":
        return table(payload["items"], payload["retry_count"])
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


def cloudevent(trigger):
    """Returns what Event Grid writes of an event of a bus, or of a change of an object."""
    made = {"specversion": "1.0", "id": "9aeb0fdf-c01e-0131-0922-9eb54906e209", "time": "2026-01-31T08:00:00.1234567Z"}
    if trigger["kind"] == "event":
        return {**made, "type": trigger["type"], "source": trigger["source"], "subject": "orders/7", "data": BODY,
                "datacontenttype": "application/json", "fncattributes": json.dumps({"kind": "test"})}
    # "Azure Blob Storage as an Event Grid source", with the address of the blob percent-encoded.
    container, key = trigger["source"].replace("_", "-"), "in/Zoë & co.png"
    data = {"api": "PutBlob", "eTag": "0x8D4BCC2E4835CD0", "contentType": "image/png", "contentLength": 7,
            "blobType": "BlockBlob", "url": f"https://account.blob.core.windows.net/{container}/{quote(key)}",
            "sequencer": "00000000000000EB0000000000046199"}
    return {**made, "type": f"Microsoft.Storage.Blob{trigger['change'].title()}", "source": "/subscriptions/s",
            "subject": f"/blobServices/default/containers/{container}/blobs/{key}", "data": data}


def pushed(config, name):
    """Returns the trigger of a function, by the name it is registered under, when Event Grid fills its queue."""
    owner, _, at = name.partition("-")
    trigger = config[owner]["triggers"][int(at or 0)]
    return trigger if trigger["kind"] in ("bucket", "event") else None


def stream(items, partition, retry_count=0):
    """Returns a batch of a partition: Azure's Python library reads what is the system's, its Node library lists."""
    def listed(member):
        return {"json": json.dumps([it[member] for it in items])}

    system = [{"SequenceNumber": it["sequence"], "Offset": "1", "PartitionKey": it["key"],
               "EnqueuedTimeUtc": it["enqueued"]} for it in items]
    metadata = {
        "SystemPropertiesArray": {"json": json.dumps(system)}, "PropertiesArray": listed("properties"),
        "PartitionKeyArray": listed("key"), "SequenceNumberArray": listed("sequence"),
        "EnqueuedTimeUtcArray": listed("enqueued"), "OffsetArray": {"json": json.dumps(["1"] * len(items))},
        "PartitionContext": {"json": json.dumps({"EventHubName": "hub", "ConsumerGroup": "$Default",
                                                 "PartitionId": partition})},
    }
    return {"id": ID, "data": {"collection_bytes": [b64(it["body"]) for it in items]}, "metadata": metadata,
            "retry_count": retry_count}


def table(items, retry_count=0):
    """Returns a batch of a table's change feed, in which rows stand beside what is told of them."""
    system = {"_rid": "gAABAIAAAAECAAAAAAAAAA==", "_self": "dbs/d/colls/c/docs/i/", "_etag": "\"1\"", "_lsn": 7}
    row = {"id": "row", "partition": "p", "row": {"id": "p"}, "_ts": 1769846400}
    made = [{**it, **system} for it in (row, *items)]
    return {"id": ID, "data": {"json": json.dumps(made)}, "retry_count": retry_count}


def raw(body):
    """Returns the bytes of a body of the golden vectors."""
    return base64.b64decode(body["base64"]) if isinstance(body, dict) else (body or "").encode()


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
