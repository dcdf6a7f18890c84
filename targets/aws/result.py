"""What a handler answered, as Lambda is to get it."""

from . import portable
from .payload import from_sqs, kind_of, to_portable, trigger_of


def to_answer(config, payload, outcome, request_id):
    """Returns what Lambda is to get, or raises what makes it try again."""
    kind = kind_of(payload)
    if kind == "http" and payload.get("type") == "REQUEST":
        return verdict(portable.plain(outcome))
    if kind == "websocket":
        return socket_answer(config, payload, outcome, request_id)
    if kind == "http":
        answer = portable.http_answer(outcome, request_id)
        made = {"statusCode": answer["statusCode"], "headers": answer["headers"]}
        if answer["cookies"]:
            made["cookies"] = answer["cookies"]
        if answer["body"] is not None:
            made["body"] = answer["body"]
            made["isBase64Encoded"] = answer["base64"]
        return made
    if kind == "queue":
        return sqs_answer(config, payload["Records"], outcome)
    if kind in ("stream", "table"):
        return log_answer(config, payload, outcome)
    records = to_portable(config, payload, request_id)["records"]
    failed = portable.batch_answer(outcome, [it["id"] for it in records])
    if failed:
        raise as_error(outcome, failed, records)
    return portable.plain(outcome) if kind == "invoke" else None


def socket_answer(config, payload, outcome, request_id):
    """Returns what API Gateway is to know of what happened on the websocket; of a client that connects, whether it may."""
    if payload.get("type") == "REQUEST":
        return policy(portable.plain(outcome), payload["methodArn"])
    event = to_portable(config, payload)
    if portable.is_connect(event):
        answer = portable.http_answer(outcome, request_id)
        if answer["statusCode"] < 400:
            return {"statusCode": 200, "headers": answer["headers"]}
        return {"statusCode": answer["statusCode"], "headers": answer["headers"], "body": answer["body"] or ""}
    failed = portable.batch_answer(outcome, [event["records"][0]["id"]])
    if failed:
        raise as_error(outcome, failed, event["records"])
    return {"statusCode": 200}


def policy(answer, arn):
    """Returns what a websocket is to know of a caller: a policy, and texts, which is all that it hands on."""
    found = verdict(answer)
    effect = "Allow" if found["isAuthorized"] else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    return {"principalId": "client", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "context": {name: portable.as_attribute(it) for name, it in found["context"].items()}}


def verdict(answer):
    """Returns what the API is to know of a caller, as an authorizer's simple response; whoever isn't let in is out."""
    answer = answer if isinstance(answer, dict) else {}
    known = answer.get("context")
    return {"isAuthorized": answer.get("isAuthorized") is True, "context": known if isinstance(known, dict) else {}}


def sqs_answer(config, records, outcome):
    """Returns which messages SQS is to deliver again; raises when the handler did, so that it counts as an error."""
    event = from_sqs(config, records)
    failed = set(portable.batch_answer(outcome, [it["id"] for it in event["records"]]))
    # A queue drops nothing by itself: where nothing parks, the last attempt ends here.
    attempts = trigger_of(config, records[0]["eventSourceARN"]).get("attempts")
    again, dropped = [], 0
    for message, record in zip(records, event["records"]):
        if record["id"] not in failed:
            continue
        if attempts and record["attempt"] >= attempts:
            dropped += 1
            portable.log_error(RuntimeError(f"dropped {record['id']} after {attempts} attempts"),
                               function=config["function"])
        else:
            again.append({"itemIdentifier": message["messageId"]})
    if isinstance(outcome, BaseException) and not dropped and len(again) == len(records):
        raise outcome
    return {"batchItemFailures": again}


def log_answer(config, payload, outcome):
    """Returns which records Lambda is to begin again from; raises when the handler did, so that it counts as an error."""
    if isinstance(outcome, BaseException):
        raise outcome
    records = to_portable(config, payload)["records"]
    failed = set(portable.batch_answer(outcome, [it["id"] for it in records]))
    numbers = [(it.get("kinesis") or it.get("dynamodb")) for it in payload["Records"]]
    numbers = [it.get("sequenceNumber") or it.get("SequenceNumber") for it in numbers]
    return {"batchItemFailures": [{"itemIdentifier": number}
                                  for number, it in zip(numbers, records) if it["id"] in failed]}


def as_error(outcome, failed, records):
    if isinstance(outcome, BaseException):
        return outcome
    return RuntimeError(f"the handler reports {len(failed)} of {len(records)} records as failed")
