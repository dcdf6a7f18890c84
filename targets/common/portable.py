"""What every shim shares: the portable event, answers, and what a handler may do.

Standard library only, Python 3.11 or later. A shim turns its provider's payload into an event
with `record` and `event` (or `http_event`), runs the handler with `call`, and encodes the outcome
with `http_answer` or `batch_answer`. `portable.mjs` has the same functions under the same names.
"""

import base64
import importlib.util
import json
import re
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import parse_qsl, unquote

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


# --- JSON and bytes -----------------------------------------------------------------------------


def to_json(value):
    """Returns compact JSON text, the same as `JSON.stringify` writes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _not_json(word):
    raise ValueError(f"{word} is not JSON")


def from_json(text):
    """Returns what JSON text says, or None when it isn't JSON."""
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return None


def as_text(body):
    """Returns `(text, is_base64)` of bytes or a string: base64 only for what isn't UTF-8."""
    if isinstance(body, str):
        return body, False
    body = bytes(body)
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), True


def timestamp(value=None):
    """Returns RFC 3339 in UTC with milliseconds, of a datetime, epoch milliseconds, text or now."""
    if value is None:
        value = time.time() * 1000
    if isinstance(value, (int, float)):
        value = datetime.fromtimestamp(int(value) / 1000, timezone.utc)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    value = value.astimezone(timezone.utc)
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


# --- Events -------------------------------------------------------------------------------------


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


def http_event(config, *, method, path, route, params=None, query="", headers=(), cookies=None,
               body=None, client_ip="", auth=None):
    """Returns the event of an HTTP request.

    `query` is the raw query string or decoded pairs; `headers` a dict or pairs; `cookies` a list of
    `name=value` where the provider has taken them out of the headers; `body` bytes, text or None;
    `params` are decoded already, or None to take them from `path` by `route`; `auth` is what is known
    of the caller: a token's claims, or what the app's own authorizer said.
    """
    names = {}
    for name, value in headers.items() if hasattr(headers, "items") else headers:
        names.setdefault(str(name).lower(), []).append(str(value))
    crumbs = list(cookies or []) + names.pop("cookie", [])
    all_headers = {name: ", ".join(values) for name, values in names.items()}
    pairs = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query
    query_all = {}
    for name, value in pairs:
        query_all.setdefault(name, []).append(value)
    text, is_base64 = as_text(body) if body else (None, False)
    return {
        "version": VERSION,
        "trigger": "http",
        "source": config["function"],
        "function": config["function"],
        "request": {
            "method": method.upper(),
            "path": path,
            "route": route,
            "params": match_route(route, path) or {} if params is None else dict(params),
            "query": {name: values[0] for name, values in query_all.items()},
            "query_all": query_all,
            "headers": all_headers,
            "cookies": _cookies(crumbs),
            "body": text,
            "base64": is_base64,
            "data": from_json(text) if text and not is_base64 and _means_json(all_headers) else None,
            "client_ip": client_ip or "",
            "auth": auth,
        },
    }


def match_route(route, path):
    """Returns the decoded params of `path` under a pattern as `/orders/{id}/{rest+}`, else None."""
    names, pattern = [], ""
    for part in re.split(r"(\{[^}]*\})", route):
        if part.startswith("{"):
            names.append(part.strip("{}+"))
            pattern += "(.+)" if part.endswith("+}") else "([^/]+)"
        else:
            pattern += re.escape(part)
    found = re.fullmatch(pattern, path, re.DOTALL)
    return {name: unquote(it) for name, it in zip(names, found.groups())} if found else None


def _cookies(crumbs):
    """Returns the cookies by name, values as sent; the first of a name wins."""
    made = {}
    for crumb in ";".join(crumbs).split(";"):
        name, equals, value = crumb.strip().partition("=")
        if equals and name:
            made.setdefault(name.strip(), value.strip())
    return made


def _says_json(headers):
    kind = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _means_json(headers):
    """A form type says nothing about a body that reads as JSON: `curl -d` sends it with anything."""
    kind = headers.get("content-type", "").lower()
    return _says_json(headers) or kind.startswith("application/x-www-form-urlencoded")


def find_trigger(config, kind, **members):
    """Returns the first trigger of this kind with these members in the config, else None."""
    for it in config.get("triggers", []):
        if it.get("kind") == kind and all(it.get(name) == value for name, value in members.items()):
            return it
    return None


# --- Filters ------------------------------------------------------------------------------------


def taken(triggers, event):
    """Returns the event with the records that the triggers' `where` takes; None when it takes none of them."""
    if not any("where" in it for it in triggers or ()):
        return event
    kind, source = event["trigger"], event["source"]
    own = [it for it in triggers or () if it.get("kind") == kind and it.get("source") == source]
    if not any("where" in it for it in own):
        return event
    records = [it for it in event["records"] if _takes(own, it)]
    return {**event, "records": records} if records else None


def _takes(triggers, record):
    of_type = [it for it in triggers if it.get("type", record["type"]) == record["type"]]
    return not of_type or any("where" not in it or matches(it["where"], record) for it in of_type)


def matches(where, record):
    """Tells whether a record satisfies the JSON form of a `where`."""
    if "all" in where:
        return all(matches(it, record) for it in where["all"])
    if "any" in where:
        return any(matches(it, record) for it in where["any"])
    if "not" in where:
        return not matches(where["not"], record)
    value = record
    for name in where.get("exists") or where["member"]:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    if "exists" in where:
        return value is not None
    return _compare(value, where["is"], where["value"])


def _compare(value, comparison, wanted):
    """Another JSON type makes every comparison false; numbers are compared in 64-bit floating point."""
    if _json_type(value) != _json_type(wanted):
        return False
    if comparison == "starts_with":
        return value.startswith(wanted)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        value, wanted = _number(value), _number(wanted)
    return {"==": value == wanted, "!=": value != wanted, "<": value < wanted,
            "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[comparison]


def _number(value):
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _json_type(value):
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else None if value is None else "other"


# --- Answers ------------------------------------------------------------------------------------


def plain(value):
    """Returns an answer as plain JSON: bytes as its body become base64."""
    if isinstance(value, dict) and isinstance(value.get("body"), (bytes, bytearray)):
        text, is_base64 = as_text(value["body"])
        return {**value, "body": text, "base64": is_base64, "headers": {
            "content-type": "application/octet-stream",
            **{str(name).lower(): it for name, it in (value.get("headers") or {}).items()}}}
    return value


def http_answer(outcome, request_id=""):
    """Returns `{statusCode, headers, cookies, body, base64}` of what a handler returned or raised."""
    if isinstance(outcome, BaseException):
        return error_answer(request_id)
    try:
        return _http_answer(plain(outcome))
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        log_error(error, request_id)
        return error_answer(request_id)


def error_answer(request_id=""):
    """Returns the answer of a handler that failed: the trace goes to the log, not to the caller."""
    return _answer(500, {"error": "internal error", "request_id": request_id})


def _http_answer(value):
    if value is None:
        return _answer(204, None)
    status = value.get("statusCode") if isinstance(value, dict) else None
    if isinstance(status, float) and status.is_integer():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool):
        return _answer(200, value)
    if not 200 <= status <= 599:
        raise ValueError(f"statusCode {status} is not between 200 and 599")
    return _answer(status, value.get("body"), value.get("headers"), value.get("cookies"),
                   value.get("base64") is True)


def _answer(status, body, headers=None, cookies=None, is_base64=False):
    cookies = [as_attribute(it) for it in (cookies if isinstance(cookies, list) else [cookies])
               if it is not None]
    made = {}
    for name, value in (headers or {}).items():
        values = value if isinstance(value, list) else [value]
        if name.lower() == "set-cookie":
            cookies.extend(as_attribute(it) for it in values)
        else:
            made[name.lower()] = ", ".join(as_attribute(it) for it in values)
    if isinstance(body, str):
        made.setdefault("content-type", "text/plain; charset=utf-8")
    elif body is not None:
        body, is_base64 = to_json(body), False
        made.setdefault("content-type", "application/json")
    return {"statusCode": status, "headers": made, "cookies": cookies, "body": body,
            "base64": is_base64 and body is not None}


def batch_answer(outcome, ids):
    """Returns which of `ids` failed, in their order: all after an exception or an unknown id."""
    ids = list(ids)
    if isinstance(outcome, BaseException):
        asked = getattr(outcome, "fnc_records", ids)
        return [it for it in ids if it in asked]
    failures = outcome.get("failures") if isinstance(outcome, dict) else None
    if failures is None:
        return []
    if not isinstance(failures, (list, tuple)) or any(it not in ids for it in failures):
        return ids
    return [it for it in ids if it in failures]


# --- Handlers -----------------------------------------------------------------------------------


def load(handler, root="."):
    """Returns the function that `file:symbol` names, the file being relative to `root`."""
    file, _, symbol = handler.rpartition(":")
    path = (Path(root) / file).resolve()
    for folder in (str(Path(root).resolve()), str(path.parent)):
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)
    name = ".".join(Path(file).with_suffix("").parts)
    module = sys.modules.get(name)
    if module is None or getattr(module, "__file__", None) != str(path):
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None:
            raise ImportError(f"{file} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    found = getattr(module, symbol, None)
    if not callable(found):
        raise ImportError(f"{file} has no function `{symbol}`")
    return found


_loops = threading.local()


def run(handler, event, context):
    """Returns what the handler returns; waits for `async`, raises what it raises."""
    event = taken(context._triggers, event)
    if event is None:
        return None
    value = handler(event, context)
    if hasattr(value, "__await__"):
        # One loop a thread, kept: clients that a handler opened stay usable.
        if not hasattr(_loops, "loop"):
            import asyncio  # slow to load, and most handlers don't need it
            _loops.loop = asyncio.new_event_loop()
        value = _loops.loop.run_until_complete(_wait(value))
    return value


def call(handler, event, context):
    """Returns what the handler returned, or the exception it raised (logged); waits for `async`."""
    try:
        return run(handler, event, context)
    except (Exception, SystemExit) as error:
        return _raised(error, event, context)


def _raised(error, event, context):
    """Logs what a handler raised; only the records that it was called with have failed."""
    log_error(error, context.request_id, context.function_name)
    asked = taken(context._triggers, event)
    if asked is not None and "records" in asked:
        error.fnc_records = [it["id"] for it in asked["records"]]
    return error


async def call_async(handler, event, context):
    """Is `call` for a shim that runs inside an event loop already."""
    asked = taken(context._triggers, event)
    if asked is None:
        return None
    try:
        value = handler(asked, context)
        return await value if hasattr(value, "__await__") else value
    except (Exception, SystemExit) as error:
        return _raised(error, event, context)


async def _wait(awaitable):
    return await awaitable


def log_error(error, request_id="", function=""):
    """Writes an exception with its trace as one JSON line on standard error."""
    import traceback  # slow to load
    trace = "".join(traceback.format_exception(error))
    line = {"time": timestamp(), "level": "error", "message": f"{type(error).__name__}: {error}",
            "function": function, "request_id": request_id, "trace": trace}
    print(json.dumps(line), file=sys.stderr, flush=True)


# --- What a handler may do ----------------------------------------------------------------------


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
    `invoke(function, data)`.
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

    def _check(self, verb, resource):
        if resource not in self._can.get(verb, ()):
            raise NotAllowed(f"`{self.function_name}` may not {verb} `{resource}`: "
                             f"declare `can {verb} {resource}` in it")

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


def encode(data):
    """Returns `{body, content_type, base64}`: text as it is, bytes as base64, all else as JSON."""
    if isinstance(data, str):
        return {"body": data, "content_type": "text/plain; charset=utf-8", "base64": False}
    if isinstance(data, (bytes, bytearray, memoryview)):
        text = base64.b64encode(bytes(data)).decode("ascii")
        return {"body": text, "content_type": "application/octet-stream", "base64": True}
    return {"body": to_json(data), "content_type": "application/json", "base64": False}


def as_attribute(value):
    """Returns an attribute or header value as text: strings as they are, all else as JSON."""
    return value if isinstance(value, str) else to_json(value)


def duration_ms(value):
    """Returns milliseconds of a number of seconds or a duration of the language, as "5m"."""
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+)(ms|s|m|h|d)", value)
        if not found:
            raise ValueError(f"`{value}` is not a duration: write a number of seconds or as \"5m\"")
        unit = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[found[2]]
        return int(found[1]) * unit
    if value is not None and not 0 <= value < float("inf"):
        raise ValueError("a delay can't be negative")
    return round((value or 0) * 1000)


# --- CloudEvents 1.0 ----------------------------------------------------------------------------


def to_cloudevent(record):
    """Returns a record as a strict CloudEvent 1.0 in JSON form.

    `id source type time subject` keep their names. A JSON body becomes `data`, text `data` with
    `text/plain`, base64 `data_base64`. What CloudEvents has no word for becomes extensions:
    `fncattempt`, `fncgroup`, `fncscheduled`, and `fncattributes` (JSON text, when there are any).
    """
    made = {name: record[name] for name in ("id", "source", "type", "time", "subject")
            if name in record}
    made["specversion"] = "1.0"
    if record.get("base64"):
        made.update(datacontenttype="application/octet-stream", data_base64=record["body"])
    elif record["data"] is not None:
        made.update(datacontenttype="application/json", data=record["data"])
    else:
        made.update(datacontenttype="text/plain", data=record["body"])
    made["fncattempt"] = record["attempt"]
    for name in ("group", "scheduled"):
        if name in record:
            made["fnc" + name] = record[name]
    if record["attributes"]:
        made["fncattributes"] = to_json(record["attributes"])
    return made


_KNOWN = {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema",
          "data", "data_base64", "fncattempt", "fncgroup", "fncscheduled", "fncattributes"}


def from_cloudevent(cloudevent, source=None):
    """Returns a CloudEvent 1.0 in JSON form as a record; unknown extensions become attributes."""
    kind = cloudevent.get("datacontenttype", "application/json")
    if "data_base64" in cloudevent:
        body = base64.b64decode(cloudevent["data_base64"])
    elif isinstance(cloudevent.get("data"), str) and not _says_json({"content-type": kind}):
        body = cloudevent["data"]
    else:
        body = to_json(cloudevent["data"]) if "data" in cloudevent else ""
    attributes = {name: it for name, it in cloudevent.items() if name not in _KNOWN}
    attributes.update(from_json(cloudevent.get("fncattributes", "")) or {})
    made = record(id=cloudevent["id"], source=source or cloudevent["source"],
                  type=cloudevent["type"], body=body, time=cloudevent.get("time"),
                  attempt=cloudevent.get("fncattempt", 1), attributes=attributes,
                  group=cloudevent.get("fncgroup"), subject=cloudevent.get("subject"),
                  scheduled=cloudevent.get("fncscheduled"))
    if "scheduled" in made:
        made["input"] = made["data"] if isinstance(made["data"], dict) else {}
    return made
