"""Lambda's payloads as portable events."""

import base64
import json
import re
import uuid
from datetime import datetime
from urllib.parse import unquote_plus

from . import portable
from .messages import unpack, unpack_detail
from .rows import plain_row

SOURCES = {"aws:sqs": "queue", "aws:sns": "topic", "aws:kinesis": "stream", "aws:dynamodb": "table",
           "aws:s3": "bucket"}


def kind_of(payload):
    """Returns which trigger a payload comes from; what no source of ours sends is a direct call."""
    if not isinstance(payload, dict):
        return "invoke"
    if payload.get("fnc") == "schedule":
        return "schedule"
    if payload.get("version") == "2.0" and "http" in (payload.get("requestContext") or {}):
        return "http"
    if "connectionId" in (payload.get("requestContext") or {}):
        return "websocket"
    records = payload.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    if isinstance(first, dict):
        source = first.get("eventSource") or first.get("EventSource")
        return SOURCES.get(source, "invoke")
    if "detail-type" in payload and "detail" in payload:
        return "event"
    return "invoke"


def to_portable(config, payload, request_id=None):
    """Returns the portable event of a Lambda payload."""
    kind = kind_of(payload)
    if kind == "http":
        return from_http(config, payload)
    if kind == "websocket":
        return from_websocket(config, payload)
    if kind == "queue":
        return from_sqs(config, payload["Records"])
    if kind == "topic":
        trigger = trigger_of(config, payload["Records"][0]["Sns"]["TopicArn"])
        records = [from_sns(trigger, it["Sns"]) for it in payload["Records"]]
        return portable.event(config, "topic", trigger["source"], records)
    if kind in RECORDS:
        arn_of, to_record = RECORDS[kind]
        trigger = trigger_of(config, arn_of(payload["Records"][0]), kind)
        records = [to_record(trigger["source"], it) for it in payload["Records"]]
        return portable.event(config, kind, trigger["source"], records)
    if kind == "event":
        return from_bus(config, payload)
    if kind == "schedule":
        scheduled = payload["scheduled"]
        tick = portable.tick(config, id=payload["id"], time=scheduled, scheduled=scheduled,
                             input=payload["input"], attempt=payload["attempt"])
        return portable.event(config, "schedule", config["function"], [tick])
    return portable.invoke_event(config, id=request_id or uuid.uuid4(), data=payload)


def from_http(config, payload):
    """Returns the event of an HTTP API request, payload format 2.0."""
    http = payload["requestContext"]["http"]
    body = payload.get("body")
    if body is not None and payload.get("isBase64Encoded"):
        body = base64.b64decode(body)
    return portable.http_event(
        config, method=http["method"], path=payload["rawPath"],
        route=payload["routeKey"].partition(" ")[2], params=payload.get("pathParameters") or {},
        query=payload.get("rawQueryString", ""), headers=payload.get("headers") or {},
        cookies=payload.get("cookies"), body=body, client_ip=http.get("sourceIp"),
        auth=caller(payload["requestContext"].get("authorizer") or {}))


def from_websocket(config, payload):
    """Returns the event of a client of the websocket, or of the request by which it connects."""
    asked = payload["requestContext"]
    happened = asked["eventType"].lower()
    route = asked["routeKey"]
    body = payload.get("body") or ""
    said = asked.get("authorizer") or {}
    return portable.websocket_event(
        config, happened=happened, id=asked.get("messageId") or asked["requestId"], connection=asked["connectionId"],
        time=asked["requestTimeEpoch"], body=base64.b64decode(body) if payload.get("isBase64Encoded") else body,
        route=None if route == "$default" else route,
        request={"headers": pairs(payload.get("multiValueHeaders"), payload.get("headers")),
                 "query": pairs(payload.get("multiValueQueryStringParameters"), payload.get("queryStringParameters")),
                 "client_ip": (asked.get("identity") or {}).get("sourceIp")},
        auth={name: it for name, it in said.items() if name not in OF_API} or None)


# What API Gateway adds to what an authorizer says.
OF_API = ("principalId", "integrationLatency")


def pairs(lists, values):
    """Returns names with each of their values."""
    lists = lists or {name: [it] for name, it in (values or {}).items()}
    return [(name, it) for name, all_values in lists.items() for it in all_values]


def caller(authorizer):
    """Returns what an authorizer of the API found out: a token's claims, or what the app's own function said."""
    if "jwt" in authorizer:
        return authorizer["jwt"].get("claims") or {}
    return authorizer.get("lambda")


def trigger_of(config, arn, kind=None):
    """Returns the trigger whose source has this ARN, else the one whose name is known only to AWS."""
    name = arn.split(":", 5)[-1]
    if kind in ("stream", "table"):
        name = name.split("/")[1]
    triggers = [it for it in config["triggers"] if kind is None or it["kind"] == kind]
    for it in triggers:
        if it.get("name") == name or _begins(it, name):
            return it
    for it in triggers:
        if "name" in it and it["name"] is None:
            return it
    raise ValueError(f"no trigger of `{config['function']}` reads {name}")


def _begins(trigger, name):
    """A bucket's derived name ends with account and region."""
    begins = trigger.get("name_begins")
    return begins is not None and re.fullmatch(re.escape(begins) + r"\d{12}-[a-z0-9-]+", name) is not None


def from_kinesis(source, message):
    it = message["kinesis"]
    shard, _, sequence = message["eventID"].partition(":")
    return portable.stream_record(
        id=message["eventID"], source=source, body=base64.b64decode(it["data"]), key=it["partitionKey"],
        sequence=sequence, shard=shard, time=round(it["approximateArrivalTimestamp"] * 1000))


ACTIONS = {"INSERT": "inserted", "MODIFY": "updated", "REMOVE": "deleted"}


def from_dynamo(source, message):
    it = message["dynamodb"]
    row = {name: plain_row(it[name]) if name in it else None for name in ("Keys", "NewImage", "OldImage")}
    return portable.row_record(
        id=message["eventID"], source=source, action=ACTIONS[message["eventName"]], keys=row["Keys"],
        new=row["NewImage"], old=row["OldImage"], time=round(it["ApproximateCreationDateTime"] * 1000))


def from_s3(source, message):
    it = message["s3"]["object"]
    key = unquote_plus(it["key"])
    action = "created" if message["eventName"].startswith("ObjectCreated:") else "deleted"
    created = action == "created"
    return portable.object_record(
        id=f"{it.get('sequencer', message['eventTime'])}:{key}", source=source, action=action, key=key,
        size=it.get("size") if created else None, etag=it.get("eTag") if created else None,
        time=message["eventTime"])


# Where the records of a source say which one it is, and what becomes of them.
RECORDS = {
    "stream": (lambda it: it["eventSourceARN"], from_kinesis),
    "table": (lambda it: it["eventSourceARN"], from_dynamo),
    "bucket": (lambda it: it["s3"]["bucket"]["arn"], from_s3),
}


def from_bus(config, payload):
    """Returns the event of an EventBridge event, whose bus it doesn't tell."""
    type = payload["detail-type"]
    trigger = portable.find_trigger(config, "event", type=type)
    if trigger is None:
        raise ValueError(f"no trigger of `{config['function']}` takes events of type {type}")
    body, attributes = unpack_detail(payload["detail"])
    made = portable.event_record(
        id=payload["id"], source=trigger["source"], type=type, body=body, time=payload["time"],
        attributes=attributes, subject=next(iter(payload.get("resources") or []), None))
    return portable.event(config, "event", trigger["source"], [made])


def from_sqs(config, records):
    """Returns the event of SQS messages: of a queue, or of a fifo topic that comes through one."""
    arn = records[0]["eventSourceARN"]
    trigger = trigger_of(config, arn)
    return portable.event(config, trigger["kind"], trigger["source"],
                          [from_sqs_record(trigger, it, arn.endswith(".fifo")) for it in records])


def from_sqs_record(trigger, message, fifo):
    system = message["attributes"]
    members = {"attempt": system["ApproximateReceiveCount"],
               "group": system.get("MessageGroupId") if fifo else None}
    if trigger["kind"] == "topic":
        return from_sns(trigger, json.loads(message["body"]), **members)
    attributes = {name: it.get("stringValue", it.get("binaryValue", ""))
                  for name, it in message.get("messageAttributes", {}).items()}
    return portable.message("queue", id=message["messageId"], source=trigger["source"],
                            time=int(system["SentTimestamp"]), body=message["body"],
                            attributes=unpack(attributes), **members)


def from_sns(trigger, message, **members):
    attributes = {name: it["Value"] for name, it in message.get("MessageAttributes", {}).items()}
    return portable.message("topic", id=message["MessageId"], source=trigger["source"],
                            time=message["Timestamp"], body=message["Message"],
                            attributes=unpack(attributes), **members)


def is_skipped(payload):
    """Tells whether a tick falls on a day that the schedule of the other day field covers."""
    if not isinstance(payload, dict) or payload.get("fnc") != "schedule" or "skip" not in payload:
        return False
    moment = datetime.fromisoformat(payload["scheduled"])
    if payload["skip"]["zone"] != "UTC":
        from zoneinfo import ZoneInfo
        moment = moment.astimezone(ZoneInfo(payload["skip"]["zone"]))
    return moment.day in payload["skip"]["days"]
