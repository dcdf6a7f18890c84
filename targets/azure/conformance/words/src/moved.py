"""A handler that was written for AWS Lambda: it knows AWS's events, and nothing of this project's."""

import base64
import json


def records(event):
    for it in event["Records"]:
        source = it.get("eventSource") or it["EventSource"]
        assert it.get("awsRegion", "azure") == "azure", it
        if source == "aws:sqs":
            body = json.loads(it["body"])
            # A fifo topic comes through a queue.
            message = json.loads(body["Message"]) if body.get("Type") == "Notification" else body
            assert message["total"] == 12 and it["messageId"] and it["attributes"]["ApproximateReceiveCount"] == "1", it
        elif source == "aws:sns":
            assert json.loads(it["Sns"]["Message"])["total"] == 12 and it["Sns"]["MessageAttributes"]["kind"]["Value"] == "test", it
        elif source == "aws:kinesis":
            data = base64.b64decode(it["kinesis"]["data"]).decode()
            assert data == "plain text" or json.loads(data)["total"] == 12, it
        elif source == "aws:dynamodb":
            assert it["eventName"] in ("INSERT", "MODIFY", "REMOVE") and it["dynamodb"]["Keys"]["id"] == {"N": "1"}, it
        else:
            assert it["eventName"] == "ObjectCreated:Put" and it["s3"]["object"]["key"] == "in/Zo%C3%AB+%26+co.png", it


def handle(event, context):
    assert context.function_name == "moved" and context.memory_limit_in_mb.isdigit() and 0 < context.get_remaining_time_in_millis() <= 20000
    if "Records" in event:
        records(event)
        return {"batchItemFailures": []}
    if event.get("version") == "2.0":
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        assert event["routeKey"] == "POST /moved/{id}" and event["pathParameters"] == {"id": "World"}, event
        return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": claims["sub"]}
    assert event["detail-type"] in ("order.placed", "Scheduled Event") and event["source"] in ("fnc", "aws.events"), event
    return None
