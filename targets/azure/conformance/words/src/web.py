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
