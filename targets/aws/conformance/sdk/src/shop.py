"""Handlers in the style of AWS's own examples; nothing here is of this project's."""

import json
import os

import boto3
from botocore.exceptions import ClientError

sqs, s3 = boto3.client("sqs"), boto3.client("s3")
bucket = os.environ["RECEIPTS"]


def buy(event, context):
    step, order = event["pathParameters"]["step"], json.loads(event.get("body") or "{}")
    try:
        made = STEPS[step](order)
    except ClientError as error:
        made = {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    return {"statusCode": 200, "body": json.dumps(made, default=str)}


def send(order):
    kind = {"kind": {"DataType": "String", "StringValue": "vip"}, "total": {"DataType": "Number", "StringValue": "12"}}
    made = sqs.send_message(QueueUrl=os.environ["ORDERS"], MessageBody=json.dumps(order), MessageAttributes=kind)
    return {"id": made["MessageId"], "digest": made["MD5OfMessageBody"]}


def send_many(order):
    entries = [{"Id": str(n), "MessageBody": json.dumps({"id": f"m{n}"}), "MessageGroupId": "g"} for n in range(3)]
    made = sqs.send_message_batch(QueueUrl=os.environ["STEPS"], Entries=[*entries, {"Id": "bad", "MessageBody": "no group"}])
    return {"sent": [it["Id"] for it in made["Successful"]], "failed": [it["Id"] for it in made["Failed"]]}


def by_name(order):
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    return {"id": sqs.send_message(QueueUrl=url, MessageBody='{"id": "named"}')["MessageId"]}


def put(order):
    made = s3.put_object(Bucket=bucket, Key="raw/ö & b.bin", Body=bytes(range(256)), ContentType="image/x-b", Metadata={"who": "ann"})
    got = s3.get_object(Bucket=bucket, Key="raw/ö & b.bin")
    part = s3.get_object(Bucket=bucket, Key="raw/ö & b.bin", Range="bytes=1-3")["Body"].read()
    head = s3.head_object(Bucket=bucket, Key="raw/ö & b.bin")
    return {"same": got["Body"].read() == bytes(range(256)), "type": got["ContentType"], "who": got["Metadata"], "part": list(part),
            "size": head["ContentLength"], "etag": made["ETag"] == head["ETag"] == got["ETag"], "year": got["LastModified"].year}


def list_some(order):
    for n in range(3):
        s3.put_object(Bucket=bucket, Key=f"list/{n} +", Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="list/", PaginationConfig={"PageSize": 2})
    return [it["Key"] for page in pages for it in page.get("Contents", [])]


def read(order):
    return json.loads(s3.get_object(Bucket=bucket, Key=order["key"])["Body"].read())


def delete(order):
    s3.delete_object(Bucket=bucket, Key="list/0 +")
    return read({"key": "list/0 +"})


def download(order):
    with open("/tmp/fnc-sdk-upload", "wb") as file:
        file.write(b"big" * 1000)
    s3.upload_file("/tmp/fnc-sdk-upload", bucket, "big")
    s3.download_file(bucket, "big", "/tmp/fnc-sdk-download")
    with open("/tmp/fnc-sdk-download", "rb") as file:
        return {"size": len(file.read())}


def write(order):
    kinesis, events = boto3.client("kinesis"), boto3.client("events")
    one = kinesis.put_record(StreamName=os.environ["CLICKS"], Data=b'{"id": "click"}', PartitionKey="k")
    many = kinesis.put_records(StreamName=os.environ["CLICKS"], Records=[{"Data": b'{"id": "click2"}', "PartitionKey": "k"}])
    told = events.put_events(Entries=[{"EventBusName": os.environ["SHOP"], "Source": "shop", "DetailType": "order.placed",
                                       "Detail": '{"id": "event"}'}])
    return {"shard": one["ShardId"].startswith("shardId-"), "after": one["SequenceNumber"] < many["Records"][0]["SequenceNumber"],
            "failed": told["FailedEntryCount"]}


def ask(order):
    made = boto3.client("lambda").invoke(FunctionName=os.environ["PRICE"], Payload=json.dumps({"of": 3}))
    return {"answer": json.loads(made["Payload"].read()), "status": made["StatusCode"]}


def ask_in_vain(order):
    made = boto3.client("lambda").invoke(FunctionName=os.environ["PRICE"], Payload=b"{}")
    return {"failed": made["FunctionError"], "why": json.loads(made["Payload"].read())["errorMessage"]}


STEPS = {
    "send": send, "many": send_many, "name": by_name, "put": put, "list": list_some, "read": read, "delete": delete, "download": download,
    "write": write, "ask": ask, "vain": ask_in_vain,
    "unknown": lambda _: sqs.receive_message(QueueUrl=os.environ["ORDERS"]),
    "parameter": lambda _: s3.put_object(Bucket=bucket, Key="a", Body=b"", StorageClass="GLACIER"),
    "denied": lambda _: s3.get_object(Bucket=os.environ["CLOSED"], Key="a"),
    "elsewhere": lambda _: boto3.client("sts").get_caller_identity(),
    "nobody": lambda _: sqs.send_message(QueueUrl="http://localhost/000000000000/nobody", MessageBody="x"),
}


def price(event, context):
    return {"price": 4 * event["of"]}


def pack(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])
        kinds = {name: it["stringValue"] for name, it in record["messageAttributes"].items()}
        s3.put_object(Bucket=bucket, Key=f"packed/{order['id']}", Body=json.dumps({**order, **kinds}))


def clicked(event, context):
    import base64

    got = [event["detail"]] if "detail" in event else [json.loads(base64.b64decode(it["kinesis"]["data"])) for it in event["Records"]]
    for it in got:
        s3.put_object(Bucket=bucket, Key=f"packed/{it['id']}", Body=json.dumps(it))
