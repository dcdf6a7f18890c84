"""One local instance of a Python function: it asks for events, calls the handler, answers.

It speaks the AWS Lambda Runtime API over loopback and needs the standard library only; README.md
beside this file says what passes. `FNC_CONCURRENCY` threads take events, each over a connection
of its own.
"""

import json
import os
import socket
import sys
import threading

from _fnc import contract, portable
from layers import lay

RUNTIME = "/2018-06-01/runtime"
HERE = os.path.dirname(os.path.abspath(__file__))
OWN = (HERE, os.path.join(HERE, "_fnc"), "")


class Connection:
    """One kept-alive HTTP/1.1 connection to the runtime."""

    def __init__(self, address):
        host, _, prefix = address.partition("/")
        name, _, port = host.rpartition(":")
        self.prefix = f"/{prefix}" if prefix else ""
        self.host = host
        self.socket = socket.create_connection((name, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb", 65536)

    def write(self, *requests):
        """Writes requests `(method, path, body)` in one go; `read` then gives a reply for each."""
        text = []
        for method, path, body in requests:
            text.append(f"{method} {self.prefix}{path} HTTP/1.1\r\nhost: {self.host}\r\n"
                        f"content-length: {len(body)}\r\n\r\n".encode("ascii"))
            text.append(body)
        self.socket.sendall(b"".join(text))

    def read(self):
        """Returns `(status, headers, body)` of the next reply."""
        status = self.replies.readline().split(b" ", 2)
        if len(status) < 2:
            raise ConnectionError("the runtime has closed the connection")
        headers = {}
        while (line := self.replies.readline().rstrip()):
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        return int(status[1]), headers, self.replies.read(int(headers.get(b"content-length", 0)))

    def exchange(self, *request):
        self.write(request)
        return self.read()


class Store:
    """Carries out the verbs of `context`, over connections that are opened when they are needed."""

    def __init__(self, address):
        self.address, self.free = address, []

    def __call__(self, resource, verb, message):
        return self.ask(verb, resource, message)

    def ask(self, verb, resource, message):
        # Who waits for a function holds nobody else up.
        try:
            connection = self.free.pop()
        except IndexError:
            connection = Connection(self.address)
        body = portable.to_json(message).encode()
        status, _, reply = connection.exchange("POST", f"/fnc/{verb}/{resource}", body)
        self.free.append(connection)
        if status == 200:
            return json.loads(reply)
        error = {403: portable.NotAllowed, 502: portable.CallFailed}.get(status, portable.SendFailed)
        raise error(json.loads(reply)["error"])

    def put_object(self, bucket, key, message):
        self.ask("put_object", bucket, {**message, "key": key})

    def get_object(self, bucket, key):
        return self.ask("get_object", bucket, {"key": key})

    def list_objects(self, bucket, prefix, limit):
        return self.ask("list_objects", bucket, {"prefix": prefix, "limit": limit})

    def delete_object(self, bucket, key):
        self.ask("delete_object", bucket, {"key": key})

    def put_row(self, table, row):
        self.ask("put_row", table, {"row": row})

    def get_row(self, table, key):
        return self.ask("get_row", table, {"row": key})

    def delete_row(self, table, key):
        self.ask("delete_row", table, {"row": key})

    def query_rows(self, table, query):
        return self.ask("query_rows", table, {"query": query})

    def invoke(self, function, data):
        return self.ask("invoke", function, {"data": data})


def wanted(config, payload):
    """Returns the event of AWS with the records that a `where` takes, and whether there are any."""
    triggers = config["triggers"]
    if not any("where" in it for it in triggers):
        return payload, True
    payload, event = payload["payload"], payload["event"]
    asked = portable.taken(triggers, event)
    if asked is None:
        return payload, False
    if "records" in asked and isinstance(payload, dict) and "Records" in payload:
        ids = {it["id"] for it in asked["records"]}
        pairs = zip(payload["Records"], event["records"])
        payload = {**payload, "Records": [message for message, it in pairs if it["id"] in ids]}
    return payload, True


def serve(address, config, handler):
    """Takes events one after the other, until the runtime goes away."""
    connection, store = Connection(address), Store(address)
    ask = ("GET", f"{RUNTIME}/invocation/next", b"")
    connection.write(ask)
    while True:
        status, headers, body = connection.read()
        if status != 200:
            raise ConnectionError(f"the runtime answered {status}")
        request_id = headers[b"lambda-runtime-aws-request-id"].decode("ascii")
        deadline = headers[b"lambda-runtime-deadline-ms"]
        context = portable.Context(config, request_id, deadline, store, store)
        path = f"{RUNTIME}/invocation/{request_id}"
        try:
            if config.get("contract") == "lambda":
                about = {**known(), "arn": headers[b"lambda-runtime-invoked-function-arn"].decode("ascii")}
                payload, is_wanted = wanted(config, json.loads(body))
                text = contract.call_lambda(handler, payload, about, request_id, deadline) if is_wanted else "null"
            else:
                text = portable.to_json(portable.plain(portable.run(handler, json.loads(body), context)))
            answer = ("POST", f"{path}/response", text.encode())
        except (Exception, SystemExit) as error:
            answer = ("POST", f"{path}/error", described(error))
        connection.write(answer, ask)
        status, _, _ = connection.read()
        if status != 202:
            raise ConnectionError(f"the runtime answered {status}")


def known():
    """Returns what Lambda's own variables tell of the function."""
    env = os.environ
    return {"name": env["AWS_LAMBDA_FUNCTION_NAME"], "version": env["AWS_LAMBDA_FUNCTION_VERSION"],
            "memory": env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "place": "local"}


def described(error):
    """Returns an error as the Runtime API wants it; the trace begins in the handler's code."""
    import traceback  # slow to load
    trace = error.__traceback__
    while trace and os.path.dirname(trace.tb_frame.f_code.co_filename) in OWN:
        trace = trace.tb_next
    lines = "".join(traceback.format_exception(type(error), error, trace)).splitlines()
    made = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": lines}
    return json.dumps(made).encode()


def worker(*arguments):
    """Ends the process when the runtime goes away, and loudly when it breaks the protocol."""
    try:
        serve(*arguments)
    except (ConnectionError, KeyboardInterrupt):
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def main():
    address = os.environ["AWS_LAMBDA_RUNTIME_API"]
    config = json.loads(os.environ["FNC_CONFIG"])
    # Bytecode of a file that changes twice in a second would be stale; the user's folders stay as they are.
    sys.dont_write_bytecode = True
    # The handler's imports find neither this folder nor its modules.
    sys.path[:] = [it for it in sys.path if it != HERE]
    for name in [it for it in sys.modules if it.partition(".")[0] in ("_fnc", "layers")]:
        del sys.modules[name]
    try:
        for layer in reversed(config.get("layers", [])):
            lay(config["handler"], os.path.join(os.environ["LAMBDA_TASK_ROOT"], layer))
        handler = portable.load(config["handler"], os.environ["LAMBDA_TASK_ROOT"])
    except (Exception, SystemExit) as error:
        Connection(address).exchange("POST", f"{RUNTIME}/init/error", described(error))
        sys.exit(1)
    for _ in range(int(os.environ.get("FNC_CONCURRENCY", "1")) - 1):
        threading.Thread(target=worker, args=(address, config, handler), daemon=True).start()
    worker(address, config, handler)


if __name__ == "__main__":
    main()
