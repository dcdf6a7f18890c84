"""Registers a user.

Fn has no tables yet, so the service keeps nothing: the user is handed a signed card that `login` reads.
"""

import secrets

from tokens import hash_password, sign


def handle(event, context):
    user = event["request"]["data"]
    if not isinstance(user, dict) or not user.get("email") or len(user.get("password", "")) < 8:
        return {"statusCode": 400, "body": {"error": "an email and a password of eight characters are needed"}}
    user_id = user["email"].lower()
    salt = secrets.token_hex(16)
    card = sign({"sub": user_id, "salt": salt, "hash": hash_password(user["password"], salt)})
    context.publish("user_created", {"userId": user_id}, type="users.userCreated.v1")
    return {"statusCode": 201, "body": {"userId": user_id, "card": card}}
