"""Who may call a route, and from pages of which other sites: what the router asks before it passes a request on.

A route of `FNC_ROUTES` may hold `key`, the name of a secret whose value is in `FNC_KEY_NAME`; `jwt`, `{issuer, audience}`;
`custom`, the service of a function that decides; and `cors`, which sites' pages may call it.
"""

import json
import os
import re
import sys
import traceback
import uuid
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from . import key, portable, sites, token
from .server import Response

# What the router found out about a caller, as JSON in base64, on its way to the function.
AUTH = "x-fnc-auth"
# Longer than any function's timeout: the function answers first.
DECIDE_SECONDS = 610


class Turned(Exception):
    """A caller that may not call the route, with the answer it gets."""

    def __init__(self, response):
        super().__init__(response.status)
        self.response = response


def answered(status, body, headers=()):
    """Returns an answer in JSON."""
    return Response(status, [*dict(headers).items(), ("content-type", "application/json")], portable.to_json(body).encode())


def admit(route, request, headers, address):
    """Returns what is known of a caller who may call a route; raises `Turned` with the answer to one who may not."""
    first = {}
    for name, value in request.headers:
        first.setdefault(name.lower(), value)
    if "key" in route:
        given = first.get(key.HEADER, "").encode("latin-1").decode("utf-8", "replace")
        if not key.is_key(given, os.environ.get(f"FNC_KEY_{route['key']}".upper())):
            raise Turned(of(key.UNAUTHORIZED))
    elif "jwt" in route:
        try:
            return token.claims_of(route["jwt"], first)
        except token.Refused:
            raise Turned(of(token.UNAUTHORIZED)) from None
        except Exception:
            # What the issuer does wrong isn't the caller's fault.
            traceback.print_exc()
            raise Turned(failed(request)) from None
    elif "custom" in route:
        return decided(route, request, headers, address(route["custom"]))
    return None


def of(answer):
    return answered(answer["statusCode"], answer["body"], answer["headers"])


def failed(request):
    """Returns the answer where nothing could be found out about a caller."""
    answer = portable.error_answer(request_id(request))
    return Response(500, list(answer["headers"].items()), answer["body"].encode())


def request_id(request):
    given = request.header("x-request-id") or ""
    return given if re.fullmatch(r"[\w.:-]{1,128}", given, re.ASCII) else str(uuid.uuid4())


def decided(route, request, headers, address):
    """Asks the function that decides; it sees the request without its body."""
    asked = {"method": request.method, "path": request.path, "query": request.query, "route": route["route"],
             "headers": headers, "peer": request.peer}
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname, parts.port or 80, timeout=DECIDE_SECONDS)
    try:
        connection.request("POST", "/_fnc/authorize", json.dumps(asked).encode(), {"content-type": "application/json"})
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
    except (OSError, HTTPException) as error:
        status, body = 0, str(error).encode()
    finally:
        connection.close()
    if status != 200:
        line = {"time": portable.timestamp(), "level": "error", "message": f"{address} can't decide: {status} {body[:200]!r}"}
        print(json.dumps(line), file=sys.stderr, flush=True)
        raise Turned(failed(request))
    said = portable.from_json(body.decode("utf-8", "replace"))
    if not isinstance(said, dict) or said.get("isAuthorized") is not True:
        raise Turned(answered(403, {"error": "forbidden"}))
    known = said.get("context")
    return known if isinstance(known, dict) else {}


def preflight(request, find):
    """Returns the answer to a browser that asks before it calls; None where nobody asks, or no route has a word on it."""
    origin, method = request.header("origin"), request.header("access-control-request-method")
    if request.method != "OPTIONS" or origin is None or method is None:
        return None
    cors = (find(method) or {}).get("cors")
    if cors is None:
        return None
    headers = [] if "*" in cors["origins"] else [("vary", "origin")]
    return Response(204, [*headers, *(sites.offered(cors, origin) or {}).items()])


def share(route, request, response):
    """Puts into an answer what tells a browser whether the page that asked may read it."""
    cors = route.get("cors")
    if cors is None:
        return response
    # What a handler says of it itself doesn't count, as in the cloud.
    kept = [it for it in response.headers if not it[0].startswith("access-control-")]
    if "*" not in cors["origins"]:
        kept.append(("vary", "origin"))
    origin = request.header("origin")
    if origin is not None:
        kept += (sites.allowed(cors, origin) or {}).items()
    response.headers = kept
    return response
