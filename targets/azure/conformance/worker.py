#!/usr/bin/env python3
"""Runs one Python function app under Microsoft's own Python worker: worker.py APP_FOLDER REPORT

The worker library indexes `function_app.py` as Azure does, and each function is invoked once with the data that the
Functions host would send. The report is JSON: what was indexed, what came of each call, what was sent. With
`--vectors` in place of a folder, the golden vectors go through the worker instead.
"""

import asyncio
import base64
import json
import os
import sys
import tempfile
from pathlib import Path

import callers
import events
import storage
import tables
from app import trigger_of

HERE = Path(__file__).resolve().parent
TARGETS = HERE.parents[1]


# --- What the worker and the host say to each other ---------------------------------------------


class Message:
    """Stands in for a message of the worker's protocol: any member may be set; one that isn't is None."""

    def __init__(self, **members):
        self.__dict__.update(members)

    def __getattr__(self, name):
        if name.startswith("__") or name == "TypedData":
            raise AttributeError(name)
        return None


class TypedData(Message):
    """One value with its kind: TypedData(json="…")."""

    def WhichOneof(self, _group):
        return next(iter(self.__dict__), None)


class ParameterBinding(Message):
    def WhichOneof(self, _group):
        return "data"


class StatusResult(Message):
    Failure, Success, Cancelled = range(3)


class BindingInfo(Message):
    undefined, string, binary, stream = range(4)
    out, inout = 1, 2


setattr(BindingInfo, "in", 0)

PLAIN = """WorkerInitResponse WorkerMetadata RpcFunctionMetadata RpcRetryOptions FunctionMetadataResponse
    FunctionLoadResponse InvocationResponse RpcException RpcHttp RpcHttpCookie NullableString NullableBool
    NullableDouble NullableTimestamp""".split()


class SameSite:
    """What a cookie may say of other sites; 0 is that it says nothing."""

    Lax, Strict, ExplicitNone = 1, 2, 3


setattr(SameSite, "None", 0)


class Protocol:
    """The module of message types that the worker asks for."""


for name in PLAIN:
    setattr(Protocol, name, type(name, (Message,), {}))
Protocol.RpcHttpCookie.SameSite = SameSite
for kind in (TypedData, ParameterBinding, StatusResult, BindingInfo):
    setattr(Protocol, kind.__name__, kind)


# --- The worker ---------------------------------------------------------------------------------


class Worker:
    """Microsoft's worker with one function app."""

    def __init__(self, folder):
        sys.path.insert(0, str(folder))
        os.chdir(folder)
        import azure_functions_runtime as runtime

        self.runtime = runtime
        self.loop = asyncio.new_event_loop()
        self.properties = {"host": "127.0.0.1", "protos": Protocol}
        asked = Message(worker_init_request=Message(capabilities={}, function_app_directory=str(folder)))
        answer = self._ask(runtime.worker_init_request, asked)
        if answer.result.status != StatusResult.Success:
            raise RuntimeError(answer.result.exception.message)
        found = self._ask(runtime.functions_metadata_request, Message())
        self.functions = {it.name: it for it in found.function_metadata_results or []}

    def _ask(self, question, request):
        return self.loop.run_until_complete(question(Message(request=request, properties=self.properties)))

    def bindings(self, name):
        """Returns the bindings of a function, as the host gets them."""
        return [json.loads(it) for it in self.functions[name].raw_bindings]

    def invoke(self, name, call):
        """Invokes a function with a call of `events`; returns the worker's answer."""
        trigger = next(it for it in self.bindings(name) if it["direction"] in (0, "IN", "in"))
        metadata = {key: typed(value) for key, value in call.get("metadata", {}).items()}
        invocation = Message(
            invocation_id=call["id"],
            function_id=self.functions[name].function_id,
            input_data=[ParameterBinding(name=trigger["name"], data=typed(call["data"]))],
            trigger_metadata=metadata,
            trace_context=Message(attributes={}),
            retry_context=Message(retry_count=call.get("retry_count", 0), max_retry_count=0),
        )
        return self._ask(self.runtime.invocation_request, Message(invocation_request=invocation))


def typed(value):
    """Returns data of `events` as the protocol carries it."""
    (kind, content), = value.items()
    if kind == "bytes":
        content = base64.b64decode(content)
    if kind == "collection_bytes":
        content = Message(bytes=[base64.b64decode(it) for it in content])
    if kind == "http":
        content = Protocol.RpcHttp(**{**content, "body": typed(content["body"])})
    return TypedData(**{kind: content})


def failure(answer):
    """Returns why an invocation failed, or None."""
    result = answer.result
    return None if result.status == StatusResult.Success else result.exception.message


def http_answer(answer):
    """Returns the HTTP answer of an invocation as plain data."""
    http = answer.return_value.http
    return {
        "status": int(http.status_code),
        "headers": dict(http.headers),
        "cookies": [cookie_text(it) for it in http.cookies or []],
        "body": base64.b64encode(http.body.bytes or b"").decode("ascii"),
    }


def cookie_text(cookie):
    """Returns a cookie of the protocol as the line that App Service makes of it."""
    text = f"{cookie.name}={cookie.value}"
    for label, member in (("Max-Age", cookie.max_age), ("Path", cookie.path)):
        if member and member.value not in (None, ""):
            text += f"; {label}={member.value:g}" if label == "Max-Age" else f"; {label}={member.value}"
    return text + ("; HttpOnly" if cookie.http_only and cookie.http_only.value else "")


def record_sent():
    """Keeps what is sent instead of sending it; everything up to the network is the library's own."""
    from azure import eventgrid, eventhub, servicebus
    from azure.core.messaging import CloudEvent

    sent = []

    def send_batch(producer, events, partition_key=None, **_options):
        for it in events:
            assert isinstance(it, eventhub.EventData), it
            body = base64.b64encode(b"".join(it.body)).decode("ascii")
            sent.append({"to": producer.eventhub_name, "kind": "stream", "body": body, "key": partition_key,
                         "content_type": it.content_type})

    def send_event(publisher, event, **_options):
        assert isinstance(event, CloudEvent), event
        data = {"data": event.data}
        if isinstance(event.data, bytes):
            data = {"data_base64": base64.b64encode(event.data).decode("ascii")}
        sent.append({"to": event.source, "kind": "event", "type": event.type, "subject": event.subject,
                     "content_type": event.datacontenttype, "extensions": event.extensions or {}, **data})

    eventgrid.EventGridPublisherClient.send = send_event
    eventhub.EventHubProducerClient.send_batch = send_batch

    def send_messages(sender, message, **_options):
        assert isinstance(message, servicebus.ServiceBusMessage), message
        body = b"".join(message.body)
        sent.append({"to": sender.entity_name, "kind": "message", "body": base64.b64encode(body).decode("ascii"), "id": message.message_id,
                     "properties": dict(message.application_properties or {}), "session": message.session_id})

    servicebus.ServiceBusSender.send_messages = send_messages
    return sent


def buses(config):
    """Returns settings that say where buses are: there is no emulator, and nothing goes there."""
    named = [name for it in config.values() for name, kind in it["kinds"].items() if kind == "bus"]
    made = {f"FNC_BUS_{it.upper()}": f"https://{it.replace('_', '-')}.example.net/api/events" for it in named}
    return {**made, "AzureWebJobsStorage__clientId": "conformance"} if made else {}


RETRIES = 6


# --- One function app ---------------------------------------------------------------------------


def examine(folder):
    """Returns what was indexed and what came of calling each function once."""
    values = json.loads((folder / "local.settings.json").read_text("utf-8"))["Values"]
    os.environ.update({name: value or events.KEY for name, value in tables.here(storage.here(values)).items()})
    config = json.loads((folder / "_fnc" / "functions.json").read_text("utf-8"))
    os.environ.update(buses(config))
    try:
        worker = Worker(folder)
    except Exception as error:
        return {"error": f"indexing: {error}"}
    sent = record_sent()
    sys.modules["_fnc.token"].fetch_json = lambda url: callers.PUBLISHED[url]
    config = json.loads((folder / "_fnc" / "functions.json").read_text("utf-8"))
    report = {"functions": {}, "sent": sent}
    for name, function in worker.functions.items():
        bindings = worker.bindings(name)
        retry = function.retry_options
        entry = {"bindings": bindings, "retry": retry and {
            "strategy": str(retry.retry_strategy), "count": retry.max_retry_count}}
        report["functions"][name] = entry
        try:
            call = callers.good(trigger_of(config, name), events.call(bindings, events.pushed(config, name)))
            answer = worker.invoke(name, call)
            # What fails in part is given again, as the host does.
            for attempt in range(1, RETRIES) if trigger_of(config, name).get("split") else ():
                if failure(answer):
                    answer = worker.invoke(name, {**call, "retry_count": attempt})
            entry["error"] = failure(answer)
            if entry["error"] is None and "http" in call["data"]:
                entry["http"] = http_answer(answer)
                probes = callers.probes(trigger_of(config, name), call)
                entry["probes"] = {it: http_answer(worker.invoke(name, probe)) for it, probe in probes.items()}
        except Exception as error:
            entry["error"] = f"{type(error).__name__}: {error}"
    return report


# --- The golden vectors -------------------------------------------------------------------------

APP = '''
from typing import List

import azure.functions as func
from _fnc.shim import Function
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.function_name("http")
@app.route(route="{*any}")
async def http(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await Function("case").http(0, req, context)

@app.function_name("message")
@app.service_bus_queue_trigger(arg_name="message", connection="C", queue_name="q", data_type=func.DataType.BINARY)
async def message(message: func.ServiceBusMessage, context: func.Context) -> None:
    await Function("case").message(0, message, context)

@app.function_name("stream")
@app.event_hub_message_trigger(arg_name="events", connection="C", event_hub_name="h", consumer_group="g",
                               data_type=func.DataType.BINARY, cardinality=func.Cardinality.MANY)
async def stream(events: List[func.EventHubEvent], context: func.Context) -> None:
    await Function("case").stream(0, events, context)

@app.function_name("table")
@app.cosmos_db_trigger(arg_name="items", connection="C", database_name="d", container_name="c")
async def table(items: func.DocumentList, context: func.Context) -> None:
    await Function("case").table(0, items, context)

@app.function_name("timer")
@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *")
async def timer(timer: func.TimerRequest, context: func.Context) -> None:
    await Function("case").timer(0, timer, context)
'''
STUB = '''
seen, outcome = [], None

def handle(event, context):
    seen.append(event)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
'''


class ThroughWorker:
    """What the vectors' runner asks of a shim, by way of the worker."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="fnc-azure-"))
        package = self.folder / "_fnc"
        package.mkdir()
        for file in (*(TARGETS / "common").glob("*.py"), *(TARGETS / "azure").glob("*.py")):
            (package / file.name).write_bytes(file.read_bytes())
        (package / "__init__.py").touch()
        (self.folder / "function_app.py").write_text(APP, "utf-8")
        (self.folder / "stub.py").write_text(STUB, "utf-8")
        self.worker = Worker(self.folder)
        from _fnc import portable, shim

        self.shim = shim
        self.load = portable.load

    def to_portable(self, config, payload):
        self._call(config, payload, None, "id")
        return sys.modules["stub"].seen[-1]

    def to_answer(self, config, payload, outcome, request_id):
        answer = self._call(config, payload, outcome, request_id)
        why = failure(answer)
        if why is not None:
            raise RuntimeError(why.removeprefix("Failed: "))
        if payload["trigger"] != "http":
            return None
        got = http_answer(answer)
        text, is_base64 = events.text(base64.b64decode(got["body"]))
        got["body"] = {"base64": got["body"]} if is_base64 else text
        # Over HTTP no body and an empty one are the same, and Azure's library gives an answer without a kind one.
        want = self.shim.to_answer(config, payload, outcome, request_id)
        if want["body"] is None and got["body"] == "":
            got["body"] = None
        if "content-type" not in want["headers"] and got["headers"].get("content-type", "").startswith("text/plain"):
            del got["headers"]["content-type"]
        if isinstance(want["body"], dict) and isinstance(got["body"], str):
            got["body"] = {"base64": base64.b64encode(got["body"].encode()).decode()}
        return got

    def _call(self, config, payload, outcome, request_id):
        whole = {**config, "handler": "stub.py:handle", "host_timeout_ms": config["timeout_ms"],
                 "concurrency": 1, "resources": {}}
        (self.folder / "_fnc" / "functions.json").write_text(json.dumps({"case": whole}), "utf-8")
        self.load("stub.py:handle", self.folder)
        sys.modules["stub"].outcome = outcome
        call = events.of_payload(payload)
        call["id"] = request_id if request_id != "id" else payload.get("id", "id")
        return self.worker.invoke(payload["trigger"], call)


def vectors():
    """Returns how many checks of the vectors were made, and where the worker differs."""
    sys.path.insert(0, str(TARGETS / "vectors"))
    import run

    checks, differences = run.run("azure", ThroughWorker())
    return {"checks": checks, "differences": differences}


if __name__ == "__main__":
    what, report = sys.argv[1:]
    report = Path(report).resolve()
    made = vectors() if what == "--vectors" else examine(Path(what).resolve())
    report.write_text(json.dumps(made), "utf-8")
