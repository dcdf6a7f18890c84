"""Carries AWS Lambda events to portable handlers, and their answers back.

The entry calls `serve` with the function's config; what `serve` returns is the Lambda handler.
`shim.mjs` is the same for Node.
"""

import base64
import json
import os
import re
import time
import uuid
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote_plus

from . import portable

ROOT = Path(__file__).resolve().parent.parent
# SQS and SNS carry ten attributes a message, none of them empty; what doesn't fit travels in this one.
MORE_ATTRIBUTES = "fnc-attributes"
MAX_ATTRIBUTES = 10
# Where a fifo message names no group: all such messages keep one order.
NO_GROUP = "default"


def config_of(name):
    """Returns the config of a function: its line of `functions.jsonl`. The lines of others aren't read as JSON."""
    start = '{"function":%s,' % portable.to_json(name)
    with open(Path(__file__).with_name("functions.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(start):
                return json.loads(line)
    raise LookupError(f"functions.jsonl has no function `{name}`")


def serve(config):
    """Returns the Lambda handler of the function that `config` describes."""
    fetch_secrets()
    handle = portable.load(config["handler"], ROOT)

    def handler(payload, lambda_context):
        if is_skipped(payload):
            return None
        now = int(time.time() * 1000)
        deadline = now + lambda_context.get_remaining_time_in_millis()
        request_id = lambda_context.aws_request_id
        event = to_portable(config, payload, request_id)
        context = portable.Context(config, request_id, deadline, send, _store)
        outcome = portable.call(handle, event, context)
        return to_answer(config, payload, outcome, request_id)

    return handler


# --- Events -------------------------------------------------------------------------------------


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


# --- Answers ------------------------------------------------------------------------------------


def to_answer(config, payload, outcome, request_id):
    """Returns what Lambda is to get, or raises what makes it try again."""
    kind = kind_of(payload)
    if kind == "http" and payload.get("type") == "REQUEST":
        return verdict(portable.plain(outcome))
    if kind == "http":
        answer = portable.http_answer(outcome, request_id)
        made = {"statusCode": answer["statusCode"], "headers": answer["headers"]}
        if answer["cookies"]:
            made["cookies"] = answer["cookies"]
        if answer["body"] is not None:
            made["body"] = answer["body"]
            made["isBase64Encoded"] = answer["base64"]
        return made
    if kind == "queue":
        return sqs_answer(config, payload["Records"], outcome)
    if kind in ("stream", "table"):
        return log_answer(config, payload, outcome)
    records = to_portable(config, payload, request_id)["records"]
    failed = portable.batch_answer(outcome, [it["id"] for it in records])
    if failed:
        raise as_error(outcome, failed, records)
    return portable.plain(outcome) if kind == "invoke" else None


def verdict(answer):
    """Returns what the API is to know of a caller, as an authorizer's simple response; whoever isn't let in is out."""
    answer = answer if isinstance(answer, dict) else {}
    known = answer.get("context")
    return {"isAuthorized": answer.get("isAuthorized") is True, "context": known if isinstance(known, dict) else {}}


def sqs_answer(config, records, outcome):
    """Returns which messages SQS is to deliver again; raises when the handler did, so that it counts as an error."""
    event = from_sqs(config, records)
    failed = set(portable.batch_answer(outcome, [it["id"] for it in event["records"]]))
    # A queue drops nothing by itself: where nothing parks, the last attempt ends here.
    attempts = trigger_of(config, records[0]["eventSourceARN"]).get("attempts")
    again, dropped = [], 0
    for message, record in zip(records, event["records"]):
        if record["id"] not in failed:
            continue
        if attempts and record["attempt"] >= attempts:
            dropped += 1
            portable.log_error(RuntimeError(f"dropped {record['id']} after {attempts} attempts"),
                               function=config["function"])
        else:
            again.append({"itemIdentifier": message["messageId"]})
    if isinstance(outcome, BaseException) and not dropped and len(again) == len(records):
        raise outcome
    return {"batchItemFailures": again}


def log_answer(config, payload, outcome):
    """Returns which records Lambda is to begin again from; raises when the handler did, so that it counts as an error."""
    if isinstance(outcome, BaseException):
        raise outcome
    records = to_portable(config, payload)["records"]
    failed = set(portable.batch_answer(outcome, [it["id"] for it in records]))
    numbers = [(it.get("kinesis") or it.get("dynamodb")) for it in payload["Records"]]
    numbers = [it.get("sequenceNumber") or it.get("SequenceNumber") for it in numbers]
    return {"batchItemFailures": [{"itemIdentifier": number}
                                  for number, it in zip(numbers, records) if it["id"] in failed]}


def as_error(outcome, failed, records):
    if isinstance(outcome, BaseException):
        return outcome
    return RuntimeError(f"the handler reports {len(failed)} of {len(records)} records as failed")


# --- What goes out ------------------------------------------------------------------------------

_clients = {}


def client(service):
    """Returns the one client of an AWS service; boto3 is part of Lambda's Python runtimes."""
    if service not in _clients:
        import boto3
        _clients[service] = boto3.client(service)
    return _clients[service]


def address(kind, resource):
    """Returns where a resource of the program is."""
    return os.environ.get(f"FNC_{kind}_{resource.upper()}")


def send(resource, verb, message):
    """Sends a message to a queue, publishes it to a topic or a bus, or writes it to a stream."""
    if verb == "send":
        client("sqs").send_message(**sqs_request(queue_url(address("QUEUE", resource)), message))
    elif verb == "write":
        client("kinesis").put_record(**kinesis_request(address("STREAM", resource), message))
    elif topic := address("TOPIC", resource):
        client("sns").publish(**sns_request(topic, message))
    else:
        request = bus_request(address("BUS", resource), message)
        made = client("events").put_events(**request)
        if made.get("FailedEntryCount"):
            raise portable.SendFailed(made["Entries"][0].get("ErrorMessage") or "EventBridge refuses the event")


def queue_url(place):
    """Returns a queue's URL; of a queue that another stack exports only the ARN is known."""
    if not place.startswith("arn:"):
        return place
    _, partition, _, region, account, name = place.split(":")
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return f"https://sqs.{region}.{domain}/{account}/{name}"


def kinesis_request(arn, message):
    """Returns the arguments of Kinesis PutRecord; without a key a record may go to any shard."""
    key = message["key"] or str(uuid.uuid4())
    return {"StreamARN": arn, "PartitionKey": key, "Data": as_bytes(message)}


def as_bytes(message):
    body = message["body"]
    return base64.b64decode(body) if message["base64"] else body.encode()


BODY_MEMBER = "fnc-body"


def bus_request(bus, message):
    """Returns the arguments of EventBridge PutEvents; `unpack_detail` undoes what becomes of data and attributes."""
    detail = None if message["base64"] else portable.from_json(message["body"])
    attributes = dict(message["attributes"])
    if message["base64"]:
        attributes[portable.BASE64_ATTRIBUTE] = "true"
    # An event's detail is an object; anything else travels as text in one.
    if message["content_type"] != "application/json" or not isinstance(detail, dict):
        detail = {BODY_MEMBER: message["body"]}
    if attributes:
        detail = {**detail, MORE_ATTRIBUTES: attributes}
    entry = {"EventBusName": bus, "Source": SOURCE, "DetailType": message["type"], "Detail": portable.to_json(detail)}
    if message["subject"]:
        entry["Resources"] = [message["subject"]]
    return {"Entries": [entry]}


# Who publishes: EventBridge wants to know, and keeps `aws.` for itself.
SOURCE = "fnc"


def unpack_detail(detail):
    """Returns the body and the attributes of an event's detail."""
    if not isinstance(detail, dict):
        return portable.to_json(detail), {}
    detail = dict(detail)
    attributes = detail.pop(MORE_ATTRIBUTES, {})
    if list(detail) == [BODY_MEMBER]:
        return detail[BODY_MEMBER], attributes
    return portable.to_json(detail), attributes


def sqs_request(url, message):
    """Returns the arguments of SQS SendMessage."""
    body, attributes = pack(message)
    request = {"QueueUrl": url, "MessageBody": body, "MessageAttributes": attributes}
    delay = -(-message["delay_ms"] // 1000)
    if delay > 900:
        raise ValueError("SQS delays a message by 15 minutes at most")
    if url.endswith(".fifo"):
        if delay:
            raise ValueError("SQS delays no single message of a fifo queue: use the queue's own `delay`")
        request |= fifo_members(message)
    elif delay:
        request["DelaySeconds"] = delay
    return request


def sns_request(arn, message):
    """Returns the arguments of SNS Publish."""
    body, attributes = pack(message)
    request = {"TopicArn": arn, "Message": body, "MessageAttributes": attributes}
    return request | fifo_members(message) if arn.endswith(".fifo") else request


def fifo_members(message):
    # An id of its own: two equal messages within five minutes are still two.
    return {"MessageGroupId": message["group"] or NO_GROUP, "MessageDeduplicationId": str(uuid.uuid4())}


# What neither service accepts in a body: characters that XML 1.0 has no place for.
_UNSENDABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"(?!(?:aws|amazon)\.|.*\.\.)(?!\.)[A-Za-z0-9_.-]{1,256}(?<!\.)", re.IGNORECASE)


def pack(message):
    """Returns the body and the attributes as SQS and SNS take them; `unpack` and the portable event undo it."""
    body, native = message["body"], {}
    is_base64 = message["base64"]
    if not is_base64 and (not body or _UNSENDABLE.search(body)):
        body, is_base64 = base64.b64encode(body.encode()).decode(), True
    if is_base64:
        native[portable.BASE64_ATTRIBUTE] = "true"
    more = {}
    for name, value in message["attributes"].items():
        fits = value and len(native) < MAX_ATTRIBUTES - 1 and not _UNSENDABLE.search(value)
        (native if fits and _NAME.fullmatch(name) and name not in native else more)[name] = value
    if more:
        native[MORE_ATTRIBUTES] = portable.to_json(more)
    # A blank is nothing in base64, and a body can't be empty.
    return body or " ", {name: {"DataType": "String", "StringValue": it} for name, it in native.items()}


def unpack(attributes):
    """Returns the attributes of a message with those that travelled in `MORE_ATTRIBUTES`."""
    attributes = dict(attributes)
    attributes.update(portable.from_json(attributes.pop(MORE_ATTRIBUTES, "{}")) or {})
    return attributes


# --- Buckets, tables and functions --------------------------------------------------------------


class Store:
    """What `portable.Context` does beyond sending."""

    def put_object(self, bucket, key, message):
        # Metadata of S3 is ASCII only, and its names are lower-case.
        more = {"Metadata": {MORE_ATTRIBUTES: json.dumps(message["attributes"])}} if message["attributes"] else {}
        client("s3").put_object(Bucket=bucket_name(bucket), Key=key, Body=as_bytes(message),
                                ContentType=message["content_type"], **more)

    def get_object(self, bucket, key):
        s3 = client("s3")
        try:
            found = s3.get_object(Bucket=bucket_name(bucket), Key=key)
        except s3.exceptions.NoSuchKey:
            return None
        attributes = portable.from_json(found.get("Metadata", {}).get(MORE_ATTRIBUTES, "{}")) or {}
        body = found["Body"].read()
        return portable.stored_object(key=key, body=body, content_type=found.get("ContentType"), size=len(body),
                                      etag=found["ETag"].strip('"'), time=found["LastModified"],
                                      attributes=attributes)

    def list_objects(self, bucket, prefix, limit):
        made, token = [], {}
        while limit is None or len(made) < limit:
            wanted = 1000 if limit is None else min(1000, limit - len(made))
            page = client("s3").list_objects_v2(Bucket=bucket_name(bucket), Prefix=prefix, MaxKeys=wanted, **token)
            made += [{"key": it["Key"], "size": it["Size"], "etag": it["ETag"].strip('"'),
                      "time": portable.timestamp(it["LastModified"])} for it in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                break
            token = {"ContinuationToken": page["NextContinuationToken"]}
        return made

    def delete_object(self, bucket, key):
        client("s3").delete_object(Bucket=bucket_name(bucket), Key=key)

    def put_row(self, table, row):
        client("dynamodb").put_item(TableName=address("TABLE", table), Item=dynamo_row(row))

    def get_row(self, table, key):
        found = client("dynamodb").get_item(TableName=address("TABLE", table), Key=dynamo_row(key),
                                            ConsistentRead=True)
        return plain_row(found["Item"]) if "Item" in found else None

    def delete_row(self, table, key):
        client("dynamodb").delete_item(TableName=address("TABLE", table), Key=dynamo_row(key))

    def query_rows(self, table, query):
        request, rows = query_request(address("TABLE", table), query), []
        limit = query["limit"]
        while limit is None or len(rows) < limit:
            if limit is not None:
                request["Limit"] = limit - len(rows)
            page = client("dynamodb").query(**request)
            rows += [plain_row(it) for it in page["Items"]]
            if not page.get("LastEvaluatedKey"):
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return rows

    def invoke(self, function, data):
        made = client("lambda").invoke(FunctionName=address("FUNCTION", function),
                                       Payload=portable.to_json(data).encode())
        answer = portable.from_json(made["Payload"].read().decode() or "null")
        if made.get("FunctionError"):
            message = answer.get("errorMessage") if isinstance(answer, dict) else None
            raise portable.CallFailed(f"`{function}` failed: {message or made['FunctionError']}")
        return answer


_store = Store()


def bucket_name(bucket):
    """Returns a bucket's name; of one that another stack exports only the ARN is known."""
    return address("BUCKET", bucket).rpartition(":")[2]


def query_request(table, query):
    """Returns the arguments of DynamoDB Query."""
    names, values, parts = {}, {}, []

    def value(it):
        values[f":v{len(values)}"] = dynamo_value(it)
        return f":v{len(values) - 1}"

    def name(it):
        names[f"#n{len(names)}"] = it
        return f"#n{len(names) - 1}"

    for field, wanted in query["equal"].items():
        parts.append(f"{name(field)} = {value(wanted)}")
    if query["range"]:
        field, operator, wanted = query["range"]
        field, wanted = name(field), [value(it) for it in wanted]
        parts.append({"starts_with": f"begins_with({field}, {wanted[0]})", "between": f"{field} BETWEEN {' AND '.join(wanted)}"}
                     .get(operator, f"{field} {operator} {wanted[0]}"))
    request = {"TableName": table, "KeyConditionExpression": " AND ".join(parts),
               "ExpressionAttributeNames": names, "ExpressionAttributeValues": values,
               "ScanIndexForward": not query["descending"]}
    return request | ({"IndexName": query["index"]} if query["index"] else {})


def dynamo_row(row):
    return {name: dynamo_value(it) for name, it in row.items()}


def dynamo_value(value):
    """Returns a JSON value as DynamoDB types it."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": portable.to_json(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [dynamo_value(it) for it in value]}
    return {"M": dynamo_row(value)}


def plain_row(row):
    return {name: plain_value(it) for name, it in row.items()}


def plain_value(typed):
    """Returns a value of DynamoDB as JSON: numbers as numbers, sets as lists, bytes as base64."""
    (kind, value), = typed.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return json.loads(value)
    if kind == "M":
        return plain_row(value)
    if kind == "L":
        return [plain_value(it) for it in value]
    if kind == "NS":
        return [json.loads(it) for it in value]
    if kind == "B":
        return as_base64(value)
    if kind == "BS":
        return [as_base64(it) for it in value]
    return list(value) if kind == "SS" else value


def as_base64(value):
    """Events hold base64 already, the SDK hands over bytes."""
    return value if isinstance(value, str) else base64.b64encode(value).decode()


# --- Secrets ------------------------------------------------------------------------------------


def fetch_secrets():
    """Sets the variables that hold secrets, before the handler's file is loaded.

    `FNC_SECRET_NAME` holds where the value of NAME is kept: `secretsmanager:ID`, `secretsmanager:ID#KEY`
    for one key of a JSON secret, or `ssm:NAME`. The value itself is in no template and in no setting.
    """
    for variable, place in sorted(os.environ.items()):
        if variable.startswith("FNC_SECRET_"):
            store, _, rest = place.partition(":")
            os.environ[variable.removeprefix("FNC_SECRET_")] = fetch_secret(store, rest)


def fetch_secret(store, place):
    if store == "ssm":
        return client("ssm").get_parameter(Name=place, WithDecryption=True)["Parameter"]["Value"]
    name, _, key = place.partition("#")
    found = client("secretsmanager").get_secret_value(SecretId=name)
    text = found["SecretString"] if "SecretString" in found else found["SecretBinary"].decode()
    if not key:
        return text
    value = (portable.from_json(text) or {}).get(key)
    if value is None:
        raise KeyError(f"the secret {name} has no key {key}")
    return portable.as_attribute(value)
