# `entries` is in the layer.
from entries import entry


def handle(event, context):
    record = event["records"][0]
    message = record["data"] or {}
    context.publish("announcements", message)
    return entry("announced", message)
