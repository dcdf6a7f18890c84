"""What is sent and published, as SQS, SNS, Kinesis and EventBridge take it, and what of it comes back."""

import base64
import re
import uuid

from . import portable

# SQS and SNS carry ten attributes a message, none of them empty; what doesn't fit travels in this one.
MORE_ATTRIBUTES = "fnc-attributes"
MAX_ATTRIBUTES = 10
# Where a fifo message names no group: all such messages keep one order.
NO_GROUP = "default"


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
