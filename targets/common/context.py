"""The second argument of a handler: what it may do."""

import json
import time

from .encoding import as_attribute, as_text, duration_ms, encode, from_json, timestamp, to_json


class NotAllowed(Exception):
    """Raised when a handler uses a resource that its function doesn't declare with `can`."""


class SendFailed(Exception):
    """Raised when a message could not be sent: nothing was accepted."""


class CallFailed(Exception):
    """Raised when a function that was called with `invoke` failed."""


class Context:
    """The second argument of a handler.

    `sender(resource, verb, message)` carries a message out, `verb` being `send`, `publish` or `write`; `message` has the
    members of `encode` and `attributes`, `delay_ms`, `group`, `type`, `key`, `subject`. `store` does all else, for what
    the target offers: `put_object(bucket, key, message)` (`message` has the members of `encode` and `attributes`),
    `get_object(bucket, key)` and `list_objects(bucket, prefix, limit)` (see `stored_object`), `delete_object(bucket, key)`,
    `put_row(table, row)`, `get_row(table, key)`, `query_rows(table, query)` (see `row_query`), `delete_row(table, key)`,
    `invoke(function, data)`, `reply(connection, message)` (`message` has the members of `encode`; it tells whether the
    client was there).
    """

    def __init__(self, config, request_id, deadline_ms, sender, store=None):
        self.function_name = config["function"]
        self.request_id = request_id
        self.deadline_ms = int(deadline_ms)
        self._can = config.get("can") or {}
        self._triggers = config.get("triggers")
        self._kinds = config.get("kinds") or {}
        self._sender = sender
        self._store = store

    def remaining_ms(self):
        """Returns how many milliseconds are left, never less than 0."""
        return max(0, self.deadline_ms - int(time.time() * 1000))

    def log(self, message, **fields):
        """Writes one JSON line on standard output."""
        line = {"time": timestamp(), "level": "info", "message": str(message),
                "function": self.function_name, "request_id": self.request_id, **fields}
        print(json.dumps(line, default=str), flush=True)

    def send(self, queue, data, delay=None, group=None, attributes=None):
        """Sends a message to a queue; `delay` in seconds or as "5m"."""
        self._do("send", queue, data, attributes, delay_ms=duration_ms(delay), group=group)

    def publish(self, topic, data, type=None, group=None, attributes=None, subject=None):
        """Publishes a message to a topic, or an event of `type` to a bus."""
        self._check("publish", topic)
        if self._kinds.get(topic) == "bus" and not (isinstance(type, str) and type):
            raise ValueError(f"an event for the bus `{topic}` needs a type")
        self._do("publish", topic, data, attributes, type=type, group=group, subject=subject)

    def write(self, stream, data, key=None):
        """Writes a record to a stream; records of one key keep their order."""
        self._do("write", stream, data, None, key=None if key is None else as_attribute(key))

    def put(self, resource, key, data=None, attributes=None, content_type=None):
        """Puts an object into a bucket, `put(bucket, key, data)`, or a row into a table, `put(table, row)`."""
        if self._is_table("write", resource):
            self._store.put_row(resource, as_row(key))
            return
        message = encode(data)
        if content_type is not None:
            message["content_type"] = content_type
        attributes = {str(name): as_attribute(it) for name, it in (attributes or {}).items()}
        self._store.put_object(resource, as_object_key(key), {**message, "attributes": attributes})

    def get(self, resource, key):
        """Returns an object of a bucket (see `stored_object`) or a row of a table; None when there is none."""
        if self._is_table("read", resource):
            return self._store.get_row(resource, as_row(key))
        return self._store.get_object(resource, as_object_key(key))

    def delete(self, resource, key):
        """Deletes an object of a bucket or a row of a table; nothing happens when there is none."""
        if self._is_table("write", resource):
            self._store.delete_row(resource, as_row(key))
        else:
            self._store.delete_object(resource, as_object_key(key))

    def list(self, bucket, prefix="", limit=None):
        """Returns the objects of a bucket by key, without their contents: all, or the first `limit`."""
        if self._is_table("read", bucket):
            raise TypeError(f"`{bucket}` is a table: use `query`")
        return self._store.list_objects(bucket, prefix, limit)

    def query(self, table, key, index=None, limit=None, descending=False):
        """Returns the rows of a table with this key, in the order of the sort field (see `row_query`)."""
        if not self._is_table("read", table):
            raise TypeError(f"`{table}` is a bucket: use `list`")
        return self._store.query_rows(table, row_query(key, index, limit, descending))

    def invoke(self, function, data=None):
        """Calls a function of the program with any JSON value and returns its answer."""
        self._check("invoke", function)
        return self._store.invoke(function, data)

    def reply(self, connection, data):
        """Sends data to a client of the websocket by the id of its connection; False when it has gone."""
        self._check("reply", "websocket")
        return self._store.reply(connection, encode(data))

    def _check(self, verb, resource):
        if resource not in self._can.get(verb, ()):
            what = verb if verb == "reply" else f"{verb} {resource}"
            raise NotAllowed(f"`{self.function_name}` may not {verb} `{resource}`: declare `can {what}` in it")

    def _is_table(self, verb, resource):
        self._check(verb, resource)
        kind = self._kinds.get(resource)
        if kind not in ("bucket", "table"):
            raise TypeError(f"`{resource}` is a {kind}: records go there with `write`")
        return kind == "table"

    def _do(self, verb, resource, data, attributes, delay_ms=0, group=None, type=None, key=None, subject=None):
        self._check(verb, resource)
        if verb == "write" and self._kinds.get(resource) != "stream":
            raise TypeError(f"`{resource}` is a {self._kinds.get(resource)}: use `put`")
        attributes = {str(name): as_attribute(it) for name, it in (attributes or {}).items()}
        self._sender(resource, verb, {**encode(data), "attributes": attributes, "delay_ms": delay_ms,
                                      "group": group, "type": type, "key": key, "subject": subject})


def as_row(value):
    """Returns a row or the key of one: an object of JSON values by field."""
    if not isinstance(value, dict) or not value:
        raise TypeError("a row and a key are objects: {\"id\": \"7\"}")
    return from_json(to_json(value))


def as_object_key(value):
    if not isinstance(value, str) or not value:
        raise TypeError("the key of an object is text")
    return value


def stored_object(*, key, body, content_type=None, size, etag, time, attributes=None):
    """Returns what `get` gives of a bucket's object; `body` is bytes."""
    text, is_base64 = as_text(body)
    made = {"key": key, "size": size, "etag": etag, "time": timestamp(time), "content_type": content_type,
            "body": text}
    if is_base64:
        made["base64"] = True
    made["data"] = None if is_base64 else from_json(text)
    made["attributes"] = attributes or {}
    return made


def row_query(key, index=None, limit=None, descending=False):
    """Returns a query: `equal` holds fields and values, `range` is None or `(field, operator, values)`.

    `key` names the partition field and its value, and may name the sort field: with a value, or with one of
    `{"starts_with": V}`, `{"from": V}`, `{"to": V}` and `{"from": V, "to": V}`, both ends included.
    """
    equal, range = {}, None
    for field, wanted in as_row(key).items():
        if not isinstance(wanted, dict):
            equal[field] = wanted
            continue
        words = tuple(sorted(wanted))
        operators = {("starts_with",): "starts_with", ("from",): ">=", ("to",): "<=", ("from", "to"): "between"}
        if words not in operators or range:
            raise ValueError("a key asks for a value, or for `starts_with`, `from` and `to` of the sort field")
        range = (field, operators[words], [wanted[it] for it in words])
    if not equal:
        raise ValueError("a query names the partition field and its value")
    return {"equal": equal, "range": range, "index": index, "limit": limit, "descending": bool(descending)}
