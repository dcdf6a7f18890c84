"""Works on tasks. An exception fails the whole batch; `failures` fails some of it."""


def handle(event, context):
    failures = []
    for record in event["records"]:
        name = record["data"]["name"]
        if name == "nobody":
            failures.append(record["id"])
        else:
            context.log("worked", name=name, attempt=record["attempt"])
    return {"failures": failures}
