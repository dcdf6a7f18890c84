"""Thanks the customer for each order that was paid."""


def handle(event, context):
    for record in event["records"]:
        order = record["data"]
        if order.get("email"):
            context.log("mail", to=order["email"], text=letter(order))


def letter(order):
    count = sum(item.get("count", 1) for item in order["items"])
    noun = "item" if count == 1 else "items"
    return f"Thank you! {count} {noun}, {order['total']} in all. Receipt {order['receipt']}."
