"""The function that `drive.py` has the server call."""

import json
import os
import threading
import time

running = 0
lock = threading.Lock()


def handle(event, context):
    global running
    with lock:
        running += 1
        at_once = running
    try:
        return work(event, context, at_once)
    finally:
        with lock:
            running -= 1


def work(event, context, at_once):
    if "request" in event:
        if "fail" in event["request"]["query"]:
            raise ValueError("a request that failed")
        return {"statusCode": 201, "headers": {"x-answer": "ö"}, "cookies": ["a=1"], "body": event}
    with open(os.environ["NOTES"], "a", encoding="utf-8") as notes:
        notes.write(json.dumps({**event, "at_once": at_once}) + "\n")
    data = event["records"][0]["data"] or {}
    if not isinstance(data, dict):
        return None
    time.sleep(data.get("sleep", 0))
    if data.get("fail"):
        raise ValueError("an event that failed")
    if "send" in data:
        queue, message, attributes, group = (data["send"] + [None, None])[:4]
        context.send(queue, message, attributes=attributes, group=group)
    if "publish" in data:
        context.publish(*data["publish"])
    if "event" in data:
        bus, payload, kind, subject = data["event"]
        context.publish(bus, payload, type=kind, subject=subject)
    if "write" in data:
        context.write(*data["write"])
    if "invoke" in data:
        context.log("answer", answer=context.invoke(*data["invoke"]))
    if "delay" in data:
        context.send(*data["delay"], delay="5m")
    return None


def moved(event, context):
    """Written for AWS Lambda, whose events it gets under `contract lambda`."""
    if "Records" in event:
        with open(os.environ["NOTES"], "a", encoding="utf-8") as notes:
            notes.write(json.dumps({**event, "context": [context.function_name, context.memory_limit_in_mb]}) + "\n")
        failed = [it for it in event["Records"] if json.loads(it["body"]).get("fail")]
        return {"batchItemFailures": [{"itemIdentifier": it["messageId"]} for it in failed]}
    return {"statusCode": 201, "headers": {"x-answer": event["routeKey"]}, "body": json.dumps(event)}
