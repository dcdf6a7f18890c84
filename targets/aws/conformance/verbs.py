#!/usr/bin/env python3
"""Runs every verb of `context` through the Python shim and boto3 against a mock of AWS: verbs.py

What a verb wrote is read back with boto3 itself, and what boto3 wrote with the verb, so that shim and check have no
common mistake. Rights that the function doesn't have must be denied before anything is called.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[2] / ".conformance" / "aws"
TARGETS = HERE.parents[1]

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_EC2_METADATA_DISABLED="true",
    FNC_QUEUE_ORDERS="orders",
    FNC_TOPIC_NEWS="arn:aws:sns:eu-central-1:123456789012:news",
    FNC_STREAM_CLICKS="arn:aws:kinesis:eu-central-1:123456789012:stream/clicks",
    FNC_BUS_EVENTS="events",
    FNC_BUCKET_FILES="shop-files",
    FNC_TABLE_USERS="users",
    FNC_FUNCTION_BILL="bill",
    FNC_WEBSOCKET="https://abcd123456.execute-api.eu-central-1.amazonaws.com/dev",
)

try:
    import boto3
    from moto import mock_aws
except ImportError as error:
    own = VENV / "bin" / "python"
    if own.exists() and Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(own, [str(own), *sys.argv])
    sys.exit(f"the AWS tools are missing ({error}); install them with {HERE / 'setup.sh'}")

CONFIG = {
    "function": "work",
    "can": {
        "send": ["orders"],
        "publish": ["news", "events"],
        "write": ["clicks", "files", "users"],
        "read": ["files", "users"],
        "reply": ["websocket"],
    },
    "kinds": {"orders": "queue", "news": "topic", "clicks": "stream", "events": "bus", "files": "bucket", "users": "table"},
}


def shim(spoil=None):
    """Returns the shim's verbs as a build lays them beside the shared library; `spoil` is a text and what takes its place."""
    for name in [it for it in sys.modules if it.partition(".")[0] == "_fnc"]:
        del sys.modules[name]
    folder = Path(tempfile.mkdtemp())
    package = folder / "_fnc"
    package.mkdir()
    for part in ("common", "aws"):
        for file in (TARGETS / part).glob("*.py"):
            shutil.copy(file, package)
    if spoil:
        before, after = spoil
        file, = [it for it in package.iterdir() if before in it.read_text("utf-8")]
        file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    sys.path.insert(0, str(folder))
    try:
        from _fnc import portable, verbs
    finally:
        sys.path.remove(str(folder))
        shutil.rmtree(folder)
    return portable, verbs


def equal(got, wanted):
    assert got == wanted, f"{wanted!r} expected, got {got!r}"


def queue(context):
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    os.environ["FNC_QUEUE_ORDERS"] = url
    context.send("orders", {"total": 12}, attributes={"kind": "vip"})
    [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    equal(json.loads(message["Body"]), {"total": 12})
    equal(message["MessageAttributes"]["kind"]["StringValue"], "vip")


def topic(context):
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    arn = sns.create_topic(Name="news")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    to = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=to)
    context.publish("news", "hello")
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    equal(json.loads(message["Body"])["Message"], "hello")


def stream(context):
    kinesis = boto3.client("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    context.write("clicks", {"page": 1}, key="u1")
    context.write("clicks", b"\xff\x00")
    [shard] = kinesis.list_shards(StreamName="clicks")["Shards"]
    start = kinesis.get_shard_iterator(StreamName="clicks", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    first, second = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
    equal((first["PartitionKey"], json.loads(first["Data"])), ("u1", {"page": 1}))
    equal(second["Data"], b"\xff\x00")


def bus(context):
    events, sqs = boto3.client("events"), boto3.client("sqs")
    events.create_event_bus(Name="events")
    url = sqs.create_queue(QueueName="audit")["QueueUrl"]
    to = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName="events", EventPattern=json.dumps({"detail-type": ["order.placed"]}))
    events.put_targets(Rule="all", EventBusName="events", Targets=[{"Id": "a", "Arn": to}])
    context.publish("events", {"id": 7}, type="order.placed")
    context.publish("events", {"id": 8}, type="order.other")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    equal([json.loads(it["Body"])["detail"] for it in messages], [{"id": 7}])


def bucket(context):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="shop-files", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    context.put("files", "a/1.json", {"n": 1}, attributes={"by": "Zoë"})
    context.put("files", "a/2.bin", b"\xff\x00", content_type="image/png")
    stored = s3.get_object(Bucket="shop-files", Key="a/1.json")
    equal(json.loads(stored["Body"].read()), {"n": 1})
    equal(s3.get_object(Bucket="shop-files", Key="a/2.bin")["ContentType"], "image/png")
    found = context.get("files", "a/1.json")
    equal((found["data"], found["attributes"]), ({"n": 1}, {"by": "Zoë"}))
    equal(context.get("files", "a/2.bin")["base64"], True)
    equal([it["key"] for it in context.list("files", "a/")], ["a/1.json", "a/2.bin"])
    equal([it["key"] for it in context.list("files", limit=1)], ["a/1.json"])
    context.delete("files", "a/1.json")
    equal(context.get("files", "a/1.json"), None)


def table(context):
    dynamo = boto3.client("dynamodb")
    names = [("id", "S"), ("day", "N"), ("mail", "S")]
    dynamo.create_table(
        TableName="users",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in names],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "day", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by_mail",
            "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    )
    row = {"id": "7", "day": 1, "mail": "z@example.com", "tags": ["a", 2.5, None, True], "deep": {"x": {"y": "z"}}}
    context.put("users", row)
    for day in (2, 3):
        context.put("users", {"id": "7", "day": day, "mail": "other@example.com"})
    item = dynamo.get_item(TableName="users", Key={"id": {"S": "7"}, "day": {"N": "1"}})["Item"]
    equal(item["deep"], {"M": {"x": {"M": {"y": {"S": "z"}}}}})
    equal(context.get("users", {"id": "7", "day": 1}), row)
    equal([it["day"] for it in context.query("users", {"id": "7"})], [1, 2, 3])
    equal([it["day"] for it in context.query("users", {"id": "7"}, descending=True, limit=2)], [3, 2])
    equal([it["day"] for it in context.query("users", {"id": "7", "day": {"from": 2}})], [2, 3])
    equal([it["day"] for it in context.query("users", {"id": "7", "day": {"from": 1, "to": 2}})], [1, 2])
    equal([it["id"] for it in context.query("users", {"mail": "z@example.com"}, index="by_mail")], ["7"])
    context.delete("users", {"id": "7", "day": 1})
    equal(context.get("users", {"id": "7", "day": 1}), None)


def websocket(context):
    from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends
    connections = apigatewaymanagementapi_backends["123456789012"]["eu-central-1"].connections
    equal(context.reply("Kd2xbfSVjoECF1Q=", {"text": "hi"}), True)
    equal(context.reply("Other=", b"\xff"), True)
    # moto keeps an id as it stands in the address.
    equal({unquote(id): bytes(it.data) for id, it in connections.items()}, {"Kd2xbfSVjoECF1Q=": b'{"text":"hi"}', "Other=": b"\xff"})


def gone(context):
    """Of a client that has gone moto knows nothing: its answer is planted."""
    from unittest.mock import patch

    from botocore.exceptions import ClientError
    shape = boto3.client("apigatewaymanagementapi").exceptions.GoneException
    assert issubclass(shape, ClientError)
    raw = {"Error": {"Code": "GoneException", "Message": "gone"}}

    def call(self, operation, request):
        raise self.exceptions.GoneException(raw, operation)

    with patch("botocore.client.BaseClient._make_api_call", call):
        equal(context.reply("Kd2xbfSVjoECF1Q=", "hi"), False)


def denied(context):
    calls = [
        lambda: context.send("other", 1),
        lambda: context.publish("clicks", 1),
        lambda: context.write("events", 1),
        lambda: context.get("clicks", "k"),
        lambda: context.invoke("bill", {}),
    ]
    for call in calls:
        try:
            call()
        except Exception as error:  # noqa: BLE001: the type is what is checked
            equal(type(error).__name__, "NotAllowed")
        else:
            raise AssertionError("a verb that the function may not use went through")


CHECKS = [queue, topic, stream, bus, bucket, table, websocket, gone, denied]

# Which check must catch what.
FAULTS = [
    (bus, '"DetailType": message["type"]', '"DetailType": "order.other"'),
    (bucket, "Prefix=prefix", 'Prefix="b"'),
    (table, "ConsistentRead=True)\n        return plain_row", "ConsistentRead=True)\n        return dict"),
    (websocket, "Data=as_bytes(message))\n        except", "Data=b'')\n        except"),
    (stream, "elif verb == \"write\":", "elif verb == \"never\":"),
]


def run(check, spoil=None):
    """Returns what is wrong, or none."""
    portable, made = shim(spoil)
    with mock_aws():
        context = portable.Context(CONFIG, "r", int(time.time() * 1000) + 60_000, made.send, made.Store())
        try:
            check(context)
        except Exception as error:  # noqa: BLE001: whatever it is, the verb doesn't work
            return f"{type(error).__name__}: {error}"
    return None


def main():
    failed = 0
    for check in CHECKS:
        wrong = run(check)
        failed += wrong is not None
        print(f"ok   {check.__name__}" if wrong is None else f"FAIL {check.__name__}: {wrong}")
    for check, before, after in FAULTS:
        wrong = run(check, (before, after))
        failed += wrong is None
        print(f"ok   fault in {check.__name__}: {wrong[:100]}" if wrong else f"FAIL fault in {check.__name__} was not told")
    print(f"{len(CHECKS) + len(FAULTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
