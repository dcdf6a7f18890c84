"""Sorts readings: valid ones are logged, doubtful ones set aside, broken ones tried again."""

HIGHEST = 100


def handle(event, context):
    failures = []
    for record in event["records"]:
        reading = record["data"]
        if not isinstance(reading, dict) or "value" not in reading:
            context.log("unreadable", id=record["id"])
            failures.append(record["id"])
        elif reading["value"] > HIGHEST:
            context.send("anomalies", reading)
        else:
            context.log("reading", key=record["key"], value=reading["value"])
    return {"failures": failures}
