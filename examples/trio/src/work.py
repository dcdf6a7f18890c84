"""Does the jobs; one that asks to fail is tried again, then set aside."""


def handle(event, context):
    failures = []
    for record in event["records"]:
        job = record["data"]
        if job.get("fail"):
            context.log("job failed", job=job["name"], attempt=record["attempt"])
            failures.append(record["id"])
        else:
            context.log("job done", job=job["name"])
    return {"failures": failures}
