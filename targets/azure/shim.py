"""Azure Functions (Python v2 model) to the portable event, and its answers back.

`function_app.py` holds one entry for each trigger and hands what the host gives it to a `Function`.
A payload, here and in the golden vectors, is what is left of Azure's objects as plain data:

- http: `{"trigger": "http", "at", "id", "method", "url", "headers", "body"}`
- message: `{"trigger": "message", "at", "body", "id", "delivery_count", "enqueued", "properties", "session"}`
- timer: `{"trigger": "timer", "at", "next", "retry_count"}`

`at` is the trigger's index in the config, `body` is text or `{"base64": …}`. Nothing of Azure's is
imported before it is used, so the vectors run without its libraries.
"""

import asyncio
import base64
import inspect
import json
import os
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from . import portable

ROOT = Path(__file__).resolve().parent.parent
INVOKE = "/_fnc/invoke/"
# Azure's Node library turns the first letter of an attribute's name to lower case. Where that would
# change a name, the attributes travel a second time, as JSON text, under this one.
ATTRIBUTES = "fnc-attributes"


class Failed(Exception):
    """Tells the host that an event wasn't handled, so that it is delivered again."""


# --- Payloads to events -------------------------------------------------------------------------


def to_portable(config, payload):
    """Returns the portable event of a payload."""
    kind = payload["trigger"]
    if kind == "http":
        return _http_event(config, payload)
    trigger = config["triggers"][payload["at"]]
    if kind == "message":
        properties = payload["properties"] or {}
        made = portable.message(
            trigger["kind"], id=payload["id"], source=trigger["source"], body=_bytes(payload["body"]),
            time=payload["enqueued"], attempt=payload["delivery_count"] or 1, group=payload.get("session"),
            attributes=portable.from_json(properties.get(ATTRIBUTES, "")) or properties)
        return portable.event(config, trigger["kind"], trigger["source"], [made])
    planned = portable.timestamp(payload["next"])
    made = portable.tick(config, id=f"{config['function']}-{payload['at']}-{planned}", time=planned,
                         input=trigger.get("input"), attempt=(payload["retry_count"] or 0) + 1)
    return portable.event(config, "schedule", config["function"], [made])


def _http_event(config, payload):
    url = urlsplit(payload["url"])
    headers = payload["headers"]
    if url.path.startswith(INVOKE):
        return portable.invoke_event(config, id=payload["id"], body=_bytes(payload["body"]) or b"null")
    trigger = config["triggers"][payload["at"]]
    return portable.http_event(config, method=payload["method"], path=url.path or "/", route=trigger["route"],
                               query=url.query, headers=headers, body=_bytes(payload["body"]),
                               client_ip=_client_ip(headers))


def _client_ip(headers):
    """Returns the address that App Service itself saw: it adds it last to `x-forwarded-for`."""
    last = headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    found = re.fullmatch(r"\[([^\]]+)\](:\d+)?|([^:]+):\d+", last)
    return (found[1] or found[3]) if found else last


def _bytes(body):
    if isinstance(body, dict):
        return base64.b64decode(body["base64"])
    return body.encode("utf-8") if isinstance(body, str) else body


# --- Answers ------------------------------------------------------------------------------------


def to_answer(config, payload, outcome, request_id):
    """Returns the HTTP answer as plain data, or None; raises `Failed` where an event is to be retried."""
    if payload["trigger"] == "http":
        answer = portable.http_answer(outcome, request_id)
        made = {"status": answer["statusCode"], "headers": answer["headers"], "cookies": answer["cookies"]}
        made["body"] = {"base64": answer["body"]} if answer["base64"] else answer["body"]
        return made
    if portable.batch_answer(outcome, [it["id"] for it in to_portable(config, payload)["records"]]):
        raise Failed(str(outcome) if isinstance(outcome, Exception) else "the handler reports a failure")
    return None


# --- Functions ----------------------------------------------------------------------------------


class Function:
    """One function of the program, under all its triggers."""

    def __init__(self, name):
        self.config = json.loads((ROOT / "_fnc" / "functions.json").read_text("utf-8"))[name]
        self._lock = threading.Lock()
        self._handler = None
        self._threads = ThreadPoolExecutor(self.config["concurrency"], thread_name_prefix=name)

    async def http(self, at, request, context):
        """Answers an HTTP request."""
        payload = {"trigger": "http", "at": at, "id": context.invocation_id, "method": request.method,
                   "url": request.url, "headers": dict(request.headers), "body": request.get_body()}
        answer = to_answer(self.config, payload, await self._call(payload, context), context.invocation_id)
        return _response(answer)

    async def message(self, at, message, context):
        """Handles one message of a queue or a subscription."""
        payload = {"trigger": "message", "at": at, "body": message.get_body(),
                   "id": message.message_id or message.sequence_number,
                   "delivery_count": message.delivery_count, "enqueued": message.enqueued_time_utc,
                   "properties": message.application_properties, "session": message.session_id}
        to_answer(self.config, payload, await self._call(payload, context), context.invocation_id)

    async def timer(self, at, timer, context):
        """Handles one tick of a schedule; after its last attempt the tick is parked here, since Azure would drop it."""
        trigger = self.config["triggers"][at]
        payload = {"trigger": "timer", "at": at, "next": _planned(timer),
                   "retry_count": context.retry_context.retry_count}
        tick = to_portable(self.config, payload)["records"][0]
        if int(tick["scheduled"][8:10]) in trigger.get("skip_days", ()):
            return
        park = trigger.get("park") if tick["attempt"] > trigger.get("retry", 0) else None
        # The last attempt ends a little early, so that there is time left to park it.
        margin_ms = min(2000, self.config["timeout_ms"] // 5) if park else 0
        outcome = await self._call(payload, context, margin_ms)
        try:
            to_answer(self.config, payload, outcome, context.invocation_id)
        except Failed as failure:
            if not park:
                raise
            attributes = {"function": self.config["function"], "scheduled": tick["scheduled"],
                          "attempts": str(tick["attempt"]), "error": str(failure)}
            message = {"body": tick["body"], "content_type": "application/json", "base64": False,
                       "attributes": attributes, "delay_ms": 0, "group": None, "type": None}
            await asyncio.get_running_loop().run_in_executor(None, self._send, park, "send", message)
            portable.log_error(failure, context.invocation_id, self.config["function"])

    async def _call(self, payload, azure, margin_ms=0):
        """Returns what the handler returned, or the exception it raised."""
        limit_ms = self.config["timeout_ms"]
        deadline_ms = _now_ms() + limit_ms - margin_ms
        context = portable.Context(self.config, azure.invocation_id, deadline_ms, self._send)
        try:
            event = to_portable(self.config, payload)
            running = self._run(self._load(), event, context)
            if not margin_ms and limit_ms >= self.config["host_timeout_ms"]:
                return await running  # the host ends it
            return await asyncio.wait_for(running, (limit_ms - margin_ms) / 1000)
        except TimeoutError:
            error = Failed(f"`{self.config['function']}` ran longer than {limit_ms - margin_ms} ms")
        except Exception as raised:  # a handler's own exceptions are outcomes already
            error = raised
        portable.log_error(error, azure.invocation_id, self.config["function"])
        return error

    async def _run(self, handler, event, context):
        if inspect.iscoroutinefunction(handler):
            return await portable.call_async(handler, event, context)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, portable.call, handler, event, context)

    def _send(self, resource, verb, message):
        kind = {"send": "queue", "publish": "topic"}[verb]
        name = os.environ[f"FNC_{kind.upper()}_{resource.upper()}"]
        _send(kind, name, message, self.config["resources"].get(resource, {}))

    def _load(self):
        with self._lock:
            self._handler = self._handler or portable.load(self.config["handler"], ROOT)
        return self._handler


def _planned(timer):
    """Returns when this tick was due: `Next` of the schedule's status, which moves on only after the call."""
    planned = (timer.schedule_status or {}).get("Next")
    return planned or datetime.now(timezone.utc).replace(second=0, microsecond=0)


def _now_ms():
    return int(datetime.now(timezone.utc).timestamp() * 1000)


def _response(answer):
    import azure.functions as func

    made = func.HttpResponse(_bytes(answer["body"]), status_code=answer["status"], headers=answer["headers"])
    for cookie in answer["cookies"]:
        made.headers.add("Set-Cookie", cookie)
    return made


# --- Sending ------------------------------------------------------------------------------------


_senders = {}
_sending = threading.Lock()


def _send(kind, name, message, options):
    """Sends a message to a queue or a topic; Azure's senders aren't made for several threads, so they take turns."""
    from azure.servicebus import ServiceBusMessage

    body = base64.b64decode(message["body"]) if message["base64"] else message["body"].encode("utf-8")
    if len(body) > options.get("max_size", len(body)):
        raise ValueError(f"a message of {len(body)} bytes is more than the {options['max_size']} that `{name}` takes")
    properties = dict(message["attributes"])
    if any(it[:1] != it[:1].lower() for it in properties):
        properties[ATTRIBUTES] = portable.to_json(properties)
    made = ServiceBusMessage(body, message_id=str(uuid.uuid4()), content_type=message["content_type"],
                             application_properties=properties, subject=message["type"])
    if options.get("fifo"):
        made.session_id = message["group"] or "default"
    delay_ms = message["delay_ms"] or options.get("delay_ms", 0)
    if delay_ms:
        made.scheduled_enqueue_time_utc = datetime.now(timezone.utc) + timedelta(milliseconds=delay_ms)
    with _sending:
        if (kind, name) not in _senders:
            client = _client()
            _senders[kind, name] = client.get_queue_sender(name) if kind == "queue" else client.get_topic_sender(name)
        _senders[kind, name].send_messages(made)


def _client():
    from azure.servicebus import ServiceBusClient

    local = os.environ.get("FNC_SERVICEBUS")
    if local:
        return ServiceBusClient.from_connection_string(local)
    from azure.identity import ManagedIdentityCredential

    identity = ManagedIdentityCredential(client_id=os.environ["FNC_SERVICEBUS__clientId"])
    return ServiceBusClient(os.environ["FNC_SERVICEBUS__fullyQualifiedNamespace"], identity)
