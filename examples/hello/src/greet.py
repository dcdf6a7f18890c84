"""Greets whoever asks."""


def handle(event, context):
    name = event["request"]["params"]["name"]
    return {"message": f"Hello, {name}!"}
