"""The server of the images under load, as a process: `load.py [--planted]`.

Concurrency held by 200 requests, none of 200 lost on SIGTERM, bodies of 10 MB, events that are none, the CloudEvents SDK for
JavaScript, and what the router adds to a direct call, as ratios of the median and of the 99th hundredth.
"""

import http.client
import json
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from drive import HERE, LANGUAGES, attempt, equal, message, router, running

MEGABYTES_10 = 10 * 1024 * 1024
EVENT = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/s", "ce-type": "t", "content-type": "application/json"}


def concurrency(language, spoil):
    with running(language, spoil, timeout_ms=30_000) as server, ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda it: server.event(message({"sleep": 0.02}, id=f"e-{it}")), range(200)))
        equal(set(answers), {(204, b"")})
        at_once = [it["at_once"] for it in server.seen()]
        equal((len(at_once), max(at_once)), (200, 3))


def sigterm(language, spoil):
    """200 requests are with the server when it is told to stop in their middle; each is answered."""
    with running(language, spoil, timeout_ms=30_000, concurrency=10) as server:
        body, answers, sent = json.dumps({"sleep": 0.1}).encode(), [], threading.Barrier(201)

        def one(number):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            try:
                connection.request("POST", "/_fnc/queue/orders", body, {**EVENT, "ce-id": f"e-{number}"})
                sent.wait()
                answers.append(connection.getresponse().status)
            except OSError as error:
                answers.append(repr(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(it,)) for it in range(200)]
        for it in threads:
            it.start()
        sent.wait()
        while len(answers) < 40:
            time.sleep(0.01)
        assert len(answers) < 160, f"{len(answers)} were answered before the signal"
        server.process.send_signal(signal.SIGTERM)
        for it in threads:
            it.join()
        equal({it: answers.count(it) for it in set(answers)}, {204: 200})
        equal((server.process.wait(10), len(server.seen())), (0, 200))


def bodies(language, spoil):
    with running(language, spoil, timeout_ms=30_000, triggers=[
            {"kind": "http", "method": "PUT", "route": "/big"}, {"kind": "queue", "source": "orders", "fifo": False}]) as server:
        text = json.dumps("x" * (MEGABYTES_10 - 2)).encode()
        equal(len(text), MEGABYTES_10)
        equal(server.request("POST", "/_fnc/queue/orders", text, EVENT)[:2], (204, b""))
        equal(len(server.seen()[0]["records"][0]["body"]), MEGABYTES_10)
        with router(language, spoil, [{"method": "PUT", "route": "/big", "to": "one"}], {"one": server.port}) as front:
            for place in (server, front):
                status, body, _ = place.request("PUT", "/big", text, {"content-type": "application/json"}, 60)
                equal((status, len(json.loads(body)["request"]["body"])), (201, MEGABYTES_10))
                equal(place.request("PUT", "/big", text + b" ", {"content-type": "application/json"})[0], 413)


def nonsense(language, spoil):
    """Events that are none get 400, and the server goes on."""
    chance = random.Random(7)
    whole = json.dumps({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {"a": 1}})
    with running(language, spoil) as server:
        for number in range(300):
            headers, body = dict(EVENT), b"{}"
            if number % 3 == 0:
                headers.pop(chance.choice(["ce-specversion", "ce-id", "ce-source", "ce-type"]))
            elif number % 3 == 1:
                cut = chance.randrange(len(whole) - 1)
                headers, body = {"content-type": "application/cloudevents+json"}, whole[:cut].encode()
            else:
                name = chance.choice(["ce-specversion", "ce-time", "ce-fncattributes"])
                headers[name] = chance.choice(["", "x", "{", "[1", "99:99", "%00%ff", "\x7f"])
                if name == "ce-fncattributes" and not headers[name]:
                    headers[name] = "null,"
                if name == "ce-time" and not headers[name]:
                    headers[name] = "-"
            status, answer, _ = server.request("POST", "/_fnc/queue/orders", body, headers)
            equal((headers, body, status), (headers, body, 400))
            assert len(answer) < 500 and b"Traceback" not in answer, answer
        equal(server.event(message({"n": 1})), (204, b""))


def javascript_sdk(language, spoil):
    with running(language, spoil) as server:
        packages = Path(sys.prefix)
        done = subprocess.run(["node", HERE / "sdk.mjs", str(server.port), packages], capture_output=True, text=True, check=True)
        answers = [json.loads(it) for it in done.stdout.splitlines()]
        equal([it["status"] for it in answers], [204, 204, 500, 204] * 2)
        equal({it["body"] for it in answers}, {""})
        records = [it["records"][0] for it in server.seen()]
        for first, second, _, tick in (records[:4], records[4:]):
            equal((first["id"], first["data"]), ("js-1", {"total": 12, "who": "Zoë"}))
            equal((second["body"], second["data"]), ("plain text", None))
            equal(tick["input"], {"depth": 2})


def latency(language, spoil):
    """Prints what the router adds; it fails only where that is out of all proportion."""
    table = [{"method": "POST", "route": "/items/{id}", "to": "one"}]
    with running(language, spoil, timeout_ms=30_000) as one, router(language, spoil, table, {"one": one.port}) as front:
        direct, routed = [], []
        connections = [http.client.HTTPConnection("127.0.0.1", it.port, timeout=20) for it in (one, front)]
        for _ in range(600):
            for connection, times in zip(connections, (direct, routed)):
                begun = time.perf_counter()
                connection.request("POST", "/items/7", b'{"n":1}', {"content-type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                times.append(time.perf_counter() - begun)
                equal(answer.status, 201)
        of = lambda times, part: sorted(times[100:])[int(len(times[100:]) * part)]  # noqa: E731: used right here
        ratios = [of(routed, it) / of(direct, it) for it in (0.5, 0.99)]
        print(f"     router, {language}: p50 {ratios[0]:.1f} times a direct call, p99 {ratios[1]:.1f} times")
        assert ratios[0] < 10, f"the router takes {ratios[0]:.1f} times as long as a direct call"


CHECKS = [concurrency, sigterm, bodies, nonsense, javascript_sdk, latency]

# Language, check, file, text, what takes its place.
FAULTS = [
    ("python", concurrency, "shim.py", 'self.workers = Workers(config.get("concurrency", 1)', "self.workers = Workers(9"),
    ("node", concurrency, "shim.mjs", "if (this.#free > 0)", "if (true)"),
    ("python", sigterm, "server.py", "while self._busy and time.monotonic() < end:", "while False:"),
    ("node", sigterm, "server.mjs", "if (state.busy === 0) end();\n    setTimeout", "end();\n    setTimeout"),
    ("python", bodies, "server.py", "MAX_BODY = 10 * 1024 * 1024", "MAX_BODY = 10 * 1024 * 1024 - 1"),
    ("node", bodies, "server.mjs", "MAX_BODY = 10 * 1024 * 1024", "MAX_BODY = 10_000_000"),
    ("node", nonsense, "shim.mjs", "throw new Refused(400, `this is no CloudEvent", "throw new Refused(500, `this is no CloudEvent"),
    ("python", javascript_sdk, "shim.py", 'kind == "application/cloudevents+json"', 'kind == "application/json"'),
]


def main(arguments):
    problems, done = [], 0
    if arguments == ["--planted"]:
        for language, check, *spoil in FAULTS:
            done += 1
            if attempt(language, check, spoil) is None:
                problems.append(f"{check.__name__} let pass in {language}: {spoil[0]}: `{spoil[2]}`")
        summary = f"{done} planted faults of the server under load, each caught by its check"
    else:
        for language in LANGUAGES:
            for check in CHECKS:
                done += 1
                fault = attempt(language, check, None)
                if fault is not None:
                    problems.append(f"{check.__name__} in {language}: {fault}")
        summary = f"{done} checks of the image's server under load, Python and Node"
    for problem in problems:
        print(problem)
    print(f"knative load: {'FAILED' if problems else 'ok'}: {summary}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
