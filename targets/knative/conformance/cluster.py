"""Runs one scenario twice and compares: `cluster.py FNC PROGRAM [--planted]`.

Once in a cluster in miniature: the services of the rendered folder as processes with their images' entry points, and
this file in the part of Broker, Trigger, Channel and Subscription, which reads filters, retries, back-off and dead letters
from the rendered YAML and nowhere else. Once with `fnc run`. What was handled, how often it was tried and what is
parked must be the same. `--planted` spoils the YAML in several ways, each of which must show.

The program is `examples/relay`: http to a queue, to a topic, to two workers; one report can't be read and is parked.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

# The cluster's waits pass so much faster.
HASTE = 20
PATIENCE = 60
REPORTS = [
    {"readings": [20, 95]},
    {"readings": [1]},
    {"readings": [30, "broken"]},
    {"readings": []},
    {"readings": "none"},
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(url, body, headers):
    """Returns the status of a request and its answer."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE} s for {what}")
        time.sleep(0.05)


def logged(text):
    """Returns what handlers logged, without what differs from run to run: which message with which values."""
    made = []
    for line in text.splitlines():
        start = line.find("{")
        try:
            entry = json.loads(line[start:]) if start >= 0 else None
        except ValueError:
            continue
        if isinstance(entry, dict) and "message" in entry:
            kept = {key: entry[key] for key in ("message", "device", "value", "limit", "attempt") if key in entry}
            # Knative doesn't tell a subscriber which attempt it sees.
            kept.pop("attempt", None)
            made.append(json.dumps(kept, sort_keys=True))
    return sorted(made)


class Cluster:
    """The rendered objects, come to life."""

    def __init__(self, folder, work):
        self.objects = {}
        for file in sorted(folder.glob("[0-9]*.yaml")):
            for made in yaml.safe_load_all(file.read_text("utf-8")):
                self.objects[made["kind"], made["metadata"]["name"]] = made
        self.work, self.folder = work, folder
        self.processes, self.ports, self.logs = [], {}, []
        self.lock = threading.Lock()
        self.kept = {}
        self.open = 0
        self.calls = {}
        self.stopping = False

    def named(self, kind):
        return [it for (of, _), it in self.objects.items() if of == kind]

    def start(self):
        cluster = self

        class Ingress(BaseHTTPRequestHandler):
            """Where Brokers and Channels take events: the path ends with the name of one."""

            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                name = self.path.rstrip("/").rpartition("/")[2]
                known = ("Broker", name) in cluster.objects
                if known:
                    cluster.deliver(name, dict(self.headers.items()), body)
                self.send_response(202 if known else 404)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.ingress = ThreadingHTTPServer(("127.0.0.1", 0), Ingress)
        self.ingress.daemon_threads = True
        threading.Thread(target=self.ingress.serve_forever, daemon=True).start()
        services = self.named("Service")
        self.ports = {it["metadata"]["name"]: free_port() for it in services}
        for service in services:
            self.run(service)
        for name, port in self.ports.items():
            until(lambda port=port: self.ready(port), f"{name} to be ready")

    def ready(self, port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_fnc/ready", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def run(self, service):
        """Starts a service with the entry point of its image, and only with what its manifest says."""
        name = service["metadata"]["name"]
        [container] = service["spec"]["template"]["spec"]["containers"]
        image = self.folder / "images" / container["image"].rpartition("/")[2]
        root = self.work / name
        shutil.copytree(image / "app", root / "app")
        shutil.copytree(image / "_fnc", root / "_fnc")
        dockerfile = (image / "Dockerfile").read_text("utf-8")
        command = json.loads(re.search(r"^ENTRYPOINT (.*)$", dockerfile, re.MULTILINE)[1])
        command = [it.replace("/fnc/", f"{root}/_fnc/") for it in command]
        command[0] = {"python": sys.executable}.get(command[0], command[0])
        env = {"PATH": os.environ["PATH"], "PORT": str(self.ports[name]), "PYTHONPATH": str(root)}
        for variable in container["env"]:
            env[variable["name"]] = self.value(variable)
        env["FNC_UPSTREAM"] = "http://127.0.0.1:{to}"
        if "FNC_ROUTES" in env:
            routes = json.loads(env["FNC_ROUTES"])
            env["FNC_ROUTES"] = json.dumps([{**it, "to": str(self.ports[it["to"]])} for it in routes])
        log = open(self.work / f"{name}.log", "w+b")
        self.logs.append(log)
        self.processes.append(subprocess.Popen(command, cwd=root / "app", env=env, stdout=log, stderr=log))

    def value(self, variable):
        if "value" in variable:
            here = f"http://127.0.0.1:{self.ingress.server_port}"
            return re.sub(r"http://[a-z0-9.-]+\.svc\.cluster\.local", here, variable["value"])
        reference = variable["valueFrom"]["configMapKeyRef"]
        return self.objects["ConfigMap", reference["name"]]["data"][reference["key"]]

    def deliver(self, broker, headers, body):
        """Keeps an event and hands it to each Trigger of the Broker."""
        with self.lock:
            self.kept.setdefault(broker, []).append(body)
        attributes = {key.lower()[3:]: value for key, value in headers.items() if key.lower().startswith("ce-")}
        for trigger in self.named("Trigger"):
            spec = trigger["spec"]
            wanted = spec.get("filter", {}).get("attributes", {})
            if spec["broker"] != broker or any(attributes.get(key) != it for key, it in wanted.items()):
                continue
            with self.lock:
                self.open += 1
            threading.Thread(target=self.attempts, args=(trigger, headers, body), daemon=True).start()

    def attempts(self, trigger, headers, body):
        """Delivers an event as the Trigger's `delivery` says, and to its dead letters in the end."""
        spec, delivery = trigger["spec"], trigger["spec"].get("delivery", {})
        name = trigger["metadata"]["name"]
        service = spec["subscriber"]["ref"]["name"]
        url = f"http://127.0.0.1:{self.ports[service]}{spec['subscriber'].get('uri', '/')}"
        passed = {key: it for key, it in headers.items() if key.lower().startswith(("ce-", "content-type"))}
        delay = float(re.fullmatch(r"PT([0-9.]+)S", delivery.get("backoffDelay", "PT1S"))[1])
        try:
            for attempt in range(delivery.get("retry", 0) + 1):
                if attempt:
                    time.sleep(delay * 2**attempt / HASTE)
                with self.lock:
                    self.calls[name] = self.calls.get(name, 0) + 1
                try:
                    status, _ = post(url, body, passed)
                except OSError:
                    status = 503
                if status < 300:
                    return
            sink = delivery.get("deadLetterSink")
            if sink:
                self.deliver(sink["ref"]["name"], headers, body)
        finally:
            with self.lock:
                self.open -= 1

    def quiet(self):
        with self.lock:
            return self.open == 0

    def log(self):
        return "".join(it.read_text("utf-8", "replace") for it in sorted(self.work.glob("*.log")))

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for log in self.logs:
            log.close()
        self.ingress.shutdown()
        self.ingress.server_close()


def report(base):
    """Sends the reports; returns the statuses."""
    headers = {"content-type": "application/json"}
    return [
        post(f"{base}/devices/d{at}/reports", json.dumps(body).encode(), headers)[0]
        for at, body in enumerate(REPORTS)
    ]


def in_cluster(folder):
    """Returns what the rendered folder makes of the scenario."""
    with tempfile.TemporaryDirectory() as work:
        cluster = Cluster(folder, Path(work))
        try:
            cluster.start()
            statuses = report(f"http://127.0.0.1:{cluster.ports['relay-router']}")
            time.sleep(0.2)
            until(cluster.quiet, "the cluster to come to rest")
            parked = cluster.kept.get("relay-parked", [])
            return {
                "statuses": statuses,
                "index": cluster.calls.get("relay-index-readings", 0),
                "alarm": cluster.calls.get("relay-alarm-readings", 0),
                "parked": sorted(json.dumps(json.loads(it), sort_keys=True) for it in parked),
                "logged": logged(cluster.log()),
            }
        finally:
            cluster.stop()


@contextmanager
def local(fnc, program):
    """`fnc run`, on a copy of the program, so that nothing is left behind."""
    with tempfile.TemporaryDirectory() as work:
        copy = Path(work) / "program"
        shutil.copytree(program, copy, ignore=shutil.ignore_patterns("build", ".fnc"))
        port = free_port()
        log = open(Path(work) / "log.txt", "w+b")
        process = subprocess.Popen([fnc, "run", copy, "--port", str(port)], stdout=log, stderr=log)
        try:
            base = f"http://127.0.0.1:{port}"
            until(lambda: reachable(port), "fnc run to answer")
            yield base, lambda: Path(log.name).read_text("utf-8", "replace")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
            log.close()


def reachable(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def with_fnc(fnc, program):
    """Returns what `fnc run` makes of the scenario."""
    with local(fnc, program) as (base, log):
        statuses = report(base)

        def sources():
            with urllib.request.urlopen(f"{base}/_fnc/state", timeout=5) as answer:
                return json.loads(answer.read())["sources"]

        def at_rest():
            return not sum(it["waiting"] + it["running"] for it in sources() if it["source"] != "parked")

        def calls(function):
            return sum(it["done"] for it in sources() if it["function"] == function)

        until(at_rest, "fnc run to come to rest")
        command = [fnc, "parked", "--port", base.rpartition(":")[2], "--format", "json"]
        listed = subprocess.run(command, capture_output=True, check=True, text=True)
        return {
            "statuses": statuses,
            "index": calls("index"),
            "alarm": calls("alarm"),
            "parked": sorted(json.dumps(json.loads(it["body"]), sort_keys=True) for it in json.loads(listed.stdout)),
            "logged": logged(log()),
        }


def fewer_attempts(folder):
    return spoiled(folder, "50-triggers.yaml", "retry: 4", "retry: 2")


def no_dead_letters(folder):
    return spoiled(folder, "50-triggers.yaml", 'name: "relay-parked"', 'name: "relay-readings"')


def one_reader_less(folder):
    return spoiled(folder, "50-triggers.yaml", 'broker: "relay-readings"', 'broker: "relay-inbox"')


def another_limit(folder):
    return spoiled(folder, "40-services.yaml", 'value: "80"', 'value: "10"')


def spoiled(folder, file, text, instead):
    before = (folder / file).read_text("utf-8")
    assert text in before, f"{file} holds no `{text}` to spoil"
    (folder / file).write_text(before.replace(text, instead, 1), "utf-8")


FAULTS = [fewer_attempts, no_dead_letters, one_reader_less, another_limit]


def main(arguments):
    planted = "--planted" in arguments
    fnc, program = [it for it in arguments if it != "--planted"]
    fnc, program = Path(fnc).resolve(), Path(program)
    wanted = with_fnc(fnc, program)
    assert wanted["parked"] and len(wanted["logged"]) > 5, f"the scenario shows too little: {wanted}"
    failed = 0
    for fault in [None, *(FAULTS if planted else [])]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "knative"
            subprocess.run([fnc, "build", program, "--target", "knative", "--out", folder, "--quiet"], check=True)
            if fault:
                fault(folder)
            made = in_cluster(folder)
        differs = [f"{key}: fnc run {wanted[key]}, cluster {made[key]}" for key in wanted if wanted[key] != made[key]]
        good = bool(differs) == bool(fault)
        failed += not good
        what = f"fault {fault.__name__}" if fault else f"{program.name}: fnc run and the Knative folder agree"
        print(f"{'ok  ' if good else 'FAIL'} {what}")
        if not good or fault:
            print("".join(f"     {it[:300]}\n" for it in differs), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
