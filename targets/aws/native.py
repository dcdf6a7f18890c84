"""Handlers that take Lambda's own events (`contract lambda`): nothing of event, context or answer is changed."""

from . import portable
from .payload import is_skipped, kind_of, to_portable, trigger_of
from .result import to_answer


def native(config, handle, keys):
    """Returns the Lambda handler: the user's own, unless something has to be done before or after it."""
    triggers = config["triggers"]
    if not any("key" in it or "where" in it or it.get("attempts") or it["kind"] == "schedule" for it in triggers):
        return handle

    def handler(payload, context):
        kind = kind_of(payload)
        if kind == "schedule":
            return None if is_skipped(payload) else handle(payload["event"], context)
        if kind in ("http", "websocket") and payload.get("type") != "REQUEST":
            refusal = portable.refusal(config, to_portable(config, payload), keys.get)
            if refusal is not None:
                return to_answer(config, payload, refusal, context.aws_request_id)
        payload = taken(config, kind, payload)
        if payload is None:
            return {"batchItemFailures": []}
        if is_last(config, kind, payload):
            return last(config, handle, payload, context)
        return handle(payload, context)

    return handler


def taken(config, kind, payload):
    """Returns the payload with the records that a `where` takes; None when it takes none of them."""
    if not is_filtered(config, kind, payload):
        return payload
    event = to_portable(config, payload)
    asked = portable.taken(config["triggers"], event)
    if asked is None or "Records" not in payload:
        return None if asked is None else payload
    wanted = [it["id"] for it in asked["records"]]
    pairs = zip(payload["Records"], event["records"])
    return {**payload, "Records": [message for message, it in pairs if it["id"] in wanted]}


def is_filtered(config, kind, payload):
    """Tells whether a trigger of this kind has a `where`; a tick looks like an event of a bus, and is none."""
    if kind == "event" and portable.find_trigger(config, "event", type=payload["detail-type"]) is None:
        return False
    # A fifo topic comes through a queue.
    kinds = ("queue", "topic") if kind == "queue" else (kind,)
    return any("where" in it and it["kind"] in kinds for it in config["triggers"])


def is_last(config, kind, payload):
    """Tells whether a message of a fifo topic comes for the last time: nothing parks it, and a queue drops nothing."""
    if kind != "queue":
        return False
    message = payload["Records"][0]
    attempts = trigger_of(config, message["eventSourceARN"]).get("attempts")
    return bool(attempts) and int(message["attributes"]["ApproximateReceiveCount"]) >= attempts


def last(config, handle, payload, context):
    """Calls the handler; what it fails is dropped, and the log says so."""
    try:
        answer = handle(payload, context)
        if not isinstance(answer, dict) or not answer.get("batchItemFailures"):
            return answer
        error = RuntimeError("the handler reports the message as failed")
    except Exception as raised:
        error = raised
    dropped = RuntimeError(f"dropped {payload['Records'][0]['messageId']} after its last attempt: {error}")
    dropped.__cause__ = error
    portable.log_error(dropped, context.aws_request_id, config["function"])
    return {"batchItemFailures": []}
