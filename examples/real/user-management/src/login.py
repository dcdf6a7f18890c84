"""Exchanges a card and its password for a token."""

import hmac
import os
import time

from tokens import hash_password, sign, verify


def handle(event, context):
    given = event["request"]["data"] or {}
    now = int(time.time())
    card = verify(given.get("card", ""), now)
    if not card or "hash" not in card or not matches(card, given.get("password", "")):
        return {"statusCode": 401, "body": {"error": "wrong card or password"}}
    expires = now + int(os.environ["TOKEN_EXPIRATION"])
    return {"token": sign({"sub": card["sub"], "iat": now, "exp": expires})}


def matches(card, password):
    return hmac.compare_digest(card["hash"], hash_password(password, card["salt"]))
