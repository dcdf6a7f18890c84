"""Greets whoever asks, and leaves a task."""


def handle(event, context):
    name = event["request"]["params"]["name"]
    context.send("tasks", {"name": name})
    return {"message": f"Hello, {name}!"}
