"""Accepts a status and hands it on."""

STATUSES = ("foo", "bar")


def handle(event, context):
    status = event["request"]["data"]
    if not isinstance(status, dict) or not isinstance(status.get("id"), int):
        return {"statusCode": 400, "body": {"message": "`id` is a whole number"}}
    if status.get("status") not in STATUSES:
        return {"statusCode": 400, "body": {"message": "`status` is one of " + ", ".join(STATUSES)}}
    context.publish("statuses", {"id": status["id"], "status": status["status"]})
    return {"statusCode": 200, "body": {"message": "accepted"}}
