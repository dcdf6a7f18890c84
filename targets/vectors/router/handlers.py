"""The handlers of `app.fn`, as the router's functions run them."""


def show(event, context):
    """Tells what it was called with; what it says of other sites is none of its business."""
    request = event["request"]
    return {
        "statusCode": 200,
        "headers": {"x-own": "1", "vary": "accept", "access-control-allow-origin": "https://handler.example",
                    "access-control-expose-headers": "x-own"},
        "body": {"function": event["function"], "route": request["route"], "params": request["params"],
                 "body": request["body"], "auth": request["auth"]},
    }


def door(event, context):
    """Lets in who says the name that the path holds."""
    request = event["request"]
    who = request["headers"].get("x-who")
    known = {"who": request["params"]["id"], "route": request["route"], "source": event["source"], "body": request["body"]}
    if who == "broken":
        raise ValueError("this door is broken")
    return {
        "almost": {"isAuthorized": "true", "context": known},
        "nothing": None,
        "silent": {"isAuthorized": True},
        "listed": {"isAuthorized": True, "context": ["not", "an", "object"]},
        "any": {"isAuthorized": True, "context": known},
    }.get(who, {"isAuthorized": who == request["params"]["id"], "context": known})
