"""Takes an order and answers at once; the work is done from the queue."""

import json


def handle(event, context):
    request = event["request"]
    order, problem = read(request["data"])
    if problem:
        return {"statusCode": 400, "body": {"error": problem}}
    order["id"] = context.request_id
    context.send("orders", order)
    context.log("order accepted", order=order["id"], total=order["total"])
    return {
        "statusCode": 202,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"order": order["id"], "total": order["total"]}),
    }


def read(data):
    """Returns the order, or None and what is wrong with it."""
    if not isinstance(data, dict) or not isinstance(data.get("items"), list) or not data["items"]:
        return None, "an order is an object with a list of items"
    total = 0
    for item in data["items"]:
        price = item.get("price") if isinstance(item, dict) else None
        if isinstance(price, bool) or not isinstance(price, int | float):
            return None, "each item needs a price"
        total += price * item.get("count", 1)
    return {"items": data["items"], "email": data.get("email"), "total": total}, None
