"""Works on statuses of one kind each."""


def foo(event, context):
    for record in event["records"]:
        context.log("foo", id=record["data"]["id"])


def bar(event, context):
    for record in event["records"]:
        context.log("bar", id=record["data"]["id"])
