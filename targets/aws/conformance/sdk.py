#!/usr/bin/env python3
"""Handlers written for Lambda, with AWS's own SDKs for Python and JavaScript, against `fnc run`: what they ask of SQS, SNS, S3, DynamoDB,
Kinesis, EventBridge and Lambda is carried out on the program's own resources, and anything else is refused in words."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path

HERE = Path(__file__).resolve().parent
FNC = HERE.parents[2] / "target" / "debug" / "fnc"
VENV = Path(sys.prefix)
WITHIN_S = 30

passed = failed = 0


def check(what, good, told=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAIL {what}: {told}")


def laid_out(folder):
    """Returns a copy of the program beside which the tools' own interpreter and packages are."""
    app = Path(folder) / "app"
    shutil.copytree(HERE / "sdk", app)
    (app / ".venv").symlink_to(VENV)
    (app / "node_modules").symlink_to(VENV / "node_modules")
    return app


def tested():
    """Has `fnc test` run the program's tests."""
    with tempfile.TemporaryDirectory(prefix="fnc-sdk-") as folder:
        done = subprocess.run([FNC, "test", str(laid_out(folder))], capture_output=True, text=True, timeout=120, check=False)
    check("fnc test", done.returncode == 0 and "2 tests passed" in done.stdout, done.stdout + done.stderr)


@contextmanager
def running():
    """Runs the program; gives its address, and the file that its log goes to."""
    with tempfile.TemporaryDirectory(prefix="fnc-sdk-") as folder:
        app = laid_out(folder)
        command = [FNC, "run", str(app), "--port", "0", "--ephemeral"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        for line in process.stdout:
            lines.append(line)
            found = re.search(r"http://(localhost|127\.0\.0\.1):\d+", line)
            if found:
                break
        else:
            sys.exit(f"FAIL `fnc run` ended:\n{''.join(lines)}")
        # What it writes on is read, so that it never waits for a reader.
        rest = Path(folder) / "log"
        reader = subprocess.Popen(["cat"], stdin=process.stdout, stdout=rest.open("w"))
        try:
            yield found[0], rest
        finally:
            process.terminate()
            process.wait()
            reader.wait()


def ask(url, step, body):
    request = urllib.request.Request(f"{url}{step}", json.dumps(body).encode(), {"content-type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode()}


def eventually(url, step, body, wanted):
    """Asks until the answer is the wanted one; what was sent takes a moment."""
    by, got = time.monotonic() + WITHIN_S, None
    while time.monotonic() < by:
        got = ask(url, step, body)
        if got == wanted:
            break
        time.sleep(0.1)
    check(f"{step} {body}", got == wanted, got)


def python(url):
    made = ask(url, "/buy/send", {"id": "one"})
    check("send", made.get("id") and made.get("digest") == md5(b'{"id": "one"}').hexdigest(), made)
    eventually(url, "/buy/read", {"key": "packed/one"}, {"id": "one", "kind": "vip", "total": "12"})
    made = ask(url, "/buy/many", {})
    check("many", made == {"sent": ["0", "1", "2"], "failed": ["bad"]}, made)
    eventually(url, "/buy/read", {"key": "packed/m2"}, {"id": "m2"})
    ask(url, "/buy/name", {})
    eventually(url, "/buy/read", {"key": "packed/named"}, {"id": "named"})
    made = ask(url, "/buy/put", {})
    year = made.pop("year", 0)
    check("put", made == {"same": True, "type": "image/x-b", "who": {"who": "ann"}, "part": [1, 2, 3], "size": 256, "etag": True}, made)
    check("last modified", year == time.gmtime().tm_year, year)
    made = ask(url, "/buy/list", {})
    check("list", made == ["list/0 +", "list/1 +", "list/2 +"], made)
    made = ask(url, "/buy/delete", {})
    check("delete", made.get("code") == "NoSuchKey", made)
    made = ask(url, "/buy/download", {})
    check("download", made == {"size": 3000}, made)
    made = ask(url, "/buy/write", {})
    check("write", made == {"shard": True, "after": True, "failed": 0}, made)
    for it in ("click", "click2", "event"):
        eventually(url, "/buy/read", {"key": f"packed/{it}"}, {"id": it})
    made = ask(url, "/buy/ask", {})
    check("ask", made == {"answer": {"price": 12}, "status": 200}, made)
    made = ask(url, "/buy/vain", {})
    check("ask in vain", made == {"failed": "Unhandled", "why": "`price` failed"}, made)


def node(url):
    made = ask(url, "/tell/publish", {"id": "two"})
    check("publish", made.get("id"), made)
    eventually(url, "/tell/get", {"id": "two"}, {"id": "two", "kind": 'vip & "more"'})
    made = ask(url, "/tell/batch", {})
    check("batch", made == {"sent": ["a", "b"], "failed": 0}, made)
    eventually(url, "/tell/get", {"id": "batch-b"}, {"id": "batch-b", "kind": "none"})
    made = ask(url, "/tell/send", {})
    check("send", made.get("id"), made)
    eventually(url, "/buy/read", {"key": "packed/from-node"}, {"id": "from-node"})
    made = ask(url, "/tell/row", {"id": "r"})
    check("row", made == {"item": {"id": "r", "total": 12.5, "tags": ["a", None, True], "of": {"deep": 1}}, "gone": True}, made)
    made = ask(url, "/tell/rows", {})
    check("rows", made == ["r1", "r2"], made)
    made = ask(url, "/tell/query", {})
    check("query", made == {"days": [4, 3], "more": True}, made)
    made = ask(url, "/tell/object", {})
    check("object", made == {"bytes": [0, 255], "who": "zoe"}, made)


# What isn't carried out, the code that SDKs tell, and a part of what is said.
REFUSED = [
    ("/buy/unknown", "NotImplemented", "the call ReceiveMessage of SQS"), ("/buy/parameter", "NotImplemented", "x-amz-storage-class"),
    ("/buy/denied", "AccessDenied", "closed"), ("/buy/elsewhere", "NotImplemented", "sts"), ("/buy/nobody", "AccessDenied", "nobody"),
    ("/tell/old", "NotImplemented", "`ALL_OLD` of PutItem"), ("/tell/condition", "NotImplemented", "`ConditionExpression` of PutItem"), ("/tell/sets", "NotImplemented", "SS"),
    ("/tell/filter", "NotImplemented", "`FilterExpression` of Query"), ("/tell/subject", "NotImplemented", "`Subject`"),
]


def main():
    tested()
    with running() as (url, log):
        python(url)
        node(url)
        for step, code, part in REFUSED:
            made = ask(url, step, {"id": "x"})
            check(step, isinstance(made, dict) and made.get("code") == code and part in made.get("message", ""), made)
        if failed:
            print(log.read_text("utf-8")[-4000:])
    print(f"{passed} passed, {failed} failed: handlers with boto3 and the AWS SDK for JavaScript against the local run")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
