"""What `portable.Context` does with AWS's services."""

import json
import os

from . import portable
from .messages import MORE_ATTRIBUTES, as_bytes, bus_request, kinesis_request, queue_url, sns_request, sqs_request
from .rows import dynamo_row, plain_row, query_request
from .services import address, client


def send(resource, verb, message):
    """Sends a message to a queue, publishes it to a topic or a bus, or writes it to a stream."""
    if verb == "send":
        client("sqs").send_message(**sqs_request(queue_url(address("QUEUE", resource)), message))
    elif verb == "write":
        client("kinesis").put_record(**kinesis_request(address("STREAM", resource), message))
    elif topic := address("TOPIC", resource):
        client("sns").publish(**sns_request(topic, message))
    else:
        request = bus_request(address("BUS", resource), message)
        made = client("events").put_events(**request)
        if made.get("FailedEntryCount"):
            raise portable.SendFailed(made["Entries"][0].get("ErrorMessage") or "EventBridge refuses the event")


class Store:
    """What `portable.Context` does beyond sending."""

    def put_object(self, bucket, key, message):
        # Metadata of S3 is ASCII only, and its names are lower-case.
        more = {"Metadata": {MORE_ATTRIBUTES: json.dumps(message["attributes"])}} if message["attributes"] else {}
        client("s3").put_object(Bucket=bucket_name(bucket), Key=key, Body=as_bytes(message),
                                ContentType=message["content_type"], **more)

    def get_object(self, bucket, key):
        s3 = client("s3")
        try:
            found = s3.get_object(Bucket=bucket_name(bucket), Key=key)
        except s3.exceptions.NoSuchKey:
            return None
        attributes = portable.from_json(found.get("Metadata", {}).get(MORE_ATTRIBUTES, "{}")) or {}
        body = found["Body"].read()
        return portable.stored_object(key=key, body=body, content_type=found.get("ContentType"), size=len(body),
                                      etag=found["ETag"].strip('"'), time=found["LastModified"],
                                      attributes=attributes)

    def list_objects(self, bucket, prefix, limit):
        made, token = [], {}
        while limit is None or len(made) < limit:
            wanted = 1000 if limit is None else min(1000, limit - len(made))
            page = client("s3").list_objects_v2(Bucket=bucket_name(bucket), Prefix=prefix, MaxKeys=wanted, **token)
            made += [{"key": it["Key"], "size": it["Size"], "etag": it["ETag"].strip('"'),
                      "time": portable.timestamp(it["LastModified"])} for it in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                break
            token = {"ContinuationToken": page["NextContinuationToken"]}
        return made

    def delete_object(self, bucket, key):
        client("s3").delete_object(Bucket=bucket_name(bucket), Key=key)

    def put_row(self, table, row):
        client("dynamodb").put_item(TableName=address("TABLE", table), Item=dynamo_row(row))

    def get_row(self, table, key):
        found = client("dynamodb").get_item(TableName=address("TABLE", table), Key=dynamo_row(key),
                                            ConsistentRead=True)
        return plain_row(found["Item"]) if "Item" in found else None

    def delete_row(self, table, key):
        client("dynamodb").delete_item(TableName=address("TABLE", table), Key=dynamo_row(key))

    def query_rows(self, table, query):
        request, rows = query_request(address("TABLE", table), query), []
        limit = query["limit"]
        while limit is None or len(rows) < limit:
            if limit is not None:
                request["Limit"] = limit - len(rows)
            page = client("dynamodb").query(**request)
            rows += [plain_row(it) for it in page["Items"]]
            if not page.get("LastEvaluatedKey"):
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return rows

    def invoke(self, function, data):
        made = client("lambda").invoke(FunctionName=address("FUNCTION", function),
                                       Payload=portable.to_json(data).encode())
        answer = portable.from_json(made["Payload"].read().decode() or "null")
        if made.get("FunctionError"):
            message = answer.get("errorMessage") if isinstance(answer, dict) else None
            raise portable.CallFailed(f"`{function}` failed: {message or made['FunctionError']}")
        return answer

    def reply(self, connection, message):
        # Each websocket has an endpoint of its own.
        api = client("apigatewaymanagementapi", endpoint_url=os.environ["FNC_WEBSOCKET"])
        try:
            api.post_to_connection(ConnectionId=connection, Data=as_bytes(message))
        except api.exceptions.GoneException:
            return False
        return True


def bucket_name(bucket):
    """Returns a bucket's name; of one that another stack exports only the ARN is known."""
    return address("BUCKET", bucket).rpartition(":")[2]
