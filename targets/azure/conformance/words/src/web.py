"""Requests: the paths' parts, and everything that a handler may send."""

import os


def root(event, context):
    request = event["request"]
    assert os.environ["TOKEN"] and os.environ["STAGE"] == "dev"
    assert request["query"] == {"a": "1"}, request
    assert request["params"] in ({}, {"folder": "World", "rest": "a/b"}), request
    assert 0 < context.remaining_ms() <= 20_000
    context.send("plain", {"n": 1}, attributes={"Kind": "upper"})
    context.send("in_order", b"\xff\x00", group="g", delay="1m")
    context.publish("news", "text")
    context.publish("news_in_order", [1])
    return {"statusCode": 200, "cookies": ["a=1; Path=/; HttpOnly"], "body": request["params"]}


def keyed(event, context):
    return {"id": event["request"]["params"]["id"]}


def shown(event, context):
    request = event["request"]
    if request["route"] == "/shown/{id}":
        claims = {name: request["auth"][name] for name in ("iss", "sub", "level", "groups")}
        assert claims == {"iss": "https://issuer.example.com/", "sub": "user-7", "level": "3", "groups": "[a b]"}, claims
    else:
        assert request["auth"] is None
    return {"statusCode": 200, "headers": {"vary": "accept", "access-control-allow-origin": "https://evil.example.com"}}
