"""Runs every night at three."""


def handle(event, context):
    for record in event["records"]:
        context.log("sweeping", scheduled=record["scheduled"])
