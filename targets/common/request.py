"""The portable event of an HTTP request."""

from urllib.parse import parse_qsl, unquote

from .encoding import as_text, from_json
from .event import VERSION


def http_event(config, *, method, path, route, params=None, query="", headers=(), cookies=None,
               body=None, client_ip="", auth=None):
    """Returns the event of an HTTP request.

    `query` is the raw query string or decoded pairs; `headers` a dict or pairs; `cookies` a list of
    `name=value` where the provider has taken them out of the headers; `body` bytes, text or None;
    `params` are decoded already, or None to take them from `path` by `route`; `auth` is what is known
    of the caller: a token's claims, or what the app's own authorizer said.
    """
    names = {}
    for name, value in headers.items() if hasattr(headers, "items") else headers:
        names.setdefault(str(name).lower(), []).append(str(value))
    crumbs = list(cookies or []) + names.pop("cookie", [])
    all_headers = {name: ", ".join(values) for name, values in names.items()}
    pairs = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query
    query_all = {}
    for name, value in pairs:
        query_all.setdefault(name, []).append(value)
    text, is_base64 = as_text(body) if body else (None, False)
    return {
        "version": VERSION,
        "trigger": "http",
        "source": config["function"],
        "function": config["function"],
        "request": {
            "method": method.upper(),
            "path": path,
            "route": route,
            "params": match_route(route, path) or {} if params is None else dict(params),
            "query": {name: values[0] for name, values in query_all.items()},
            "query_all": query_all,
            "headers": all_headers,
            "cookies": _cookies(crumbs),
            "body": text,
            "base64": is_base64,
            "data": from_json(text) if text and not is_base64 and _means_json(all_headers) else None,
            "client_ip": client_ip or "",
            "auth": auth,
        },
    }


def match_route(route, path):
    """Returns the decoded params of `path` under a pattern as `/orders/{id}/{rest+}`, else None."""
    params, given = {}, path.split("/")
    wanted = route.split("/")
    for at, part in enumerate(wanted):
        rest = "/".join(given[at:])
        if part.endswith("+}"):
            return {**params, part.strip("{}+"): unquote(rest)} if rest else None
        segment = unquote(given[at]) if at < len(given) else None
        if part.startswith("{") and segment:
            params[part.strip("{}")] = segment
        elif segment is None or part != segment:
            return None
    return params if len(given) == len(wanted) else None


def _cookies(crumbs):
    """Returns the cookies by name, values as sent; the first of a name wins."""
    made = {}
    for crumb in ";".join(crumbs).split(";"):
        name, equals, value = crumb.strip().partition("=")
        if equals and name:
            made.setdefault(name.strip(), value.strip())
    return made


def says_json(headers):
    kind = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _means_json(headers):
    """A form type says nothing about a body that reads as JSON: `curl -d` sends it with anything."""
    kind = headers.get("content-type", "").lower()
    return says_json(headers) or kind.startswith("application/x-www-form-urlencoded")
