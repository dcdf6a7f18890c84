"""Carries AWS Lambda events to portable handlers, and their answers back.

The entry calls `serve` with the function's config; what `serve` returns is the Lambda handler.
`shim.mjs` is the same for Node.
"""

import json
import time
from pathlib import Path

from . import portable
from .native import native
from .payload import is_skipped, to_portable
from .result import to_answer
from .services import fetch_keys, fetch_secrets
from .verbs import Store, send

ROOT = Path(__file__).resolve().parent.parent


def config_of(name):
    """Returns the config of a function: its line of `functions.jsonl`. The lines of others aren't read as JSON."""
    start = '{"function":%s,' % portable.to_json(name)
    with open(Path(__file__).with_name("functions.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(start):
                return json.loads(line)
    raise LookupError(f"functions.jsonl has no function `{name}`")


def serve(config):
    """Returns the Lambda handler of the function that `config` describes."""
    fetch_secrets()
    keys = fetch_keys()
    handle = portable.load(config["handler"], ROOT)
    if config.get("contract") == "lambda":
        return native(config, handle, keys)

    def handler(payload, lambda_context):
        if is_skipped(payload):
            return None
        now = int(time.time() * 1000)
        deadline = now + lambda_context.get_remaining_time_in_millis()
        request_id = lambda_context.aws_request_id
        event = to_portable(config, payload, request_id)
        outcome = portable.refusal(config, event, keys.get)
        if outcome is None:
            context = portable.Context(config, request_id, deadline, send, Store())
            outcome = portable.call(handle, event, context)
        return to_answer(config, payload, outcome, request_id)

    return handler
