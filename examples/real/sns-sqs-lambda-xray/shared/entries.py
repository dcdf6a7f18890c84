"""What the functions write of a message into their logs."""

import os


def entry(step, message, **more):
    """Returns a log entry: what was done with which message, by which service."""
    service = os.environ.get("SERVICE_NAME", "ProducerTracer")
    return {"step": step, "service": service, "message": message, **more}
