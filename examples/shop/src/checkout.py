"""Takes an order and answers at once; the work is done from the queue."""


def handle(event, context):
    order = event["request"]["data"]
    problem = wrong(order)
    if problem:
        return {"statusCode": 400, "body": {"error": problem}}
    order.setdefault("id", context.request_id)
    context.send("orders", order)
    context.log("order accepted", order=order["id"], total=order["total"])
    return {"statusCode": 202, "body": {"order": order["id"], "total": order["total"]}}


def wrong(order):
    """Returns what is wrong with an order, or None."""
    if not isinstance(order, dict):
        return "an order is an object"
    total = order.get("total")
    if isinstance(total, bool) or not isinstance(total, int | float):
        return "an order needs a total, which is a number"
    return None
