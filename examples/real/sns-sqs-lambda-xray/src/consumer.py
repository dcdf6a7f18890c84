# `entries` is in the layer.
from entries import entry


def handle(event, context):
    for record in event["records"]:
        context.log("read", **entry("read", record["data"], id=record["id"]))
