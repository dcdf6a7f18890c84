"""The portable event and its records."""

import base64

from .encoding import as_attribute, as_text, from_json, timestamp, to_json

VERSION = 1
TYPES = {
    "queue": "fnc.queue.message",
    "topic": "fnc.topic.message",
    "stream": "fnc.stream.record",
    "schedule": "fnc.schedule.tick",
    "invoke": "fnc.invoke",
}
# A transport that carries text only marks a base64 body with this attribute; handlers never see it.
BASE64_ATTRIBUTE = "fnc-base64"


def record(*, id, source, type, body, time=None, attempt=1, attributes=None, **extra):
    """Returns one record; `body` is a string or bytes, `extra` holds `group`, `scheduled`, `input`."""
    text, is_base64 = as_text(body)
    made = {
        "id": str(id),
        "source": source,
        "type": type,
        "time": timestamp(time),
        "attempt": int(attempt),
        "body": text,
    }
    if is_base64:
        made["base64"] = True
    made["data"] = None if is_base64 else from_json(text)
    made["attributes"] = {str(name): as_attribute(it) for name, it in (attributes or {}).items()}
    made.update((name, value) for name, value in extra.items() if value is not None)
    return made


def message(trigger, *, body, attributes=None, **members):
    """Returns the record of a queue or topic message, undoing the base64 mark of `BASE64_ATTRIBUTE`."""
    attributes = dict(attributes or {})
    if attributes.pop(BASE64_ATTRIBUTE, None) == "true":
        body = base64.b64decode(body)
    return record(type=TYPES[trigger], body=body, attributes=attributes, **members)


def stream_record(*, id, source, body, key=None, sequence, shard, time=None, attempt=1,
                  attributes=None):
    """Returns the record of a stream; `body` is a string or bytes."""
    return record(id=id, source=source, type=TYPES["stream"], body=body, time=time, attempt=attempt,
                  attributes=attributes, key=key, sequence=sequence, shard=shard)


def object_record(*, id, source, action, key, size=None, etag=None, time=None, attempt=1):
    """Returns the record of a bucket: `action` is "created" or "deleted"; its body is the JSON text of its members."""
    members = {"bucket": source, "key": key, "size": size, "etag": etag, "action": action}
    made = record(id=id, source=source, type=f"fnc.bucket.{action}", body=to_json(members), time=time,
                  attempt=attempt)
    return made | members


def row_record(*, id, source, action, keys, new=None, old=None, time=None, attempt=1):
    """Returns the record of a table: `action` is "inserted", "updated" or "deleted"; its body is the JSON text of its members."""
    members = {"action": action, "keys": keys, "new": new, "old": old}
    made = record(id=id, source=source, type=f"fnc.table.{action}", body=to_json(members), time=time,
                  attempt=attempt)
    return made | members


def event_record(*, id, source, type, body, time=None, attempt=1, attributes=None, subject=None):
    """Returns the record of a bus; its type is the event's own."""
    attributes = dict(attributes or {})
    if attributes.pop(BASE64_ATTRIBUTE, None) == "true":
        body = base64.b64decode(body)
    return record(id=id, source=source, type=type, body=body, time=time, attempt=attempt,
                  attributes=attributes, subject=subject)


def tick(config, *, id, time=None, scheduled=None, input=None, attempt=1):
    """Returns the record of a schedule: its body is the JSON text of `input`."""
    input = {} if input is None else input
    made = record(id=id, source=config["function"], type=TYPES["schedule"], body=to_json(input),
                  time=time, attempt=attempt, scheduled=timestamp(scheduled or time), input=input)
    return made


def event(config, trigger, source, records):
    """Returns the portable event that holds `records`."""
    return {
        "version": VERSION,
        "trigger": trigger,
        "source": source,
        "function": config["function"],
        "records": records,
    }


def invoke_event(config, *, id, data=None, body=None, time=None, attributes=None):
    """Returns the event of a direct call with `data` (any JSON value) or `body` (text or bytes)."""
    text = to_json(data) if body is None else body
    made = record(id=id, source=config["function"], type=TYPES["invoke"], body=text,
                  time=time, attributes=attributes)
    return event(config, "invoke", config["function"], [made])


def find_trigger(config, kind, **members):
    """Returns the first trigger of this kind with these members in the config, else None."""
    for it in config.get("triggers", []):
        if it.get("kind") == kind and all(it.get(name) == value for name, value in members.items()):
            return it
    return None
