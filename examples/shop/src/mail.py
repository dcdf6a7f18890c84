"""Thanks the customer for each order that was paid."""


def handle(event, context):
    for record in event["records"]:
        order = record["data"]
        text = f"Thank you for order {order.get('id')}: {order['total']} in all, receipt {order['receipt']}."
        context.log("mail", to=order.get("email", "customer@example.org"), text=text)
