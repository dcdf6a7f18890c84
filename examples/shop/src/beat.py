"""Shows that production is alive."""

import os


def handle(event, context):
    context.log("alive", stage=os.environ["STAGE"])
