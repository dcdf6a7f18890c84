"""Ticks."""

import time


def handle(event, context):
    record, = event["records"]
    assert record["scheduled"] == "2026-01-31T03:00:00.000Z" and record["attempt"] == 1, record
    assert record["input"] in ({}, {"depth": 2}) and record["data"] == record["input"], record


def fail(event, context):
    raise ValueError("no luck")


def sleep(event, context):
    time.sleep(3)
