"""Knative has no path routing: the router picks the function for a method and a path, and passes the request on.

`FNC_ROUTES` is a JSON list of `{method, route, to}`; `to` names a Knative service in the namespace `FNC_NAMESPACE`.
Bodies pass through as they come, in both directions.
"""

import json
import os
import socket
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from . import portable, server
from .server import HOP_BY_HOP, Refused, Response

MAX_BODY = 10 * 1024 * 1024
# Longer than any function's timeout: the function answers first.
UPSTREAM_SECONDS = 610


def find(routes, method, path):
    """Returns the best route: a literal segment before `{id}`, that before `{rest+}`, then a method before ANY."""
    fits = [it for it in routes
            if it["method"] in (method, "ANY") and portable.match_route(it["route"], path) is not None]
    return min(fits, key=lambda it: (precedence(it["route"]), it["method"] == "ANY"), default=None)


def precedence(route):
    return [2 if it.endswith("+}") else 1 if it.startswith("{") else 0 for it in route.split("/")]


class Router:
    """Passes requests on to `http://TO.NAMESPACE.svc.cluster.local`, or to `FNC_UPSTREAM` where that is set."""

    def __init__(self, routes, address):
        self.routes = routes
        self.address = address
        self.server = None

    def __call__(self, request):
        if request.path in ("/_fnc/ready", "/_fnc/live"):
            stopping = self.server.stopping and request.path == "/_fnc/ready"
            return Response(503 if stopping else 200)
        route = None if request.path.startswith("/_fnc") else find(self.routes, request.method, request.path)
        if route is None:
            raise Refused(404, "not found")
        return self.forward(request, self.address(route["to"]))

    def forward(self, request, address):
        parts = urlsplit(address)
        connection = HTTPConnection(parts.hostname, parts.port or 80, timeout=UPSTREAM_SECONDS)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            connection.close()
            raise Refused(502, "the function can't be reached") from None
        try:
            target = request.path + (f"?{request.query}" if request.query else "")
            connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in passed_on(request, parts.netloc):
                connection.putheader(name, value)
            connection.endheaders()
            for chunk in request.chunks(MAX_BODY):
                connection.send(b"%x\r\n%b\r\n" % (len(chunk), chunk) if request.chunked else chunk)
            if request.chunked:
                connection.send(b"0\r\n\r\n")
            answer = connection.getresponse()
        except Refused:
            connection.close()
            raise
        except TimeoutError:
            connection.close()
            raise Refused(504, "the function didn't answer in time") from None
        except (OSError, HTTPException):
            connection.close()
            raise Refused(502, "the function didn't answer") from None
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        length = answer.length
        if request.method == "HEAD" and (answer.getheader("content-length") or "").isdigit():
            length = int(answer.getheader("content-length"))
        return Response(answer.status, headers, chunks(answer), length, connection.close)


def passed_on(request, host):
    """Yields the headers of the request to the function."""
    named = {it.strip().lower() for it in (request.header("connection") or "").split(",")}
    dropped = HOP_BY_HOP | named | {"host", "content-length", "x-forwarded-for", "x-forwarded-host", "expect"}
    yield "host", host
    if request.header("host"):
        yield "x-forwarded-host", request.header("host")
    yield "x-forwarded-for", ", ".join(filter(None, [request.header("x-forwarded-for"), request.peer]))
    if request.chunked:
        yield "transfer-encoding", "chunked"
    elif request.length or request.method in ("POST", "PUT", "PATCH"):
        yield "content-length", str(request.length)
    for name, value in request.headers:
        if name.lower() not in dropped:
            yield name, value


def chunks(answer):
    """Yields the answer's body as it comes."""
    while chunk := answer.read1(65_536):
        yield chunk


def main(port):
    namespace = os.environ.get("FNC_NAMESPACE", "default")
    pattern = os.environ.get("FNC_UPSTREAM", "http://{to}.{namespace}.svc.cluster.local")
    router = Router(json.loads(os.environ["FNC_ROUTES"]),
                    lambda to: pattern.replace("{to}", to).replace("{namespace}", namespace))
    router.server = server.Server(router, port)
    server.serve(router.server, 30)
