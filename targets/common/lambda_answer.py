"""A Lambda handler's answers as portable ones; `src/event/aws/lambda_answer.rs` does the same for the local run."""

from .encoding import to_json
from .lambda_event import is_fifo_topic, item_of



def from_lambda(config, event, value):
    """Returns a portable answer that means what `value`, plain JSON, means to whoever calls a Lambda function."""
    if "request" in event:
        return value if config.get("authorizes") else _answer(value)
    kind = event["trigger"]
    if kind in ("queue", "stream", "table") or (kind == "topic" and is_fifo_topic(config, event["source"])):
        name = item_of if kind in ("stream", "table") else (lambda it: it["id"])
        return _batch(value, {name(it): it["id"] for it in event["records"]})
    return value if kind == "invoke" else None


def _answer(value):
    """Reads an answer in the format 2.0 of HTTP APIs."""
    status = value.get("statusCode") if isinstance(value, dict) else None
    if status is None:
        body = value if isinstance(value, str) else to_json(value)
        return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool):
        raise ValueError(f"statusCode {to_json(status)} is no number")
    body = value.get("body")
    if body is not None and not isinstance(body, str):
        raise ValueError("API Gateway takes a `body` that is text only: JSON has to be made text")
    made = {"statusCode": status, **({} if body is None else {"body": body})}
    made |= {name: value[name] for name in ("headers", "cookies") if value.get(name) is not None}
    return {**made, "base64": True} if value.get("isBase64Encoded") is True else made


def _batch(value, ids):
    """Reads which records failed; one that names what isn't there says that all have."""
    failures = value.get("batchItemFailures") if isinstance(value, dict) else None
    if failures is None:
        return None
    named = [it.get("itemIdentifier") if isinstance(it, dict) else None for it in failures] if isinstance(failures, list) else [None]
    known = all(isinstance(it, str) and it in ids for it in named)
    return {"failures": [ids[it] for it in named] if known else list(ids.values())}
