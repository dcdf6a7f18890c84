"""`contract lambda` where there is no Lambda: its events, its context and the meaning of its answers around a handler."""

import json
import os
import time

ACCOUNT = "000000000000"


def under(config, handler):
    """Returns a handler of portable events that calls one with `contract lambda`."""
    from .lambda_answer import from_lambda
    from .lambda_event import to_lambda

    def portable(event, context):
        given = to_lambda(config, event, context.request_id, int(time.time() * 1000))
        answer = call_lambda(handler, given, about(config), context.request_id, context.deadline_ms)
        return from_lambda(config, event, json.loads(answer))

    return portable


def about(config):
    """Returns what the context tells of the function."""
    name, region = config["function"], config.get("region", "local")
    return {"name": name, "version": "$LATEST", "memory": str(config.get("memory_mb", "")), "place": region,
            "arn": f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"}


def call_lambda(handler, event, about, request_id, deadline_ms):
    """Returns what a Lambda handler returns, as JSON text; it is called as it stands, so `async` has no place here."""
    value = handler(event, LambdaContext(about, request_id, deadline_ms))
    return json.dumps(value, default=_plain, ensure_ascii=False)


class Identity:
    """Nobody calls through Cognito here."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    """The context of one call, as AWS Lambda gives it."""

    def __init__(self, about, request_id, deadline_ms):
        self.aws_request_id = request_id
        self.function_name = about["name"]
        self.function_version = about["version"]
        self.invoked_function_arn = about["arn"]
        self.memory_limit_in_mb = about["memory"]
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = f"{about['place']}/[{self.function_version}]{os.getpid()}"
        self.identity = Identity()
        self.client_context = None
        self._deadline_ms = int(deadline_ms)

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        print(message, flush=True)


def _plain(value):
    import decimal  # slow to load
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
