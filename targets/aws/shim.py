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
        context = portable.Context(config, request_id, deadline, send)
        outcome = portable.call(handle, event, context)
        return to_answer(config, payload, outcome, request_id)

    return handler


# --- Events -------------------------------------------------------------------------------------


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
        return {"aws:sqs": "queue", "aws:sns": "topic"}.get(source, "invoke")
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


def trigger_of(config, arn):
    """Returns the trigger whose queue or topic has this ARN."""
    name = arn.rpartition(":")[2]
    for it in config["triggers"]:
        if it.get("name") == name:
            return it
    raise ValueError(f"no trigger of `{config['function']}` reads {name}")


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


def send(resource, verb, message):
    """Sends a message to a queue or publishes it to a topic."""
    if verb == "send":
        request = sqs_request(os.environ[f"FNC_QUEUE_{resource.upper()}"], message)
        client("sqs").send_message(**request)
    else:
        request = sns_request(os.environ[f"FNC_TOPIC_{resource.upper()}"], message)
        client("sns").publish(**request)


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
