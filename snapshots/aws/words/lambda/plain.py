def handle(event, context):
    if "rawPath" in event:
        return {"statusCode": 200, "body": context.function_name}
    if "Records" in event:
        return {"batchItemFailures": []}
    assert event["detail-type"] == "Scheduled Event", event
