"""Runs the server of the images as a process and drives it with the CloudEvents SDK: `drive.py [--planted]`.

The files lie as in an image: the shim in the packages' folder, the handlers in the working folder. `--planted` spoils the
server in several ways, each of which must be caught by the check that it is meant for.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cloudevents.core.bindings import http as binding
from cloudevents.core.v1.event import CloudEvent

HERE = Path(__file__).resolve().parent
TARGETS = HERE.parents[1]
LANGUAGES = {"python": ("py", [sys.executable, "-P", "-m", "_fnc.shim"]), "node": ("mjs", ["node"])}
CONFIG = {
    "app": "shop", "stage": "dev", "function": "work", "timeout_ms": 1500, "concurrency": 3,
    "can": {"send": ["jobs", "steps"], "publish": ["news"]},
    "resources": {"jobs": {"fifo": False, "max_size": 1000}, "steps": {"fifo": True, "max_size": 1000}},
    "triggers": [
        {"kind": "http", "method": "POST", "route": "/items/{id}"},
        {"kind": "queue", "source": "orders", "fifo": False},
        {"kind": "schedule", "cron": "0 3 * * *", "zone": "UTC"},
    ],
}


# --- The server as a process ----------------------------------------------------------------------


class Server:
    """A running shim; `seen` holds what the handler noted down."""

    def __init__(self, language, folder, env, files=None, source=HERE):
        suffix, command = LANGUAGES[language]
        self.notes = folder / "notes.jsonl"
        self.notes.touch()
        app = folder / "app"
        app.mkdir()
        for name in files or [f"handler.{suffix}"]:
            shutil.copy(source / name, app)
        if language == "node":
            command = [*command, str(folder / "_fnc" / "shim.mjs")]
        self.port = free_port()
        environment = {**os.environ, "PORT": str(self.port), "PYTHONPATH": str(folder), "NOTES": str(self.notes), **env}
        self.log = open(folder / "log.txt", "w+b")
        self.process = subprocess.Popen(command, cwd=app, env=environment, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if self.request("GET", "/_fnc/ready")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the server doesn't start: {self.told()}")

    def request(self, method, path, body=None, headers=None, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def exchange(self, method, path, body=None, headers=None):
        """Returns status, all headers as pairs, and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def event(self, event, mode=binding.to_binary_event, path="/_fnc/queue/orders"):
        message = mode(event)
        return self.request("POST", path, message.body, dict(message.headers))[:2]

    def seen(self):
        return [json.loads(line) for line in self.notes.read_text("utf-8").splitlines()]

    def raw(self, data, timeout=10):
        """Sends bytes as they are and returns what comes back until the server closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(data)
            got = b""
            try:
                while chunk := connection.recv(65536):
                    got += chunk
            except (TimeoutError, ConnectionError):
                pass
            return got

    def told(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare(language, folder, spoil):
    suffix, _ = LANGUAGES[language]
    package = folder / "_fnc"
    package.mkdir(parents=True)
    for part in ("common", "knative"):
        for name in (TARGETS / part).glob(f"*.{suffix}"):
            shutil.copy(name, package)
    if language == "node":
        # What an image installs lies where the shim finds it too.
        (folder / "node_modules").symlink_to(Path(sys.prefix) / "node_modules")
    if spoil:
        file, text, instead = spoil
        before = (package / file).read_text("utf-8")
        assert text in before, f"{file} holds no `{text}` to spoil"
        (package / file).write_text(before.replace(text, instead), "utf-8")


@contextmanager
def running(language, spoil=None, env=None, **changes):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "image"
        prepare(language, folder, spoil)
        config = {**CONFIG, "handler": f"handler.{LANGUAGES[language][0]}:handle", **changes}
        server = Server(language, folder, {"FNC_CONFIG": json.dumps(config), **(env or {})})
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def sink(answers):
    """An HTTP server that keeps what it gets and answers with the next of `answers`, or the last one."""
    got = []

    class Sink(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, dict(self.headers.items()), body))
            self.send_response(answers[min(len(got), len(answers)) - 1])
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


def message(data, **attributes):
    """Returns a CloudEvent of the SDK."""
    return CloudEvent({"id": "e-1", "source": "/shop/checkout", "type": "fnc.queue.message", "specversion": "1.0",
                       "datacontenttype": "application/json", **attributes}, data)


def equal(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


# --- Checks ---------------------------------------------------------------------------------------


def binary_mode(language, spoil):
    with running(language, spoil) as server:
        attributes = {"name": "Zoë \"q\" 100%", "kind": "vip"}
        event = message({"total": 12}, fncattributes=json.dumps(attributes, ensure_ascii=False), partitionkey="7")
        equal(server.event(event), (204, b""))
        record, = server.seen()[0]["records"]
        equal((record["id"], record["data"], record["attributes"]), ("e-1", {"total": 12}, attributes))
        equal(server.event(CloudEvent({"id": "e-2", "source": "/s", "type": "t", "specversion": "1.0"}, None)), (204, b""))
        equal(server.seen()[1]["records"][0]["body"], "")
        text = json.dumps({"long": "x" * 1_000_000})
        headers = {"ce-specversion": "1.0", "ce-id": "e-3", "ce-source": "/s", "ce-type": "t", "content-type": "application/json"}
        equal(server.request("POST", "/_fnc/queue/orders", text, headers)[:2], (204, b""))
        equal(len(server.seen()[2]["records"][0]["body"]), len(text))


def structured_mode(language, spoil):
    with running(language, spoil) as server:
        equal(server.event(message({"who": "Zoë"}), binding.to_structured_event), (204, b""))
        equal(server.seen()[0]["records"][0]["data"], {"who": "Zoë"})
        raw = CloudEvent({"id": "e-2", "source": "/s", "type": "t", "specversion": "1.0",
                          "datacontenttype": "application/octet-stream"}, b"\xff\x00\x01\xfe")
        equal(server.event(raw, binding.to_structured_event), (204, b""))
        record = server.seen()[1]["records"][0]
        equal((record["body"], record["base64"]), ("/wAB/g==", True))


def schedules(language, spoil):
    with running(language, spoil) as server:
        tick = CloudEvent({"id": "e-1", "source": "/apis/v1/namespaces/a/pingsources/b", "specversion": "1.0",
                           "type": "dev.knative.sources.ping", "datacontenttype": "application/json"}, {"depth": 2})
        equal(server.event(tick, path="/_fnc/schedule"), (204, b""))
        record = server.seen()[0]["records"][0]
        equal((record["type"], record["input"], record["scheduled"][16:]), ("fnc.schedule.tick", {"depth": 2}, ":00.000Z"))


def failures(language, spoil):
    with running(language, spoil) as server:
        equal(server.event(message({"fail": True})), (500, b""))
        assert "that failed" in server.told(), "the trace isn't in the log"
        bare = {"ce-specversion": "1.0", "ce-source": "/s", "ce-type": "t"}
        faults = [bare, {**bare, "ce-id": "1", "ce-specversion": "0.3"}, {**bare, "ce-id": "1", "ce-time": "noon"},
                  {"content-type": "application/cloudevents+json"}, {"content-type": "application/cloudevents-batch+json"}]
        for headers in faults:
            equal((headers, server.request("POST", "/_fnc/queue/orders", "{", headers)[0]), (headers, 400))
        equal(server.event(message({}), path="/_fnc/queue/others")[0], 404)
        equal(server.request("GET", "/_fnc/queue/orders")[0], 405)
        status, body, headers = server.request("POST", "/items/7?fail=1", "{}")
        equal((status, list(json.loads(body))), (500, ["error", "request_id"]))


def plain_http(language, spoil):
    with running(language, spoil) as server:
        headers = {"content-type": "application/json", "x-forwarded-for": "192.0.2.1, 10.0.0.1", "x-forwarded-host": "shop.example.com"}
        status, body, answered = server.request("POST", "/items/a%20b?x=1&x=2", '{"n": 1}', headers)
        request = json.loads(body)["request"]
        answered = {name.lower(): value.encode("latin-1").decode("utf-8") for name, value in answered.items()}
        equal((status, answered["x-answer"], answered["set-cookie"]), (201, "ö", "a=1"))
        equal((request["params"], request["query_all"], request["data"]), ({"id": "a b"}, {"x": ["1", "2"]}, {"n": 1}))
        equal((request["client_ip"], request["headers"]["host"]), ("192.0.2.1", "shop.example.com"))
        equal(server.request("POST", "/nowhere", "{}")[0], 404)
        equal(server.request("GET", "/items/7")[0], 404)


def lambdas(language, spoil):
    changes = {"handler": f"handler.{LANGUAGES[language][0]}:moved", "contract": "lambda", "memory_mb": 256, "region": "knative"}
    with running(language, spoil, **changes) as server:
        equal(server.event(message({"n": 1}, fncattributes='{"kind":"vip"}')), (204, b""))
        seen = server.seen()[0]
        record, = seen["Records"]
        equal((record["messageId"], json.loads(record["body"]), record["eventSource"]), ("e-1", {"n": 1}, "aws:sqs"))
        equal((record["messageAttributes"]["kind"]["stringValue"], seen["context"]), ("vip", ["work", "256"]))
        equal(server.event(message({"fail": True})), (500, b""))
        status, body, headers = server.request("POST", "/items/7?x=1", '{"n": 1}', {"content-type": "application/json"})
        event = json.loads(body)
        equal((status, headers["x-answer"], event["pathParameters"], event["rawQueryString"]), (201, "POST /items/{id}", {"id": "7"}, "x=1"))


def connections(language, spoil):
    with running(language, spoil) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        for number in range(3):
            chunks = iter([b'{"n":', str(number).encode(), b"}"])
            connection.request("POST", "/items/7", chunks, {"content-type": "application/json"}, encode_chunked=True)
            answer = connection.getresponse()
            equal(json.loads(answer.read())["request"]["data"], {"n": number})
        one = connection.sock
        connection.request("GET", "/_fnc/live")
        connection.getresponse().read()
        assert one is connection.sock, "the connection wasn't kept"
        connection.close()
        two = b"GET /_fnc/live HTTP/1.1\r\nHost: a\r\n\r\nGET /_fnc/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        equal(server.raw(two).count(b"HTTP/1.1 200"), 2)
        continued = b"POST /items/7 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        answered = server.raw(continued)
        assert b" 100 Continue" in answered and b" 201 " in answered, answered


def limits(language, spoil):
    with running(language, spoil) as server:
        status = lambda data: int((server.raw(data, 5) or b"HTTP/1.1 0").split()[1])
        post = b"POST /items/7 HTTP/1.1\r\nHost: a\r\n"
        equal(status(post + b"Content-Length: 20000000\r\n\r\n"), 413)
        equal(status(post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 400)
        equal(status(post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"), 400)
        equal(status(post + b"Content-Length: -1\r\n\r\n"), 400)
        equal(status(post + b"Transfer-Encoding: chunked\r\n\r\nxx\r\n{}\r\n0\r\n\r\n"), 400)
        assert status(post + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n") in (400, 431)
        equal(status(b"nonsense\r\n\r\n"), 400)
        many = 11 * [b"100000\r\n" + b"x" * 0x100000 + b"\r\n"]
        equal(status(post + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(many)), 413)
        equal(server.request("GET", "/_fnc/ready")[0], 200)


def concurrency(language, spoil):
    with running(language, spoil) as server, ThreadPoolExecutor(12) as pool:
        events = [message({"sleep": 0.3}, id=f"e-{number}") for number in range(9)]
        begun = time.monotonic()
        equal({answer[0] for answer in pool.map(server.event, events)}, {204})
        took = time.monotonic() - begun
        equal(max(it["at_once"] for it in server.seen()), 3)
        assert took > 0.85, f"9 events of 0.3 s, 3 at once, took {took:.2f} s"


def timeouts(language, spoil):
    with running(language, spoil, timeout_ms=500, concurrency=1) as server:
        begun = time.monotonic()
        equal(server.event(message({"sleep": 2})), (500, b""))
        assert 0.4 < time.monotonic() - begun < 1.5, "the timeout wasn't kept"
        equal(server.request("GET", "/_fnc/ready")[0], 503)
        equal(server.event(message({}))[0], 503)
        equal(server.request("GET", "/_fnc/live")[0], 200)
        time.sleep(2)
        equal(server.event(message({})), (204, b""))
        # One that doesn't come back costs the instance.
        equal(server.event(message({"sleep": 60})), (500, b""))
        equal(server.process.wait(15), 1)


def sigterm(language, spoil):
    with running(language, spoil) as server, ThreadPoolExecutor(4) as pool:
        idle = socket.create_connection(("127.0.0.1", server.port))
        running_now = [pool.submit(server.event, message({"sleep": 0.8}, id=f"e-{it}")) for it in range(3)]
        time.sleep(0.3)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        try:
            refused = server.request("GET", "/_fnc/ready")[0] == 503
        except OSError:
            refused = True
        assert refused, "it still takes requests"
        equal([it.result() for it in running_now], [(204, b"")] * 3)
        equal(server.process.wait(5), 0)
        assert time.monotonic() - begun < 1.5, "it doesn't stop when all is done"
        idle.close()


def sends(language, spoil):
    with sink([503, 202]) as (address, got):
        env = {"FNC_QUEUE_JOBS": f"{address}/ns/jobs", "FNC_QUEUE_STEPS": f"{address}/steps", "FNC_TOPIC_NEWS": f"{address}/news"}
        with running(language, spoil, env=env, concurrency=1) as server:
            attributes = {"kind": "vip", "näme": "100% \"ö\" é"}
            equal(server.event(message({"send": ["jobs", {"n": 1}, attributes]})), (204, b""))
            equal(len(got), 2)
            equal(got[0][1]["ce-id"], got[1][1]["ce-id"])
            path, headers, body = got[1]
            event = binding.from_http_event(binding.HTTPMessage(headers, body))
            equal((path, event.get_type(), event.get_source()), ("/ns/jobs", "fnc.queue.message", "/fnc/shop/dev/work"))
            equal((event.get_data(), json.loads(event.get_extension("fncattributes"))), ({"n": 1}, attributes))
            equal(server.event(message({"send": ["steps", "text", {}, "group 7"]})), (204, b""))
            event = binding.from_http_event(binding.HTTPMessage(got[2][1], got[2][2]))
            equal((event.get_extension("partitionkey"), got[2][2]), ("group 7", b"text"))
            equal(server.event(message({"publish": ["news", {"n": 2}]})), (204, b""))
            equal((got[3][0], got[3][1]["ce-type"]), ("/news", "fnc.topic.message"))
            # What it sends it can take: the same headers and body go back in.
            equal(server.request("POST", "/_fnc/queue/orders", got[1][2], got[1][1])[0], 204)
            record = server.seen()[-1]["records"][0]
            equal((record["data"], record["attributes"]), ({"n": 1}, attributes))
            for fault in (["other", 1], ["jobs", "x" * 1001], ["jobs", 1, {"long": "x" * 7000}]):
                equal(server.event(message({"send": fault})), (500, b""))
            equal(server.event(message({"delay": ["jobs", 1]})), (500, b""))
            equal(len(got), 4)


def verbs(language, spoil):
    """Events of a bus, records of a stream and calls: out of a handler, and into one."""
    triggers = [{"kind": "queue", "source": "orders", "fifo": False}, {"kind": "event", "source": "shop", "type": "order.placed"},
                {"kind": "stream", "source": "clicks", "batch": 1}]
    can = {"publish": ["shop"], "write": ["clicks"], "invoke": ["other"]}
    kinds = {"shop": "bus", "clicks": "stream", "other": "function"}
    with running(language, spoil, function="other") as other, sink([202]) as (address, got):
        env = {"FNC_BUS_SHOP": f"{address}/ns/shop", "FNC_STREAM_CLICKS": f"{address}/ns/clicks",
               "FNC_FUNCTION_OTHER": f"http://127.0.0.1:{other.port}"}
        with running(language, spoil, env=env, triggers=triggers, can=can, kinds=kinds, resources={}) as server:
            equal(server.event(message({"event": ["shop", {"n": 1}, "order.placed", "Zoë 7%"]})), (204, b""))
            path, headers, body = got[0]
            event = binding.from_http_event(binding.HTTPMessage(headers, body))
            equal((path, event.get_type(), event.get_subject()), ("/ns/shop", "order.placed", "Zoë 7%"))
            equal(server.request("POST", "/_fnc/event/shop", body, headers)[0], 204)
            record = server.seen()[-1]["records"][0]
            equal((record["type"], record["subject"], record["data"]), ("order.placed", "Zoë 7%", {"n": 1}))
            equal(server.event(message({"event": ["shop", 1, None, None]})), (500, b""))
            equal(server.event(message({"write": ["clicks", "text", "user 7"]})), (204, b""))
            path, headers, body = got[1]
            equal((path, headers["ce-type"], headers["ce-partitionkey"]), ("/ns/clicks", "fnc.stream.record", "user%207"))
            equal(server.request("POST", "/_fnc/stream/clicks", body, headers)[0], 204)
            record = server.seen()[-1]["records"][0]
            equal([record[it] for it in ("key", "sequence", "shard", "body", "attributes")], ["user 7", None, None, "text", {}])
            plain = CloudEvent({"id": "partition:3/offset:41", "source": "/apis/v1/namespaces/ns/kafkasources/f-clicks#clicks",
                                "type": "dev.knative.kafka.event", "specversion": "1.0", "subject": "partition:3#41",
                                "datacontenttype": "application/json", "partitionkey": "k"}, {"n": 2})
            equal(server.event(plain, path="/_fnc/stream/clicks"), (204, b""))
            record = server.seen()[-1]["records"][0]
            equal([record[it] for it in ("key", "sequence", "shard", "data")], ["k", "41", "3", {"n": 2}])
            equal(server.event(message({"invoke": ["other", {"n": 3}]})), (204, b""))
            equal(other.seen()[-1]["records"][0]["data"], {"n": 3})
            equal(server.event(message({"invoke": ["other", {"fail": True}]})), (500, b""))
            equal(server.event(message({"invoke": ["work", 1]})), (500, b""))
            equal(server.request("POST", "/_fnc/event/another", body, headers)[0], 404)
            equal(len(got), 2)


def routes(language, spoil):
    table = [{"method": "POST", "route": "/items/{id}", "to": "one"}, {"method": "ANY", "route": "/{rest+}", "to": "two"},
             {"method": "GET", "route": "/items/{id}", "to": "two"}, {"method": "GET", "route": "/items/new", "to": "one"}]
    with running(language, spoil) as one, running(language, spoil, function="two", triggers=[
            {"kind": "http", "method": "ANY", "route": "/{rest+}"}]) as two:
        upstream = {"one": one.port, "two": two.port}
        with router(language, spoil, table, upstream) as front:
            status, body, headers = front.request("POST", "/items/7?a=b%20c", b'{"n":1}', {"host": "shop.example.com", "content-type": "application/json"})
            event = json.loads(body)
            equal((status, event["function"], event["request"]["query"]), (201, "work", {"a": "b c"}))
            equal((event["request"]["headers"]["host"], event["request"]["client_ip"]), ("shop.example.com", "127.0.0.1"))
            equal(json.loads(front.request("GET", "/items/7")[1])["function"], "two")
            equal(front.request("GET", "/items/new")[0], 404)
            equal(json.loads(front.request("DELETE", "/a/b/c")[1])["request"]["params"], {"rest": "a/b/c"})
            equal(front.request("HEAD", "/x")[:2], (201, b""))
            equal(front.request("POST", "/_fnc/queue/orders", "{}")[0], 404)
            chunks = iter([b"x" * 1000] * 3000)
            status, body, _ = front.request("PUT", "/big", chunks, {"content-type": "text/plain"})
            equal((status, len(json.loads(body)["request"]["body"])), (201, 3_000_000))
            equal(front.request("PUT", "/big", iter([b"x" * 1_000_000] * 11))[0], 413)
            two.stop()
            equal(front.request("GET", "/items/7")[0], 502)
            front.process.send_signal(signal.SIGTERM)
            equal(front.process.wait(5), 0)


def streams(language, spoil):
    """What a function answers bit by bit passes the router bit by bit; one that breaks off is broken off."""
    with socket.create_server(("127.0.0.1", 0)) as upstream, router(
            language, spoil, [{"method": "ANY", "route": "/{rest+}", "to": "slow"}], {"slow": upstream.getsockname()[1]}) as front:
        head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
        parts = [[head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", b"6\r\nsecond\r\n0\r\n\r\n"],
                 [head + b"Content-Length: 11\r\n\r\nfirst", b"second"], [head + b"Content-Length: 11\r\n\r\nfirst", b""]]
        go_on = threading.Event()

        def serve():
            for first, second in parts:
                try:
                    taken, _ = upstream.accept()
                except OSError:
                    return
                with taken:
                    taken.recv(65536)
                    taken.sendall(first)
                    go_on.wait(10)
                    go_on.clear()
                    taken.sendall(second)

        threading.Thread(target=serve, daemon=True).start()
        for number in range(3):
            connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=5)
            connection.request("GET", "/a")
            answer = connection.getresponse()
            equal(answer.headers.get_all("set-cookie"), ["a=1", "b=2"])
            equal(answer.read(5), b"first")
            go_on.set()
            try:
                equal((number, answer.read()), (number, b"second"))
                assert number < 2, "a short answer passed for a whole one"
            except http.client.IncompleteRead:
                equal(number, 2)
            connection.close()


@contextmanager
def router(language, spoil, table, upstream):
    """A router whose functions are at these ports."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "image"
        prepare(language, folder, spoil)
        # The address has one place for the name; the names here are the ports.
        named = [{**it, "to": str(upstream[it["to"]])} for it in table]
        env = {"FNC_ROUTES": json.dumps(named), "FNC_UPSTREAM": "http://127.0.0.1:{to}", "FNC_NAMESPACE": "shop-dev"}
        server = Server(language, folder, env)
        try:
            yield server
        finally:
            server.stop()


CHECKS = [binary_mode, structured_mode, schedules, failures, plain_http, lambdas, connections, limits, concurrency, timeouts,
          sigterm, sends, verbs, routes, streams]

# Language, check, file, text, what takes its place.
FAULTS = [
    ("python", binary_mode, "shim.py", '"status": 500 if failed else 204, "headers": [], "body": ""', '"status": 500 if failed else 200, "headers": [], "body": "ok"'),
    ("python", binary_mode, "shim.py", "return unquote(value)", "return value"),
    ("node", structured_mode, "shim.mjs", "'application/cloudevents+json'", "'application/json'"),
    ("python", failures, "shim.py", 'if found["specversion"] != "1.0":', "if False:"),
    ("node", failures, "shim.mjs", "failed.length ? 500 : 204", "204"),
    ("python", concurrency, "shim.py", 'self.workers = Workers(config.get("concurrency", 1)', "self.workers = Workers(9"),
    ("node", concurrency, "shim.mjs", "if (this.#free > 0)", "if (true)"),
    ("python", timeouts, "shim.py", "if job.done.wait(seconds):", "if job.done.wait(60):"),
    ("python", sigterm, "server.py", "while self._busy and time.monotonic() < end:", "while False:"),
    ("node", sigterm, "server.mjs", "if (state.busy === 0) end();\n    setTimeout", "end();\n    setTimeout"),
    ("node", sends, "shim.mjs", "encoded(String(message.group ?? 'default'))", "'default'"),
    ("python", verbs, "shim.py", "(place[2], place[1])", "(place[1], place[2])"),
    ("python", verbs, "shim.py", "if status != 200:", "if False:"),
    ("node", verbs, "shim.mjs", "headers['ce-partitionkey'] = encoded(message.key)", "headers['ce-key'] = encoded(message.key)"),
    ("node", verbs, "shim.mjs", "encoded(message.type ??", "encoded("),
    ("python", lambdas, "lambda_answer.py", "if known else list(ids.values())", "if False else []"),
    ("node", lambdas, "handler.mjs", "if (config.contract !== 'lambda')", "if (true)"),
    ("python", routes, "router.py", 'elif it.startswith("{")', "elif False"),
    ("python", streams, "router.py", "while chunk := answer.read1(65_536):", "while chunk := answer.read():"),
    ("node", limits, "server.mjs", "if (size > most) throw refused();", ""),
]


def main(arguments):
    problems, done = [], 0
    if arguments == ["--planted"]:
        for language, check, *spoil in FAULTS:
            done += 1
            if attempt(language, check, spoil) is None:
                problems.append(f"{check.__name__} let pass in {language}: {spoil[0]}: `{spoil[2]}`")
        summary = f"{done} planted faults, each caught by its check"
    else:
        for language in LANGUAGES:
            for check in CHECKS:
                done += 1
                fault = attempt(language, check, None)
                if fault is not None:
                    problems.append(f"{check.__name__} in {language}: {fault}")
        summary = f"{done} checks of the image's server, Python and Node, driven by the CloudEvents SDK"
    for problem in problems:
        print(problem)
    print(f"knative server: {'FAILED' if problems else 'ok'}: {summary}")
    return 1 if problems else 0


def attempt(language, check, spoil):
    """Returns what went wrong, else None."""
    try:
        check(language, spoil)
        return None
    except Exception as fault:
        line = fault.__traceback__
        while line.tb_next and line.tb_next.tb_frame.f_code.co_filename == __file__:
            line = line.tb_next
        return f"line {line.tb_lineno}: {type(fault).__name__}: {str(fault)[:600]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
