"""Begins the accounts of the day that the schedule was planned for."""


def handle(event, context):
    for record in event["records"]:
        day = record.get("scheduled", record["time"])[:10]
        context.log("report", kind=record["input"]["report"], day=day)
