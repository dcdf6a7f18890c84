#!/usr/bin/env python3
"""Runs the executable of one function app as the Functions host does: custom.py APP_FOLDER REPORT

Microsoft's worker for functions described by `function.json` loads each of them, with a stand-in in place of a script: it holds the
bindings against its own tables and turns the data of an event into Azure's types. The stand-in passes those on to the executable, as
requests ("Azure Functions custom handlers"). The report is JSON: what was loaded, and what the executable answered.
"""

import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import events
from worker import Message, ParameterBinding, Protocol, StatusResult, failure, typed

KINDS = {
    "httpTrigger": "func.HttpRequest", "serviceBusTrigger": "func.ServiceBusMessage",
    "eventHubTrigger": "typing.List[func.EventHubEvent]", "timerTrigger": "func.TimerRequest",
}
STAND_IN = """import sys
import typing
import azure.functions as func

async def main({name}: {kind}{out}, context: func.Context) -> None:
    sys.modules["__main__"].EXECUTABLE.pass_on("{function}", "{name}", {name}, context.invocation_id{given})
"""
DIRECTIONS = {"in": 0, "out": 1, "inout": 2}
STARTS_WITHIN_S = 20


class Executable:
    """The process, and the requests that it is asked with."""

    def __init__(self, folder, values):
        handler = json.loads((folder / "host.json").read_text("utf-8"))["customHandler"]
        self.forwarded = handler["enableProxyingHttpRequest"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {"PATH": os.environ["PATH"], **values, "FUNCTIONS_CUSTOMHANDLER_PORT": str(self.port)}
        command = [str(folder / handler["description"]["defaultExecutablePath"])]
        self.process = subprocess.Popen(command, cwd=folder, env=env)
        self.last = None
        by = time.monotonic() + STARTS_WITHIN_S
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > by:
                raise RuntimeError(f"nothing listens at the port: {command} gave {self.process.poll()}")
            time.sleep(0.02)

    def _listens(self):
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, method, path, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def pass_on(self, function, name, value, invocation, out=None):
        """Asks with one event, decoded by Microsoft's worker; an answer that isn't a 2xx is a failed call."""
        import azure.functions as func

        told = {"X-Azure-Functions-InvocationId": invocation}
        if self.forwarded:
            url = urlsplit(value.url)
            path = url.path + (f"?{url.query}" if url.query else "")
            status, headers, body = self.ask(value.method, path, {**value.headers, **told}, value.get_body())
            self.last = {"status": status, "body": body.decode()}
            out.set(func.HttpResponse(body, status_code=status, headers=headers))
            return
        data, metadata = carried(value)
        metadata["sys"] = {"MethodName": function, "UtcNow": "2026-01-31T08:00:00Z", "RandGuid": events.ID}
        asked = json.dumps({"Data": {name: data}, "Metadata": metadata}).encode()
        status, _, body = self.ask("POST", f"/{function}", {"content-type": "application/json", **told}, asked)
        if not 200 <= status < 300:
            raise RuntimeError(f"answered {status}")
        answer = json.loads(body)
        self.last = {"outputs": answer["Outputs"], "value": answer["ReturnValue"]}
        if out is not None:
            made = answer["Outputs"]["res"]
            out.set(func.HttpResponse(made["body"], status_code=made["statusCode"], headers=made.get("headers")))


def carried(value):
    """Returns an event's data and its metadata as the host writes them: what isn't a request is JSON text."""
    kind = type(value[0] if isinstance(value, list) else value).__name__
    if "Http" in kind:
        url = urlsplit(value.url)
        return {"Url": value.url, "Method": value.method, "Query": dict(value.params), "Params": dict(value.route_params),
                "Headers": {name: [it] for name, it in value.headers.items()}, "Body": value.get_body().decode(), "Path": url.path}, {}
    if "ServiceBus" in kind:
        return json.dumps(value.get_body().decode()), {"MessageId": value.message_id, "DeliveryCount": value.delivery_count}
    if "EventHub" in kind:
        return json.dumps([it.get_body().decode() for it in value]), {"PartitionKeyArray": [it.partition_key for it in value]}
    return json.dumps({"IsPastDue": value.past_due, "ScheduleStatus": value.schedule_status}), {}


class Worker:
    """Microsoft's worker for functions described by `function.json`."""

    def __init__(self, folder, stand_ins):
        import azure_functions_runtime_v1 as runtime

        self.runtime, self.loop, self.stand_ins = runtime, asyncio.new_event_loop(), stand_ins
        self.properties = {"host": "127.0.0.1", "protos": Protocol}
        self._ask(runtime.worker_init_request, worker_init_request=Message(capabilities={}, function_app_directory=str(folder)))

    def _ask(self, question, **request):
        return self.loop.run_until_complete(question(Message(request=Message(**request), properties=self.properties)))

    def load(self, name, bindings):
        """Loads a function with a stand-in for its script; returns why it can't be."""
        trigger, *outs = bindings
        out, given = ("", "") if not outs else (f", {outs[0]['name']}: func.Out[func.HttpResponse]", f", {outs[0]['name']}")
        place = self.stand_ins / name
        place.mkdir()
        text = STAND_IN.format(name=trigger["name"], kind=KINDS[trigger["type"]], out=out, given=given, function=name)
        (place / "__init__.py").write_text(text, "utf-8")
        told = {it["name"]: Message(type=it["type"], direction=DIRECTIONS[it["direction"]], data_type=0) for it in bindings}
        metadata = Message(name=name, directory=str(place), script_file=str(place / "__init__.py"), entry_point="", bindings=told)
        answer = self._ask(self.runtime.function_load_request, function_load_request=Message(function_id=name, metadata=metadata))
        return failure(answer)

    def invoke(self, name, binding, call):
        """Invokes a function with a call of `events`; returns why that failed."""
        given = Message(
            invocation_id=call["id"], function_id=name, trace_context=Message(attributes={}),
            input_data=[ParameterBinding(name=binding["name"], data=typed(call["data"]))],
            trigger_metadata={key: typed(value) for key, value in call.get("metadata", {}).items()},
            retry_context=Message(retry_count=call.get("retry_count", 0), max_retry_count=0),
        )
        answer = self._ask(self.runtime.invocation_request, invocation_request=given)
        assert answer.result.status in (StatusResult.Success, StatusResult.Failure)
        return failure(answer)


def examine(folder, stand_ins):
    """Returns what was loaded and what came of calling each function once."""
    worker = Worker(folder, stand_ins)
    report = {"functions": {}, "forwarded": EXECUTABLE.forwarded, "sent": []}
    for file in sorted(folder.glob("*/function.json")):
        name, described = file.parent.name, json.loads(file.read_text("utf-8"))
        bindings, entry = described["bindings"], {}
        report["functions"][name] = entry
        entry.update(bindings=bindings, retry=described.get("retry"), error=None)
        try:
            entry["error"] = worker.load(name, bindings)
            call = events.call(bindings)
            EXECUTABLE.last = None
            entry["error"] = entry["error"] or worker.invoke(name, bindings[0], call)
            entry["answer"] = EXECUTABLE.last
        except Exception as error:
            entry["error"] = f"{type(error).__name__}: {error}"
    return report


if __name__ == "__main__":
    app, to = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    local = json.loads((app / "local.settings.json").read_text("utf-8"))["Values"]
    try:
        EXECUTABLE = Executable(app, local)
    except (KeyError, OSError, RuntimeError) as error:
        to.write_text(json.dumps({"error": f"the executable doesn't start: {error}"}), "utf-8")
        sys.exit()
    try:
        with tempfile.TemporaryDirectory() as parent:
            to.write_text(json.dumps(examine(app, Path(parent))), "utf-8")
    finally:
        EXECUTABLE.process.kill()
        EXECUTABLE.process.wait()
