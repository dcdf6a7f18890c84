"""Knative has no path routing: the router picks the function for a method and a path, and passes the request on.

`FNC_ROUTES` is a JSON list of `{method, route, to}`; `to` names a Knative service in the namespace `FNC_NAMESPACE`. What
else a route may hold, `gate` knows: who may call it, and from pages of which other sites.
Bodies pass through as they come, in both directions.
"""

import base64
import json
import os
import socket
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from . import gate, portable, server
from .server import HOP_BY_HOP, Refused, Response

MAX_BODY = 10 * 1024 * 1024
# Longer than any function's timeout: the function answers first.
UPSTREAM_SECONDS = 610
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"]


def find(routes, method, path):
    """Returns the best route: a literal segment before `{id}`, that before `{rest+}`, then a method before ANY."""
    fits = [it for it in matching(routes, path) if it["method"] in (method, "ANY")]
    return fits[0] if fits else None


def matching(routes, path):
    """Returns the routes of a path, the more precise ones first, a method before ANY."""
    fits = [it for it in routes if portable.match_route(it["route"], path) is not None]
    return sorted(fits, key=lambda it: (precedence(it["route"]), METHODS.index(it["method"])))


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
        ours = request.path == "/_fnc" or request.path.startswith("/_fnc/")
        routes = [] if ours else matching(self.routes, request.path)
        asked = gate.preflight(request, lambda method: find(routes, method, request.path))
        if asked is not None:
            return asked
        route = find(routes, request.method, request.path)
        if route is not None:
            return gate.share(route, request, self.guarded(route, request))
        if not routes:
            return gate.answered(404, {"error": "no route with this path"})
        return gate.answered(405, {"error": "no route with this method"}, {"allow": ", ".join(it["method"] for it in routes)})

    def guarded(self, route, request):
        try:
            known = gate.admit(route, request, list(passed_on(request, "")), self.address)
            return self.forward(request, self.address(route["to"]), known)
        except gate.Turned as turned:
            return turned.response
        except Refused as refused:
            return server.message(refused.status, str(refused))

    def forward(self, request, address, known):
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
            for name, value in passed_on(request, parts.netloc, known):
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


def passed_on(request, host, known=None):
    """Yields the headers of the request to the function, with what is known of the caller."""
    named = {it.strip().lower() for it in (request.header("connection") or "").split(",")}
    dropped = HOP_BY_HOP | named | {"host", "content-length", "x-forwarded-for", "x-forwarded-host", "expect", gate.AUTH}
    if known is not None:
        yield gate.AUTH, base64.b64encode(portable.to_json(known).encode()).decode()
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
