"""Takes a job and answers at once."""


def handle(event, context):
    job = event["request"]["data"]
    if not isinstance(job, dict) or "name" not in job:
        return {"statusCode": 400, "body": {"error": "a job is an object with a name"}}
    context.send("jobs", job)
    return {"statusCode": 202, "body": {"accepted": job["name"]}}
