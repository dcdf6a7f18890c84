"""What a handler returned or raised, as an HTTP answer or as the records that failed."""

from .encoding import as_attribute, as_text, to_json
from .handler import log_error


def plain(value):
    """Returns an answer as plain JSON: bytes as its body become base64."""
    if isinstance(value, dict) and isinstance(value.get("body"), (bytes, bytearray)):
        text, is_base64 = as_text(value["body"])
        return {**value, "body": text, "base64": is_base64, "headers": {
            "content-type": "application/octet-stream",
            **{str(name).lower(): it for name, it in (value.get("headers") or {}).items()}}}
    return value


def http_answer(outcome, request_id=""):
    """Returns `{statusCode, headers, cookies, body, base64}` of what a handler returned or raised."""
    if isinstance(outcome, BaseException):
        return error_answer(request_id)
    try:
        return _http_answer(plain(outcome))
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        log_error(error, request_id)
        return error_answer(request_id)


def error_answer(request_id=""):
    """Returns the answer of a handler that failed: the trace goes to the log, not to the caller."""
    return _answer(500, {"error": "internal error", "request_id": request_id})


def _http_answer(value):
    if value is None:
        return _answer(204, None)
    status = value.get("statusCode") if isinstance(value, dict) else None
    if isinstance(status, float) and status.is_integer():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool):
        return _answer(200, value)
    if not 200 <= status <= 599:
        raise ValueError(f"statusCode {status} is not between 200 and 599")
    return _answer(status, value.get("body"), value.get("headers"), value.get("cookies"),
                   value.get("base64") is True)


def _answer(status, body, headers=None, cookies=None, is_base64=False):
    cookies = [as_attribute(it) for it in (cookies if isinstance(cookies, list) else [cookies])
               if it is not None]
    made = {}
    for name, value in (headers or {}).items():
        values = value if isinstance(value, list) else [value]
        if name.lower() == "set-cookie":
            cookies.extend(as_attribute(it) for it in values)
        else:
            made[name.lower()] = ", ".join(as_attribute(it) for it in values)
    if isinstance(body, str):
        made.setdefault("content-type", "text/plain; charset=utf-8")
    elif body is not None:
        body, is_base64 = to_json(body), False
        made.setdefault("content-type", "application/json")
    return {"statusCode": status, "headers": made, "cookies": cookies, "body": body,
            "base64": is_base64 and body is not None}


def batch_answer(outcome, ids):
    """Returns which of `ids` failed, in their order: all after an exception or an unknown id."""
    ids = list(ids)
    if isinstance(outcome, BaseException):
        asked = getattr(outcome, "fnc_records", ids)
        return [it for it in ids if it in asked]
    failures = outcome.get("failures") if isinstance(outcome, dict) else None
    if failures is None:
        return []
    if not isinstance(failures, (list, tuple)) or any(it not in ids for it in failures):
        return ids
    return [it for it in ids if it in failures]
