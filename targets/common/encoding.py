"""Text, bytes, JSON and times, as events and answers hold them."""

import base64
import json
import re
import time
from datetime import datetime, timezone


def to_json(value):
    """Returns compact JSON text, the same as `JSON.stringify` writes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _not_json(word):
    raise ValueError(f"{word} is not JSON")


def from_json(text):
    """Returns what JSON text says, or None when it isn't JSON."""
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return None


def as_text(body):
    """Returns `(text, is_base64)` of bytes or a string: base64 only for what isn't UTF-8."""
    if isinstance(body, str):
        return body, False
    body = bytes(body)
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), True


def timestamp(value=None):
    """Returns RFC 3339 in UTC with milliseconds, of a datetime, epoch milliseconds, text or now."""
    if value is None:
        value = time.time() * 1000
    if isinstance(value, (int, float)):
        value = datetime.fromtimestamp(int(value) / 1000, timezone.utc)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    value = value.astimezone(timezone.utc)
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def encode(data):
    """Returns `{body, content_type, base64}`: text as it is, bytes as base64, all else as JSON."""
    if isinstance(data, str):
        return {"body": data, "content_type": "text/plain; charset=utf-8", "base64": False}
    if isinstance(data, (bytes, bytearray, memoryview)):
        text = base64.b64encode(bytes(data)).decode("ascii")
        return {"body": text, "content_type": "application/octet-stream", "base64": True}
    return {"body": to_json(data), "content_type": "application/json", "base64": False}


def as_attribute(value):
    """Returns an attribute or header value as text: strings as they are, all else as JSON."""
    return value if isinstance(value, str) else to_json(value)


def duration_ms(value):
    """Returns milliseconds of a number of seconds or a duration of the language, as "5m"."""
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+)(ms|s|m|h|d)", value)
        if not found:
            raise ValueError(f"`{value}` is not a duration: write a number of seconds or as \"5m\"")
        unit = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[found[2]]
        return int(found[1]) * unit
    if value is not None and not 0 <= value < float("inf"):
        raise ValueError("a delay can't be negative")
    return round((value or 0) * 1000)
