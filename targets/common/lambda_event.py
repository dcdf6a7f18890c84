"""Portable events as AWS writes them; `src/event/aws/lambda.rs` does the same for the local run."""

import base64
import hashlib
from datetime import datetime, timezone
from urllib.parse import quote

from .contract import ACCOUNT
from .encoding import from_json, to_json
from .event import BASE64_ATTRIBUTE

TEXT_TYPES = ("", "application/json", "application/xml", "application/javascript")
MASK = (1 << 64) - 1



def to_lambda(config, event, request_id, now_ms):
    """Returns what Lambda would hand a function with this config for an event that comes now."""
    if "request" in event:
        return _http(config, event["request"], request_id, now_ms)
    kind, records, region = event["trigger"], event["records"], _region(config)
    if kind == "topic" and is_fifo_topic(config, event["source"]):
        kind = "fifo topic"
    if kind in LISTS:
        return {"Records": [LISTS[kind](it, region, event) for it in records]}
    return {"event": _bus, "schedule": _tick}.get(kind, _called)(records[0], region)


def _region(config):
    return config.get("region", "local")


def is_fifo_topic(config, source):
    return any(it.get("kind") == "topic" and it.get("source") == source and it.get("fifo") is True
               for it in config.get("triggers", []))


def _arn(service, region, name):
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"


def _http(config, request, request_id, now_ms):
    method, route, headers = request["method"], request["route"], request["headers"]
    own = [it for it in config.get("triggers", []) if it.get("route") == route and it.get("method") in (method, "ANY")]
    exactly = config.get("authorizes") or any(it["method"] == method for it in own)
    key = f"{method if exactly else 'ANY'} {route}"
    place = _region(config)
    context = {
        "accountId": ACCOUNT, "apiId": place, "domainName": headers.get("host", ""), "domainPrefix": place,
        "http": {"method": method, "path": request["path"], "protocol": "HTTP/1.1", "sourceIp": request["client_ip"],
                 "userAgent": headers.get("user-agent", "")},
        "requestId": request_id, "routeKey": key, "stage": "$default",
        "time": datetime.fromtimestamp(now_ms // 1000, timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000"), "timeEpoch": now_ms,
    }
    if request["auth"] is not None:
        claims = any("jwt" in it for it in own)
        context["authorizer"] = {"jwt": {"claims": request["auth"], "scopes": None}} if claims else {"lambda": request["auth"]}
    query = [f"{_formed(name)}={_formed(it)}" for name, values in request["query_all"].items() for it in values]
    made = {"version": "2.0", "routeKey": key, "rawPath": request["path"], "rawQueryString": "&".join(query)}
    if config.get("authorizes"):
        of_api = f"{_arn('execute-api', place, place)}/$default/{method}{request['path']}"
        made |= {"type": "REQUEST", "routeArn": of_api, "identitySource": None}
    if request["cookies"]:
        made["cookies"] = [f"{name}={it}" for name, it in request["cookies"].items()]
    made["headers"] = headers
    if request["query_all"]:
        made["queryStringParameters"] = {name: ",".join(it) for name, it in request["query_all"].items()}
    made["requestContext"] = context
    if request["params"]:
        made["pathParameters"] = request["params"]
    encoded = request["base64"]
    if request["body"] is not None:
        # API Gateway encodes whatever its content type doesn't call text.
        encoded = encoded or not _is_text(headers.get("content-type", ""))
        made["body"] = _base64(request["body"]) if encoded and not request["base64"] else request["body"]
    return {**made, "isBase64Encoded": encoded}


def _is_text(kind):
    kind = kind.split(";")[0].strip().lower()
    return kind.startswith("text/") or kind in TEXT_TYPES


def _formed(text):
    """Returns text as a form writes it ("URL Standard", application/x-www-form-urlencoded)."""
    return quote(text, safe="*-._ ").replace("~", "%7E").replace(" ", "+")


def _base64(text):
    return base64.b64encode(text.encode()).decode("ascii")


def _millis(record):
    whole = datetime.fromisoformat(record["time"]) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return whole.days * 86_400_000 + whole.seconds * 1000 + whole.microseconds // 1000


def _attributes(record):
    """Returns a record's attributes, as a transport of text carries them beside its body."""
    return {**record["attributes"], **({BASE64_ATTRIBUTE: "true"} if record.get("base64") else {})}


def _sqs(record, region, _event):
    lists = {"stringListValues": [], "binaryListValues": []}
    attributes = {name: {"stringValue": it, **lists, "dataType": "String"} for name, it in _attributes(record).items()}
    return _message(record, region, record["body"], attributes)


def _message(record, region, body, attributes):
    sent, group = str(_millis(record)), record.get("group")
    known = {"ApproximateReceiveCount": str(record["attempt"]), "SentTimestamp": sent, "SenderId": region,
             "ApproximateFirstReceiveTimestamp": sent}
    if group is not None:
        known |= {"SequenceNumber": _number_of(record), "MessageGroupId": group, "MessageDeduplicationId": record["id"]}
    queue = record["source"] + ("" if group is None else ".fifo")
    return {"messageId": record["id"], "receiptHandle": f"{region}-{record['id']}-{record['attempt']}", "body": body,
            "attributes": known, "messageAttributes": attributes,
            "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
            "eventSource": "aws:sqs", "eventSourceARN": _arn("sqs", region, queue), "awsRegion": region}


def _notification(record, region):
    return {"Type": "Notification", "MessageId": record["id"], "TopicArn": _arn("sns", region, record["source"]), "Subject": None,
            "Message": record["body"], "Timestamp": record["time"], "SignatureVersion": "1", "Signature": region,
            "SigningCertUrl": "http://localhost/", "UnsubscribeUrl": "http://localhost/",
            "MessageAttributes": {name: {"Type": "String", "Value": it} for name, it in _attributes(record).items()}}


def _sns(record, region, _event):
    return {"EventSource": "aws:sns", "EventVersion": "1.0",
            "EventSubscriptionArn": f"{_arn('sns', region, record['source'])}:{region}", "Sns": _notification(record, region)}


def _sns_in_sqs(record, region, _event):
    return _message(record, region, to_json(_notification(record, region)), {})


def _kinesis(record, region, event):
    sequence = item_of(record)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0", "partitionKey": record.get("key") or "", "sequenceNumber": sequence,
            "data": record["body"] if record.get("base64") else _base64(record["body"]),
            "approximateArrivalTimestamp": _millis(record) / 1000,
        },
        "eventSource": "aws:kinesis", "eventVersion": "1.0",
        "eventID": f"{record.get('shard') or 'shardId-000000000000'}:{sequence}", "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/{event['function']}", "awsRegion": region,
        "eventSourceARN": _arn("kinesis", region, f"stream/{record['source']}"),
    }


def _dynamo(record, region, _event):
    images = (("Keys", "keys"), ("NewImage", "new"), ("OldImage", "old"))
    change = {"ApproximateCreationDateTime": _millis(record) // 1000}
    change |= {name: _typed(record[it])["M"] for name, it in images if isinstance(record.get(it), dict)}
    change |= {"SequenceNumber": item_of(record), "SizeBytes": len(record["body"].encode()), "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return {"eventID": record["id"], "eventName": {"inserted": "INSERT", "deleted": "REMOVE"}.get(record["action"], "MODIFY"),
            "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": region, "dynamodb": change,
            "eventSourceARN": _arn("dynamodb", region, f"table/{record['source']}/stream/1970-01-01T00:00:00.000")}


def _typed(value):
    """Returns JSON as a typed value of DynamoDB."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": to_json(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [_typed(it) for it in value]}
    return {"M": {name: _typed(it) for name, it in value.items()}}


def _s3(record, region, _event):
    key, bucket, created = record.get("key") or "", record["source"], record["action"] == "created"
    found = {"size": record["size"], "eTag": record["etag"]} if created else {}
    name = {"key": _formed(key).replace("%2F", "/"), **found, "sequencer": record["id"].removesuffix(f":{key}")}
    return {
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": region, "eventTime": record["time"],
        "eventName": "ObjectCreated:Put" if created else "ObjectRemoved:Delete", "userIdentity": {"principalId": region},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": record["id"], "x-amz-id-2": region},
        "s3": {"s3SchemaVersion": "1.0", "configurationId": region, "object": name,
               "bucket": {"name": bucket, "ownerIdentity": {"principalId": region}, "arn": f"arn:aws:s3:::{bucket}"}},
    }


def _whole_seconds(text):
    return text.split(".")[0].removesuffix("Z") + "Z"


def _bus(record, region):
    detail = record["data"] if isinstance(record["data"], dict) else {"fnc-body": record["body"]}
    attributes = _attributes(record)
    detail = {**detail, "fnc-attributes": attributes} if attributes else detail
    subject = record.get("subject")
    return {"version": "0", "id": record["id"], "detail-type": record["type"], "source": "fnc", "account": ACCOUNT,
            "time": _whole_seconds(record["time"]), "region": region, "resources": [] if subject is None else [subject], "detail": detail}


def _tick(record, region):
    """Returns the input of a schedule, or without one the event of EventBridge."""
    if record.get("input"):
        return record["input"]
    return {"version": "0", "id": record["id"], "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT,
            "time": _whole_seconds(record.get("scheduled") or record["time"]), "region": region,
            "resources": [_arn("scheduler", region, f"schedule/default/{record['source']}")], "detail": {}}


def _called(record, _region):
    """Returns what a function is called with: JSON as it is, anything else as text."""
    text = record["body"]
    return text if record.get("base64") or (from_json(text) is None and text.strip() != "null") else from_json(text)


LISTS = {"queue": _sqs, "topic": _sns, "fifo topic": _sns_in_sqs, "stream": _kinesis, "table": _dynamo, "bucket": _s3}


def item_of(record):
    """Returns by what an answer of a batch names a record."""
    return record.get("sequence") or _number_of(record)


def _number_of(record):
    """Returns digits that stay the same for a record, and grow with time (FNV-1a)."""
    hash = 0xcbf2_9ce4_8422_2325
    for byte in record["id"].encode():
        hash = (hash ^ byte) * 0x0100_0000_01b3 & MASK
    return f"{_millis(record):013}{hash:020}"
