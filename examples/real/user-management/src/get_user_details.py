"""Answers with what is known about a user, to that user only."""

import time

from tokens import verify


def handle(event, context):
    request = event["request"]
    scheme, _, token = request["headers"].get("authorization", "").partition(" ")
    claims = verify(token, int(time.time())) if scheme == "Bearer" else None
    if not claims or "exp" not in claims:
        return {"statusCode": 401, "body": {"error": "log in first"}}
    if claims["sub"] != request["params"]["userId"]:
        return {"statusCode": 403, "body": {"error": "this is another user"}}
    return {"userId": claims["sub"], "loggedInAt": claims["iat"], "loggedInUntil": claims["exp"]}
