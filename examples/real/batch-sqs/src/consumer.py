"""Works on products, one by one or many at a time.

A product that can never be right goes straight to the dead-letter queue; one that failed otherwise is tried again.
"""

import os
from concurrent.futures import ThreadPoolExecutor


def one_by_one(event, context):
    outcomes = [outcome(record, context) for record in event["records"]]
    return answer(outcomes, context)


def in_parallel(event, context):
    with ThreadPoolExecutor(max_workers=8) as pool:
        outcomes = list(pool.map(lambda record: outcome(record, context), event["records"]))
    return answer(outcomes, context)


def outcome(record, context):
    """Returns None when the record is done, else its identifier."""
    try:
        product = record["data"]
        if product["price"] < 0:
            context.send("demo_dlq", product)
            return None
        context.log("product", name=product["name"], cents=round(product["price"] * 100))
        return None
    except (KeyError, TypeError) as error:
        context.log("failed", id=record["id"], why=repr(error))
        return record["id"]


def answer(outcomes, context):
    failures = [identifier for identifier in outcomes if identifier]
    context.log("batch", service=os.environ["SERVICE_NAME"], size=len(outcomes), failed=len(failures))
    return {"failures": failures}
