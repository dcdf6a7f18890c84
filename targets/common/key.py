"""Routes that only who knows a secret may call."""

import hmac
from hashlib import sha256

from .event import find_trigger
from .websocket import is_connect

HEADER = "x-api-key"
UNAUTHORIZED = {"statusCode": 401, "headers": {"www-authenticate": f'ApiKey header="{HEADER}"'},
                "body": {"error": "unauthorized"}}


def key_of(triggers, method, route):
    """Returns the name of the secret that a route asks for, None where it asks for none.

    A method of its own wins over `ANY`. A route that isn't among the triggers is nobody's to call.
    """
    own = [it for it in triggers or () if it.get("kind") == "http" and it.get("route") == route]
    for wanted in (method, "ANY"):
        for it in own:
            if it.get("method") == wanted:
                return it.get("key")
    raise LookupError(f"no trigger takes {method} {route}")


def refusal(config, event, value_of):
    """Returns the answer of a request, or of a client that connects, without the key of its route, else None; `value_of` gives a secret's value."""
    triggers = config.get("triggers") or ()
    if not any("key" in it for it in triggers):
        return None
    if is_connect(event):
        request = event["records"][0]["request"]
        secret = find_trigger(config, "websocket", event="connect").get("key")
    elif event["trigger"] == "http":
        request = event["request"]
        secret = key_of(triggers, request["method"], request["route"])
    else:
        return None
    if secret is None or is_key(request["headers"].get(HEADER), value_of(secret)):
        return None
    return UNAUTHORIZED


def is_key(given, wanted):
    """Compares in a time that tells nothing of the secret, not even its length; an empty secret lets nobody in."""
    if not given or not wanted:
        return False
    return hmac.compare_digest(sha256(given.encode()).digest(), sha256(wanted.encode()).digest())
