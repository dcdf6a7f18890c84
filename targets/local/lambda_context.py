"""What a handler with `contract lambda` gets beside its event, as AWS Lambda gives it."""

import json
import os
import time


class Identity:
    """Nobody calls through Cognito here."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    """The context of one call."""

    def __init__(self, request_id, deadline_ms, arn):
        env = os.environ
        self.aws_request_id = request_id
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = arn
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = f"local/[{self.function_version}]{os.getpid()}"
        self.identity = Identity()
        self.client_context = None
        self._deadline_ms = int(deadline_ms)

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        print(message, flush=True)


def call(handler, event, request_id, deadline_ms, arn):
    """Returns what the handler returns, as JSON text; it is called as it stands, so `async` has no place here."""
    value = handler(event, LambdaContext(request_id, deadline_ms, arn))
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value):
    import decimal  # slow to load
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
