"""Counts completed orders by user."""

from collections import Counter


def handle(event, context):
    orders = Counter(record["data"]["userId"] for record in event["records"])
    for user, count in orders.items():
        context.log("orders completed", user=user, count=count)
