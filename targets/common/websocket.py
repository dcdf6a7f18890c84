"""The portable event of what happens on a websocket."""

from .event import event, record
from .request import http_event

# What a record says of the request by which a client connects.
_MEMBERS = ("headers", "query", "query_all", "cookies", "client_ip")


def websocket_event(config, *, happened, id, connection, time=None, body="", route=None, request=None, auth=None):
    """Returns the event of a websocket.

    `happened` is "connect", "disconnect" or "message"; `route` the route that took a message, None where no other did;
    `request` holds the arguments `headers`, `query`, `cookies` and `client_ip` of `http_event`, by which the client
    connects; `auth` is what the app's own authorizer said when it did.
    """
    made = record(id=id, source=config["function"], type=f"fnc.websocket.{happened}", body=body, time=time,
                  connection=connection)
    if happened == "connect":
        asked = http_event(config, method="GET", path="/", route="/", **(request or {}))["request"]
        made["request"] = {name: asked[name] for name in _MEMBERS}
    elif happened == "message":
        made["route"] = route
    made["auth"] = auth
    return event(config, "websocket", config["function"], [made])


def is_connect(event):
    """Tells whether a client asks to connect: the answer decides whether it may."""
    return event["trigger"] == "websocket" and event["records"][0]["type"] == "fnc.websocket.connect"
