"""Azure Functions (Python v2 model) to the portable event, and its answers back.

`function_app.py` holds one entry for each trigger and hands what the host gives it to a `Function`.
A payload, here and in the golden vectors, is what is left of Azure's objects as plain data:

- http: `{"trigger": "http", "at", "id", "method", "url", "headers", "body"}`
- message: `{"trigger": "message", "at", "body", "id", "delivery_count", "enqueued", "properties", "session"}`
- stream: `{"trigger": "stream", "at", "shard", "retry_count", "items"}`, an item being an event of the hub as
  `{"body", "sequence", "enqueued", "key", "properties"}`
- table: `{"trigger": "table", "at", "retry_count", "items"}`, an item being a change as `rows` writes it
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
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

from . import cors, portable, rows, token
from .clients import ATTRIBUTES, Clients

ROOT = Path(__file__).resolve().parent.parent
INVOKE = "/_fnc/invoke/"


class Failed(Exception):
    """Tells the host that an event wasn't handled, so that it is delivered again."""


# --- Payloads to events -------------------------------------------------------------------------


def to_portable(config, payload):
    """Returns the portable event of a payload."""
    kind = payload["trigger"]
    if kind == "http":
        return _http_event(config, payload)
    trigger = config["triggers"][payload["at"]]
    if trigger["kind"] in PUSHED:
        # Event Grid puts each event into the function's inbox: one to a message, as a CloudEvent.
        event = json.loads(_bytes(payload["body"]))
        made = PUSHED[trigger["kind"]](trigger, event, payload["delivery_count"] or 1)
        return portable.event(config, trigger["kind"], trigger["source"], [made])
    if kind == "message":
        properties = payload["properties"] or {}
        made = portable.message(
            trigger["kind"], id=payload["id"], source=trigger["source"], body=_bytes(payload["body"]),
            time=payload["enqueued"], attempt=payload["delivery_count"] or 1, group=payload.get("session"),
            attributes=portable.from_json(properties.get(ATTRIBUTES, "")) or properties)
        return portable.event(config, trigger["kind"], trigger["source"], [made])
    if kind in LOGS:
        made = [LOGS[kind](trigger, payload, it) for it in payload["items"]]
        return portable.event(config, kind, trigger["source"], made)
    planned = portable.timestamp(payload["next"])
    made = portable.tick(config, id=f"{config['function']}-{payload['at']}-{planned}", time=planned,
                         input=trigger.get("input"), attempt=(payload["retry_count"] or 0) + 1)
    return portable.event(config, "schedule", config["function"], [made])


def _stream_record(trigger, payload, item):
    shard, sequence = str(payload["shard"]), str(item["sequence"])
    return portable.stream_record(
        id=f"{shard}:{sequence}", source=trigger["source"], body=_bytes(item["body"]), key=item["key"],
        sequence=sequence, shard=shard, time=item["enqueued"], attempt=(payload["retry_count"] or 0) + 1,
        attributes=item["properties"])


def _object_record(trigger, event, attempt):
    """Returns the record of an object, whose key is in its address as Azure's own trigger reads it."""
    data = event["data"]
    key = unquote(urlsplit(data["url"]).path).split("/", 2)[2]
    created = trigger["change"] == "created"
    return portable.object_record(
        id=f"{data.get('sequencer') or event['id']}:{key}", source=trigger["source"], action=trigger["change"], key=key,
        size=data.get("contentLength") if created else None,
        etag=(data.get("eTag") or "").strip('"') or None if created else None, time=event["time"], attempt=attempt)


def _bus_record(trigger, event, attempt):
    return portable.from_cloudevent({**event, "fncattempt": attempt}, trigger["source"])


PUSHED = {"bucket": _object_record, "event": _bus_record}
LOGS = {"stream": _stream_record, "table": rows.change_record}


def _http_event(config, payload):
    url = urlsplit(payload["url"])
    headers = payload["headers"]
    if url.path.startswith(INVOKE):
        return portable.invoke_event(config, id=payload["id"], body=_bytes(payload["body"]) or b"null")
    trigger = config["triggers"][payload["at"]]
    return portable.http_event(config, method=payload["method"], path=url.path or "/", route=trigger["route"],
                               query=url.query, headers=headers, body=_bytes(payload["body"]),
                               client_ip=_client_ip(headers), auth=payload.get("auth"))


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
        self._turns = {}
        self._resume = {}
        self._clients = Clients(self.config)

    async def http(self, at, request, context):
        """Answers an HTTP request."""
        payload = {"trigger": "http", "at": at, "id": context.invocation_id, "method": request.method,
                   "url": request.url, "headers": dict(request.headers), "body": request.get_body()}
        asked = cors.preflight(self._trigger(at), request.method, payload["headers"])
        if asked:
            return _response(asked)
        answer = to_answer(self.config, payload, await self._call(payload, context), context.invocation_id)
        return _response(cors.shared(self._trigger(at), payload["headers"], answer))

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
        margin_ms = self._margin_ms() if park else 0
        outcome = await self._call(payload, context, margin_ms)
        try:
            to_answer(self.config, payload, outcome, context.invocation_id)
        except Failed as failure:
            if not park:
                raise
            attributes = {"function": self.config["function"], "scheduled": tick["scheduled"],
                          "attempts": str(tick["attempt"]), "error": str(failure)}
            await self._park(park, tick, attributes)
            portable.log_error(failure, context.invocation_id, self.config["function"])

    async def stream(self, at, events, context):
        """Handles a batch of one partition of an event hub."""
        # All events of a batch have the same metadata, which holds a list for each member.
        metadata = events[0].metadata or {}
        properties = metadata.get("PropertiesArray") or [{}] * len(events)
        items = [{"body": it.get_body(), "sequence": it.sequence_number, "enqueued": it.enqueued_time,
                  "key": it.partition_key, "properties": own} for it, own in zip(events, properties)]
        shard = (metadata.get("PartitionContext") or {}).get("PartitionId", "")
        payload = {"trigger": "stream", "at": at, "shard": shard, "items": items}
        await self._log(at, payload, context)

    async def table(self, at, items, context):
        """Handles changes of a table."""
        changes = rows.changes(items)
        if changes:
            await self._log(at, {"trigger": "table", "at": at, "items": changes}, context)

    async def _log(self, at, payload, context):
        """Handles a batch of a log; one that fails is given again by the host, as a whole and to this process."""
        payload["retry_count"] = getattr(context.retry_context, "retry_count", 0) or 0
        trigger, items = self.config["triggers"][at], payload["items"]
        ids = [it["id"] for it in to_portable(self.config, payload)["records"]]
        if trigger.get("split"):
            await self._halve(at, payload, ids, context)
            return
        # What a batch had behind it when it failed is done.
        resume = self._resume.pop((at, ids[0]), None) if payload["retry_count"] else None
        payload["items"] = items[ids.index(resume):] if resume in ids else items
        last = payload["retry_count"] >= trigger.get("retry", float("inf"))
        expired = self._expire(trigger, payload)
        for it in expired:
            await self._give_up(trigger, it, "it is too old", context)
        if not payload["items"]:
            return
        records = to_portable(self.config, payload)["records"]
        async with self._turn(at):
            outcome = await self._call(payload, context, self._margin_ms() if last else 0)
        failed = portable.batch_answer(outcome, [it["id"] for it in records])
        if not failed:
            return
        if not last:
            self._resume[at, ids[0]] = next(it["id"] for it in records if it["id"] in failed)
            to_answer(self.config, payload, outcome, context.invocation_id)
        why = str(outcome) if isinstance(outcome, Exception) else "the handler reports a failure"
        for it in records:
            if it["id"] in failed:
                await self._give_up(trigger, it, why, context)

    async def _halve(self, at, payload, ids, context):
        """Handles a batch of a log that is tried in halves where it fails, until one record alone has failed.

        Only that one has made an attempt. The host then gives the batch again, for ever if need be: what is still to
        be done is known here, and how often it has failed.
        """
        trigger, items = self.config["triggers"][at], dict(zip(ids, payload["items"]))
        left = self._resume.pop((at, ids[0]), None) if payload["retry_count"] else None
        left = left or [(ids, 0)]
        while left:
            part, failures = left.pop(0)
            chunk = {**payload, "items": [items[it] for it in part], "retry_count": failures}
            for it in self._expire(trigger, chunk):
                await self._give_up(trigger, it, "it is too old", context)
            if not chunk["items"]:
                continue
            records = to_portable(self.config, chunk)["records"]
            last = failures >= trigger.get("retry", float("inf"))
            async with self._turn(at):
                outcome = await self._call(chunk, context, self._margin_ms() if last and len(records) == 1 else 0)
            failed = portable.batch_answer(outcome, [it["id"] for it in records])
            if not failed:
                continue
            rest = records[next(n for n, it in enumerate(records) if it["id"] in failed):]
            middle = (len(rest) + 1) // 2
            if len(rest) > 1:
                left[:0] = [([it["id"] for it in half], failures) for half in (rest[:middle], rest[middle:])]
                continue
            why = str(outcome) if isinstance(outcome, Exception) else "the handler reports a failure"
            if last:
                await self._give_up(trigger, rest[0], why, context)
            else:
                left.insert(0, ([rest[0]["id"]], failures + 1))
            if left:
                self._resume[at, ids[0]] = left
                raise Failed(why)

    def _expire(self, trigger, payload):
        """Takes the items out of a payload that are older than they may be; returns their records."""
        age = trigger.get("max_age_ms")
        if age is None:
            return []
        since = portable.timestamp(_now_ms() - age)
        made = list(zip(payload["items"], to_portable(self.config, payload)["records"]))
        payload["items"] = [item for item, it in made if it["time"] >= since]
        return [it for _, it in made if it["time"] < since]

    async def _give_up(self, trigger, record, why, context):
        """Parks a record after its last attempt, or drops it where nothing parks."""
        if "park" in trigger:
            members = {name: record[name] for name in ("source", "key", "sequence", "shard") if record.get(name)}
            attributes = {**record["attributes"], **members, "function": self.config["function"],
                          "attempts": str(record["attempt"]), "error": why}
            await self._park(trigger["park"], record, attributes)
        done = f"parked in `{trigger['park']}`" if "park" in trigger else "dropped"
        error = Failed(f"{record['id']} of `{record['source']}` is {done} after {record['attempt']} attempts: {why}")
        portable.log_error(error, context.invocation_id, self.config["function"])

    async def _park(self, queue, record, attributes):
        kind = "application/json" if record["data"] is not None else "text/plain; charset=utf-8"
        is_base64 = record.get("base64", False)
        message = {"body": record["body"], "content_type": "application/octet-stream" if is_base64 else kind,
                   "base64": is_base64, "attributes": attributes, "delay_ms": 0, "group": record.get("key"), "type": None}
        await asyncio.get_running_loop().run_in_executor(None, self._clients.send, queue, "send", message)

    def _turn(self, at):
        """An instance gets a batch of each of its partitions at once; so many of them run as the program says."""
        if at not in self._turns:
            self._turns[at] = asyncio.Semaphore(self.config["concurrency"])
        return self._turns[at]

    def _margin_ms(self):
        """The last attempt ends a little early, so that there is time left to park what it leaves."""
        return min(2000, self.config["timeout_ms"] // 5)

    async def _call(self, payload, azure, margin_ms=0):
        """Returns what the handler returned, or the exception it raised."""
        limit_ms = self.config["timeout_ms"]
        deadline_ms = _now_ms() + limit_ms - margin_ms
        context = portable.Context(self.config, azure.invocation_id, deadline_ms, self._clients.send, self._clients)
        try:
            refused = await self._show(payload)
            event = to_portable(self.config, payload)
            refused = refused or portable.refusal(self.config, event, secret_key)
            if refused:
                return refused
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

    async def _show(self, payload):
        """Puts the claims of a caller's token into the payload; returns what to answer a caller without a good one."""
        wanted = self._trigger(payload["at"]).get("jwt")
        if wanted is None:
            return None
        try:
            loop = asyncio.get_running_loop()
            payload["auth"] = await loop.run_in_executor(None, token.claims_of, wanted, payload["headers"])
        except token.Refused:
            return token.UNAUTHORIZED
        return None

    async def _run(self, handler, event, context):
        if inspect.iscoroutinefunction(handler):
            return await portable.call_async(handler, event, context)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, portable.call, handler, event, context)

    def _trigger(self, at):
        """Returns what is known of a trigger; a function without any is called by its name."""
        return next(iter(self.config["triggers"][at:]), {})

    def _load(self):
        with self._lock:
            self._handler = self._handler or portable.load_for(self.config, ROOT)
        return self._handler


def secret_key(secret):
    """Returns the value of the secret that a route asks for; None where Azure gave none.

    A reference to Key Vault that Azure couldn't follow is handed on as it is, and nobody may call with that.
    """
    value = os.environ.get(f"FNC_KEY_{secret.upper()}", "")
    return None if value.startswith("@Microsoft.KeyVault(") else value


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
