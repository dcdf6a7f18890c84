"""Answers with the event."""


def handle(event, context):
    return event
