"""Which sites' pages may call a route (Fetch Standard, "CORS protocol").

Azure's own setting holds for a whole function app and knows neither methods nor headers, so routes answer for themselves.
"""

from .sites import allowed, offered


def preflight(trigger, method, headers):
    """Returns the answer to a browser that asks before it calls, None where nobody asks."""
    routes = trigger.get("preflight")
    wanted = headers.get("access-control-request-method")
    if not routes or method != "OPTIONS":
        return None
    if "origin" not in headers or not wanted:
        # Somebody else's question is the handler's, where it takes this method.
        takes = trigger["method"] in ("OPTIONS", "ANY")
        return None if takes else {"status": 204, "headers": {}, "cookies": [], "body": None}
    made = {"vary": "origin, access-control-request-method"}
    cors = routes.get(wanted) or routes.get("ANY")
    made.update(cors and offered(cors, headers["origin"]) or {})
    return {"status": 204, "headers": made, "cookies": [], "body": None}


def shared(trigger, headers, answer):
    """Returns an answer with what tells a browser whether the page that asked may read it."""
    cors = trigger.get("cors")
    if cors is None:
        return answer
    # What the program says holds, whatever the handler says.
    made = {name: it for name, it in answer["headers"].items() if not name.startswith("access-control-")}
    made["vary"] = ", ".join(filter(None, [made.get("vary"), "origin"]))
    if "origin" in headers:
        made.update(allowed(cors, headers["origin"]) or {})
    return {**answer, "headers": made}
