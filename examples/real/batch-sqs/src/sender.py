"""Puts a handful of products into the queue."""

import random


def handle(event, context):
    for record in event["records"]:
        batch = random.Random(record["scheduled"])
        for number in range(5):
            product = {
                "id": f"{record['scheduled']}-{number}",
                "name": batch.choice(["apple", "bread", "cheese", "date"]),
                "price": round(batch.uniform(-1, 20), 2),
            }
            context.send("demo", product)
        context.log("sent", count=5)
