"""Serves one function on Knative: CloudEvents and HTTP requests in, the handler's answers out.

`FNC_CONFIG` holds the function's config as JSON, `PORT` the port. Events come to `/_fnc/queue/NAME`,
`/_fnc/topic/NAME`, `/_fnc/event/NAME`, `/_fnc/stream/NAME` and `/_fnc/schedule`, as CloudEvents 1.0 in binary or structured mode; `/_fnc/invoke` takes a direct
call, `/_fnc/authorize` a caller to decide on; every other path is matched with the function's routes. With `FNC_ROUTES` instead, it is the app's router.
"""

import base64
import json
import os
import queue
import re
import sys
import threading
import time
import uuid
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, unquote, urlsplit

from . import portable, router, server
from .gate import AUTH
from .server import HOP_BY_HOP, Refused, Response

# Extensions that Knative and tracing add: of no use to a handler.
TRANSPORT = {"partitionkey", "traceparent", "tracestate", "knativearrivaltime"}
# An attribute travels as a header, and Kafka's ingress takes 8 KB of headers.
MAX_ATTRIBUTES = 6_000
STUCK_SECONDS = 5
# What a KafkaSource says of a record that is no CloudEvent: its partition and its offset.
PLACE = re.compile(r"partition:(\d+)#(\d+)")
# Longer than any function's timeout: the function answers first.
CALL_SECONDS = 610


# --- Requests to events ---------------------------------------------------------------------------


def to_portable(config, payload):
    """Returns the portable event of a request: `{method, path, query, headers, body, base64, peer}`."""
    kind, source = target(payload["path"])
    if kind is None:
        return http_event(config, payload)
    if payload["method"] != "POST":
        raise Refused(405, "events come by POST")
    if kind == "invoke":
        return invoke_event(config, payload)
    if kind == "authorize":
        return authorize_event(config, payload)
    if portable.find_trigger(config, kind, **({"source": source} if source else {})) is None:
        raise Refused(404, f"{payload['path']} is no trigger of this function")
    try:
        event = cloudevent(payload)
        return portable.event(config, kind, source or config["function"], [record(config, kind, source, event)])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(400, f"this is no CloudEvent: {error}") from None


def target(path):
    """Returns the kind and the source that a path of ours names, `(None, None)` for any other."""
    parts = path.split("/")
    if parts[:2] != ["", "_fnc"]:
        return None, None
    found = {("schedule", 3): ("schedule", None), ("invoke", 3): ("invoke", None),
             ("authorize", 3): ("authorize", None)}
    key = (parts[2] if len(parts) > 2 else "", len(parts))
    if len(parts) == 4 and parts[2] in ("queue", "topic", "event", "stream"):
        return parts[2], parts[3]
    if key not in found:
        raise Refused(404, f"{path} is unknown")
    return found[key]


def http_event(config, payload):
    triggers = [it for it in config["triggers"] if it["kind"] == "http"]
    route = router.find(triggers, payload["method"], payload["path"])
    if route is None:
        raise Refused(404, "not found")
    return request_event(config, route["route"], payload)


def authorize_event(config, payload):
    """Returns the event of a request that the router asks about; it comes as JSON and without its body."""
    if not config.get("authorizes"):
        raise Refused(404, "this function decides on nobody")
    try:
        asked = json.loads(body_of(payload))
        return request_event(config, asked["route"], asked)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(400, f"this is no request to decide on: {error}") from None


def request_event(config, route, payload):
    headers = [(name.lower(), value) for name, value in payload["headers"]]
    values = joined(payload)
    # The router calls a function by its address in the cluster and says here how it was called itself.
    host = values.get("x-forwarded-host", values.get("host"))
    headers = [(name, host if name == "host" else value) for name, value in headers
               if name not in ("x-forwarded-host", AUTH) and name not in HOP_BY_HOP]
    auth = portable.from_json(base64.b64decode(values[AUTH]).decode()) if AUTH in values else None
    client = values.get("x-forwarded-for", payload.get("peer", "")).split(",")[0].strip()
    return portable.http_event(
        config, method=payload["method"], path=payload["path"], route=route,
        query=payload.get("query", ""), headers=headers, body=body_of(payload), client_ip=client,
        auth=auth)


def invoke_event(config, payload):
    headers = joined(payload)
    return portable.invoke_event(config, id=headers.get("ce-id") or uuid.uuid4(), time=headers.get("ce-time"),
                                 body=body_of(payload) or "null")


def joined(payload):
    """Returns the headers by lower-case name, repeated ones joined."""
    made = {}
    for name, value in payload["headers"]:
        name = name.lower()
        made[name] = f"{made[name]}, {value}" if name in made else value
    return made


def body_of(payload):
    body = payload.get("body") or b""
    if isinstance(body, str):
        body = base64.b64decode(body) if payload.get("base64") else body.encode()
    return body


def cloudevent(payload):
    """Returns the attributes of a CloudEvent and its body as bytes under `body`."""
    headers = joined(payload)
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/cloudevents+json":
        found = json.loads(body_of(payload))
        if "data_base64" in found:
            body = base64.b64decode(found.pop("data_base64"), validate=True)
        else:
            body = structured_body(found)
        found = {name: value for name, value in found.items() if value is not None}
    elif kind.startswith("application/cloudevents"):
        raise ValueError(f"{kind} is not taken, one event a request")
    else:
        found = {name[3:]: decoded(value) for name, value in headers.items() if name.startswith("ce-")}
        body = body_of(payload)
    for name in ("specversion", "id", "source", "type"):
        if not isinstance(found.get(name), str) or not found[name]:
            raise ValueError(f"`{name}` is missing")
    if found["specversion"] != "1.0":
        raise ValueError(f"specversion {found['specversion']} is not 1.0")
    return {**found, "body": body}


def structured_body(found):
    """Returns the bytes that the JSON member `data` stands for: text of a text type, else JSON."""
    data = found.pop("data", None)
    kind = found.get("datacontenttype", "application/json").split(";")[0].strip().lower()
    if data is None:
        return b""
    if isinstance(data, str) and kind != "application/json" and not kind.endswith("+json"):
        return data.encode()
    return portable.to_json(data).encode()


def decoded(value):
    """Returns an attribute's header value as text: percent-decoded, and raw UTF-8 where a sender didn't encode."""
    try:
        value = value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return unquote(value)


KNOWN = {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "body",
         "fncattributes", "fncgroup", "fncschedule"}


def record(config, kind, source, event):
    time_text = event.get("time")
    if kind == "schedule":
        sent = datetime.fromisoformat(time_text) if time_text else datetime.now().astimezone()
        given = portable.from_json(event["body"].decode("utf-8"))
        # Cron ticks on whole minutes and a PingSource sends within half a second of one.
        return portable.tick(config, id=event["id"], time=time_text, scheduled=sent.replace(second=0, microsecond=0),
                             input=given if isinstance(given, dict) else {})
    if kind == "stream":
        return stream_record(source, event, time_text)
    extra = {name: value if isinstance(value, str) else portable.to_json(value)
             for name, value in event.items() if name not in KNOWN | TRANSPORT}
    attributes = {**extra, **json.loads(event.get("fncattributes", "{}"))}
    if kind == "event":
        return portable.event_record(id=event["id"], source=source, type=event["type"], body=event["body"],
                                     time=time_text, attributes=attributes, subject=event.get("subject"))
    fifo = (portable.find_trigger(config, kind, source=source) or {}).get("fifo")
    group = event.get("fncgroup", event.get("partitionkey")) if fifo else None
    return portable.record(id=event["id"], source=source, type=portable.TYPES[kind], body=event["body"],
                           time=time_text, attributes=attributes, group=group)


def stream_record(source, event, time_text):
    """Returns the record of a stream; where it lies is known of records only that weren't written as events."""
    place = PLACE.fullmatch(event.get("subject") or "") if event["type"] == "dev.knative.kafka.event" else None
    made = portable.stream_record(id=event["id"], source=source, body=event["body"], time=time_text,
                                  sequence=None, shard=None)
    made["key"] = event.get("partitionkey", event.get("key"))
    made["sequence"], made["shard"] = (place[2], place[1]) if place else (None, None)
    return made


# --- Outcomes to answers --------------------------------------------------------------------------


def to_answer(config, payload, outcome, request_id):
    """Returns `{status, headers, body, base64}`, headers as pairs, of what the handler returned or raised."""
    kind, _ = target(payload["path"])
    if kind is None:
        answer = portable.http_answer(outcome, request_id)
        headers = [[name, value] for name, value in answer["headers"].items() if name not in HOP_BY_HOP]
        headers += [["set-cookie", it] for it in answer["cookies"]]
        return {"status": answer["statusCode"], "headers": headers, "body": answer["body"] or "",
                "base64": answer["base64"]}
    if kind in ("invoke", "authorize"):
        if not isinstance(outcome, BaseException):
            return {"status": 200, "headers": [["content-type", "application/json"]],
                    "body": portable.to_json(portable.plain(outcome)), "base64": False}
        answer = portable.error_answer(request_id)
        return {"status": 500, "headers": [["content-type", "application/json"]], "body": answer["body"],
                "base64": False}
    # An empty body always: a Kafka Trigger takes a 2xx answer with any other body for a failure.
    failed = portable.batch_answer(outcome, [cloudevent(payload)["id"]])
    return {"status": 500 if failed else 204, "headers": [], "body": "", "base64": False}


# --- What a handler sends -------------------------------------------------------------------------


def sender(config):
    """Returns the function that carries a message to the address of its queue, topic, bus or stream."""

    def send(resource, verb, message):
        kind = config.get("kinds", {}).get(resource, "queue" if verb == "send" else "topic")
        address = os.environ[f"FNC_{kind}_{resource}".upper()]
        headers, body = outgoing(config, kind, resource, message)
        deliver(address, headers, body, resource)

    return send


def outgoing(config, kind, resource, message):
    """Returns headers and body of a message as a CloudEvent in binary mode."""
    if message["delay_ms"]:
        raise ValueError(f"Knative can't hold back a message to `{resource}`: send it without `delay`")
    about = config.get("resources", {}).get(resource, {})
    body = message["body"].encode()
    body = base64.b64decode(body) if message["base64"] else body
    most = about.get("max_size", 1_000_000)
    if len(body) > most:
        raise ValueError(f"a message to `{resource}` has {len(body)} bytes and may have {most}")
    headers = {
        "ce-specversion": "1.0",
        "ce-id": str(uuid.uuid4()),
        "ce-source": "/".join(["", "fnc", config["app"], *filter(None, [config.get("stage")]), config["function"]]),
        "ce-type": encoded(message["type"] or portable.TYPES.get(kind, "")),
        "ce-time": portable.timestamp(),
        "content-type": message["content_type"],
    }
    if message["attributes"]:
        headers["ce-fncattributes"] = encoded(unspoilt(message["attributes"]))
        if len(headers["ce-fncattributes"]) > MAX_ATTRIBUTES:
            raise ValueError(f"the attributes of a message to `{resource}` are over {MAX_ATTRIBUTES} bytes")
    if kind == "bus" and message.get("subject"):
        headers["ce-subject"] = encoded(message["subject"])
    if kind == "stream" and message.get("key") is not None:
        headers["ce-partitionkey"] = encoded(message["key"])
    if about.get("fifo"):
        group = str(message["group"] or "default")
        headers["ce-fncgroup"] = headers["ce-partitionkey"] = encoded(group)
    return headers, body


def unspoilt(attributes):
    """Returns JSON text that stays the same however often it is percent-decoded on its way."""
    text = json.dumps(attributes, separators=(",", ":"))
    return text.replace(" ", "\\u0020").replace("%", "\\u0025")


def encoded(text):
    """Returns an attribute's value as a header: blanks, quotes, `%` and what isn't ASCII percent-encoded."""
    return quote(text, safe="!#$&'()*+,-./:;<=>?@[\\]^_`{|}~")


def deliver(address, headers, body, resource, tries=4):
    """Posts an event; tries again what may pass, with the same id so that it can be told as a repetition."""
    parts = urlsplit(address)
    for attempt in range(tries):
        last = attempt + 1 == tries
        connection = HTTPConnection(parts.hostname, parts.port or 80, timeout=10)
        try:
            connection.request("POST", parts.path or "/", body, headers)
            response = connection.getresponse()
            response.read()
            if 200 <= response.status < 300:
                return
            if last or response.status not in (408, 429, 500, 502, 503, 504):
                raise RuntimeError(f"`{resource}` didn't take a message: {address} answered {response.status}")
        except (OSError, HTTPException) as error:
            if last:
                raise RuntimeError(f"`{resource}` didn't take a message: {error}") from error
        finally:
            connection.close()
        time.sleep(0.1 * 2**attempt)


class Store:
    """What a handler does beside sending: it calls other functions of the app."""

    def invoke(self, function, data):
        """Calls a function by its address in the cluster; a call that failed isn't made again."""
        parts = urlsplit(os.environ[f"FNC_FUNCTION_{function}".upper()])
        connection = HTTPConnection(parts.hostname, parts.port or 80, timeout=CALL_SECONDS)
        try:
            connection.request("POST", "/_fnc/invoke", portable.to_json(data).encode(),
                               {"content-type": "application/json"})
            response = connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, HTTPException) as error:
            raise portable.CallFailed(f"`{function}` can't be reached: {error}") from error
        finally:
            connection.close()
        if status != 200:
            raise portable.CallFailed(f"`{function}` failed: it answered {status}")
        return portable.from_json(body.decode())


# --- Serving --------------------------------------------------------------------------------------


class Workers:
    """As many threads as the function takes events at a time; each keeps its own event loop and clients."""

    def __init__(self, count, stuck):
        self._jobs = queue.SimpleQueue()
        self._stuck = stuck
        self._lock = threading.Lock()
        self._overdue = 0
        self._count = count
        for _ in range(count):
            threading.Thread(target=self._work, daemon=True).start()

    def lost(self):
        """Tells whether every thread is taken by a handler that is over its time."""
        return self._overdue >= self._count

    def _work(self):
        while True:
            job = self._jobs.get()
            job.started.set()
            try:
                job.outcome = job.work()
            except BaseException as error:
                job.outcome = error
            job.done.set()

    def run(self, work, seconds):
        """Returns what `work` returns, or an `Overtime` when it takes longer; its thread stays taken till then."""
        job = _Job(work)
        self._jobs.put(job)
        job.started.wait()
        if job.done.wait(seconds):
            return job.outcome
        self._count_overdue(1)
        threading.Thread(target=self._watch, args=(job,), daemon=True).start()
        return Overtime(f"the handler took more than {seconds:g} s")

    def _watch(self, job):
        # A handler can't be killed; one that doesn't come back costs the instance.
        if not job.done.wait(STUCK_SECONDS):
            self._stuck()
            job.done.wait()
        self._count_overdue(-1)

    def _count_overdue(self, difference):
        with self._lock:
            self._overdue += difference


class Overtime(Exception):
    """A handler that took longer than its function's timeout."""


class _Job:
    def __init__(self, work):
        self.work = work
        self.outcome = None
        self.started = threading.Event()
        self.done = threading.Event()


class Application:
    """Answers health checks and requests for one function."""

    def __init__(self, config, handler):
        self.config = config
        self.handler = handler
        self.server = None
        self.seconds = config["timeout_ms"] / 1000
        self.workers = Workers(config.get("concurrency", 1), self.give_up)
        self.send = sender(config)

    def give_up(self):
        line = {"time": portable.timestamp(), "level": "error", "function": self.config["function"],
                "message": "a handler is still running after its timeout: this instance stops"}
        print(json.dumps(line), file=sys.stderr, flush=True)
        self.server.stop(1)

    def __call__(self, request):
        if request.path in ("/_fnc/ready", "/_fnc/live"):
            free = not self.workers.lost() and not self.server.stopping
            return Response(200 if free or request.path == "/_fnc/live" else 503)
        if self.workers.lost():
            raise Refused(503, "every handler is over its time")
        payload = {"method": request.method, "path": request.path, "query": request.query,
                   "headers": request.headers, "body": request.read(), "peer": request.peer}
        event = to_portable(self.config, payload)
        request_id = request.header("x-request-id") or ""
        if not re.fullmatch(r"[\w.:-]{1,128}", request_id, re.ASCII):
            request_id = str(uuid.uuid4())
        outcome = self.workers.run(lambda: self.call(event, request_id), self.seconds)
        if isinstance(outcome, Overtime):
            portable.log_error(outcome, request_id, self.config["function"])
        try:
            return respond(to_answer(self.config, payload, outcome, request_id))
        except (TypeError, ValueError) as error:
            portable.log_error(error, request_id, self.config["function"])
            return respond(to_answer(self.config, payload, error, request_id))

    def call(self, event, request_id):
        deadline = time.time() * 1000 + self.config["timeout_ms"]
        context = portable.Context(self.config, request_id, deadline, self.send, Store())
        return portable.call(self.handler, event, context)


def respond(answer):
    body = answer["body"]
    body = base64.b64decode(body) if answer["base64"] else body.encode()
    return Response(answer["status"], answer["headers"], body)


def main():
    port = int(os.environ.get("PORT", "8080"))
    if "FNC_ROUTES" in os.environ:
        return router.main(port)
    config = json.loads(os.environ["FNC_CONFIG"])
    application = Application(config, portable.load_for(config, os.getcwd()))
    application.server = server.Server(application, port)
    server.serve(application.server, application.seconds + 1)


if __name__ == "__main__":
    main()
