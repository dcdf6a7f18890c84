"""Runs scenarios twice and compares: `cluster.py FNC PROGRAM… [--planted]`.

Once in a cluster in miniature: the services of the rendered folder as processes with their images' entry points, and
this file in the part of Broker, Trigger, Channel, Subscription and PingSource, which reads filters, retries, back-off,
dead letters, schedules' data and where it goes from the rendered YAML and nowhere else. Once with `fnc run`. What was
handled, how often it was tried, in which order within a group, and what is parked must be the same. `--planted` spoils the
YAML in several ways, each of which must show.

The programs are `examples/relay` and `scenario` beside this file.
"""

import functools
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

import eventing

# The cluster's waits pass so much faster.
HASTE = 20
PATIENCE = 60
PARCELS = [("ann", 1, 2), ("bob", 1, 40), ("ann", 2, None), ("bob", 2, 5), ("ann", 3, 1), ("ann", 4, 12)]
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


# Of what handlers log: what is the same in each run. Knative doesn't tell a subscriber which attempt it sees.
KEPT = ("message", "device", "value", "limit", "sender", "number", "group", "kind", "type", "room", "bell")


def entries(text):
    """Yields what handlers logged, in its order."""
    for line in text.splitlines():
        start = line.find("{")
        try:
            entry = json.loads(line[start:]) if start >= 0 else None
        except ValueError:
            continue
        if isinstance(entry, dict) and "message" in entry and entry.get("level") != "error":
            yield {key: entry[key] for key in KEPT if key in entry}


def logged(text):
    """Returns what handlers logged, which also tells how often each was tried."""
    return sorted(json.dumps(it, sort_keys=True) for it in entries(text))


def ordered(text):
    """Returns, for each group of a queue that keeps order, the numbers in the order in which they were tried."""
    made = {}
    for it in entries(text):
        if "group" in it:
            made.setdefault(it["group"], []).append(it["number"])
    return made


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
        self.kept, self.lanes = {}, eventing.Lanes()
        self.open = 0
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
                _, kind, name = self.path.split("/")
                known = (kind.title(), name) in cluster.objects
                if known:
                    cluster.deliver(kind.title(), name, dict(self.headers.items()), body)
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
            env[variable["name"]] = self.value(variable, env)
        env["FNC_UPSTREAM"] = "http://127.0.0.1:{to}"
        if "FNC_ROUTES" in env:
            routes = json.loads(env["FNC_ROUTES"])
            env["FNC_ROUTES"] = json.dumps([{**it, "to": str(self.ports[it["to"]])} for it in routes])
        log = open(self.work / f"{name}.log", "w+b")
        self.logs.append(log)
        self.processes.append(subprocess.Popen(command, cwd=root / "app", env=env, stdout=log, stderr=log))

    def value(self, variable, known):
        if "value" in variable:
            # Kubernetes puts variables in for `$(NAME)`, and `$` for `$$`.
            expand = lambda found: "$" if found[0] == "$$" else known.get(found[1], found[0])  # noqa: E731: used right here
            text = re.sub(r"\$\$|\$\(([A-Za-z_0-9]+)\)", expand, variable["value"])
            here = f"http://127.0.0.1:{self.ingress.server_port}"
            text = re.sub(r"http://([a-z0-9-]+)-kn-channel\.[a-z0-9-]+\.svc\.cluster\.local", rf"{here}/channel/\1", text)
            return re.sub(r"http://kafka-broker-ingress\.[a-z0-9.-]+\.svc\.cluster\.local/[a-z0-9-]+/", f"{here}/broker/", text)
        reference = variable["valueFrom"]["configMapKeyRef"]
        return self.objects["ConfigMap", reference["name"]]["data"][reference["key"]]

    def deliver(self, kind, name, headers, body):
        """Keeps an event and hands it to each Trigger of the Broker, or to each Subscription of the Channel, in order."""
        with self.lock:
            self.kept.setdefault(name, []).append(body)
        for trigger in self.named("Trigger" if kind == "Broker" else "Subscription"):
            spec = trigger["spec"]
            if (spec["broker"] if kind == "Broker" else spec["channel"]["name"]) != name or not eventing.passes(trigger, headers):
                continue
            with self.lock:
                self.open += 1
            attempts = functools.partial(self.attempts, trigger, headers, body)
            if kind == "Broker":
                threading.Thread(target=attempts, daemon=True).start()
            else:
                key = trigger["metadata"]["name"], eventing.attributes(headers).get("partitionkey")
                self.lanes.put(key, attempts)

    def address(self, destination):
        return f"http://127.0.0.1:{self.ports[destination['ref']['name']]}{destination.get('uri', '/')}"

    def attempts(self, trigger, headers, body):
        """Delivers an event as the `delivery` says, and to its dead letters in the end."""
        spec, delivery = trigger["spec"], trigger["spec"].get("delivery", {})
        url = self.address(spec["subscriber"])
        passed = {key: it for key, it in headers.items() if key.lower().startswith(("ce-", "content-type"))}
        try:
            for attempt in range(delivery.get("retry", 0) + 1):
                if attempt:
                    time.sleep(eventing.wait(delivery, attempt) / HASTE)
                try:
                    status, answer = post(url, body, passed)
                except OSError:
                    status, answer = 503, b""
                become = eventing.outcome(status, answer)
                if become == "done":
                    return
                if become == "lost":
                    break
            sink = delivery.get("deadLetterSink")
            if sink:
                self.deliver(sink["ref"]["kind"], sink["ref"]["name"], eventing.dead_letter(passed, url, status, answer), body)
        finally:
            with self.lock:
                self.open -= 1

    def fire(self):
        """Has every PingSource send what it sends; one that sends to a service tries five times more, then it is lost."""
        for source in self.named("PingSource"):
            headers, body = eventing.ping(source, "parcels")
            sink = source["spec"]["sink"]
            if sink["ref"]["kind"] == "Broker":
                self.deliver("Broker", sink["ref"]["name"], headers, body)
            else:
                for _ in range(6):
                    if eventing.outcome(*post(self.address(sink), body, headers)) != "again":
                        break

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


class Relay:
    """http to a queue, to a topic, to two workers; one report can't be read and is parked."""

    router, parking = "relay-router", ["relay-parked"]

    @staticmethod
    def play(base, fire):
        headers = {"content-type": "application/json"}
        sent = [post(f"{base}/devices/d{at}/reports", json.dumps(body).encode(), headers) for at, body in enumerate(REPORTS)]
        return [status for status, _ in sent]

    faults = [
        ("fewer attempts", "50-triggers.yaml", "retry: 4", "retry: 2"),
        ("no dead letters", "50-triggers.yaml", 'name: "relay-parked"', 'name: "relay-readings"'),
        ("one reader less", "50-triggers.yaml", 'broker: "relay-readings"', 'broker: "relay-inbox"'),
        ("another limit", "40-services.yaml", 'value: "80"', 'value: "10"'),
    ]


class Parcels:
    """http to a queue that keeps order, to a topic and a bus, to two workers of which one fails and parks; and schedules."""

    router, parking = "parcels-router", ["parcels-stuck", "parcels-parked"]

    @staticmethod
    def play(base, fire):
        headers = {"content-type": "application/json"}
        sent = [post(f"{base}/parcels/{sender}", json.dumps({"number": number, "kg": kg}).encode(), headers)
                for sender, number, kg in PARCELS]
        fire()
        return [status for status, _ in sent]

    faults = [
        ("fewer attempts", "50-triggers.yaml", "retry: 2", "retry: 1"),
        ("another event's type", "50-triggers.yaml", 'type: "parcel.light"', 'type: "parcel.heavy"'),
        ("another schedule's filter", "50-triggers.yaml", 'fncschedule: "sweep-2"', 'fncschedule: "sweep-1"'),
        ("another input", "60-sources.yaml", r'\"room\":\"yard\"', r'\"room\":\"hall\"'),
        ("another parking place", "50-triggers.yaml", 'name: "parcels-stuck"', 'name: "parcels-nowhere"'),
    ]


SCENARIOS = {"relay": Relay, "scenario": Parcels}


def in_cluster(folder, scenario):
    """Returns what the rendered folder makes of a scenario."""
    with tempfile.TemporaryDirectory() as work:
        cluster = Cluster(folder, Path(work))
        try:
            cluster.start()
            statuses = scenario.play(f"http://127.0.0.1:{cluster.ports[scenario.router]}", cluster.fire)
            time.sleep(0.2)
            until(cluster.quiet, "the cluster to come to rest")
            parked = [(name.partition("-")[2], it) for name in scenario.parking for it in cluster.kept.get(name, [])]
            return {
                "statuses": statuses,
                "parked": sorted(f"{queue}: {json.dumps(json.loads(it), sort_keys=True)}" for queue, it in parked),
                "logged": logged(cluster.log()),
                "order": ordered(cluster.log()),
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


def with_fnc(fnc, program, scenario):
    """Returns what `fnc run` makes of a scenario."""
    with local(fnc, program) as (base, log):

        def state():
            with urllib.request.urlopen(f"{base}/_fnc/state", timeout=5) as answer:
                return json.loads(answer.read())

        def fire():
            for it in {it["function"] for it in state()["sources"] if it["trigger"].startswith(("schedule", "every"))}:
                assert post(f"{base}/_fnc/fire/{it}", b"", {})[0] == 200, it

        statuses = scenario.play(base, fire)
        parking = [it.partition("-")[2] for it in scenario.parking]

        def at_rest():
            return not sum(it["waiting"] + it["running"] for it in state()["sources"] if it["source"] not in parking)

        until(at_rest, "fnc run to come to rest")
        command = [fnc, "parked", "--port", base.rpartition(":")[2], "--format", "json"]
        listed = subprocess.run(command, capture_output=True, check=True, text=True)
        return {
            "statuses": statuses,
            "parked": sorted(f"{it['queue']}: {json.dumps(json.loads(it['body']), sort_keys=True)}" for it in json.loads(listed.stdout)),
            "logged": logged(log()),
            "order": ordered(log()),
        }


def spoiled(folder, file, text, instead):
    before = (folder / file).read_text("utf-8")
    assert text in before, f"{file} holds no `{text}` to spoil"
    (folder / file).write_text(before.replace(text, instead, 1), "utf-8")


def main(arguments):
    planted = "--planted" in arguments
    fnc, *programs = [it for it in arguments if it != "--planted"]
    failed = 0
    for program in map(Path, programs):
        scenario = SCENARIOS[program.name]
        wanted = with_fnc(Path(fnc).resolve(), program, scenario)
        assert wanted["parked"] and len(wanted["logged"]) > 5, f"the scenario shows too little: {wanted}"
        for fault in [None, *(scenario.faults if planted else [])]:
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary) / "knative"
                command = [Path(fnc).resolve(), "build", program, "--target", "knative", "--out", folder, "--quiet"]
                subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
                if fault:
                    spoiled(folder, *fault[1:])
                made = in_cluster(folder, scenario)
            differs = [f"{key}: fnc run {wanted[key]}, cluster {made[key]}" for key in wanted if wanted[key] != made[key]]
            good = bool(differs) == bool(fault)
            failed += not good
            what = f"fault, {program.name}: {fault[0]}" if fault else f"{program.name}: fnc run and the Knative folder agree"
            print(f"{'ok  ' if good else 'FAIL'} {what}")
            if not good:
                print("".join(f"     {it[:2000]}\n" for it in differs), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
