#!/usr/bin/env python3
"""Reads the events that `fnc test` and `fnc run` make for handlers written for Lambda with the models of aws-lambda-powertools.

The program in local/ has one handler behind each trigger; `fnc test` starts each, and each writes down what it was given. An
event that has no model, a schedule's `input`, has its form checked here.
"""

import copy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayProxyEventV2Model,
    DynamoDBStreamModel,
    EventBridgeModel,
    KinesisDataStreamModel,
    S3Model,
    SnsModel,
    SqsModel,
)

HERE = Path(__file__).resolve().parent
FNC = HERE.parents[2] / "target" / "debug" / "fnc"
# The model of each handler's event, and what must not be lost from it unnoticed.
MODELS = {
    "http": (APIGatewayProxyEventV2Model, "requestContext"), "queue": (SqsModel, "Records"), "fifo": (SqsModel, "Records"),
    "topic": (SnsModel, "Records"), "stream": (KinesisDataStreamModel, "Records"), "table": (DynamoDBStreamModel, "Records"),
    "bucket": (S3Model, "Records"), "event": (EventBridgeModel, "detail"), "schedule": (EventBridgeModel, "detail"),
}


def events():
    """Returns the events that the handlers got, by their names."""
    with tempfile.TemporaryDirectory(prefix="fnc-local-") as folder:
        app = Path(folder) / "app"
        shutil.copytree(HERE / "local", app)
        done = subprocess.run([FNC, "test", str(app)], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            sys.exit(f"FAIL the tests of {HERE / 'local'} don't pass:\n{done.stdout}{done.stderr}")
        lines = (app / "src" / "seen.jsonl").read_text("utf-8").splitlines()
    return {it["kind"]: it["event"] for it in map(json.loads, lines)}


def fault(model, event):
    """Returns why a model can't read an event, or none."""
    try:
        model.model_validate(event)
    except ValueError as error:
        return str(error)
    return None


def main():
    got, passed, failed = events(), 0, 0
    for kind, (model, member) in MODELS.items():
        why = fault(model, got[kind]) if kind in got else "no such event"
        poorer = copy.deepcopy(got.get(kind, {}))
        poorer.pop(member, None)
        caught = fault(model, poorer) is not None
        passed, failed = passed + (why is None) + caught, failed + (why is not None) + (not caught)
        if why:
            print(f"FAIL {kind}: {why}\n  in {json.dumps(got.get(kind))}")
        if not caught:
            print(f"FAIL {kind}: nobody misses {member}")
    print(f"{passed} passed, {failed} failed: what handlers for Lambda get locally, by aws-lambda-powertools")
    return 1 if failed or passed < len(MODELS) else 0


if __name__ == "__main__":
    sys.exit(main())
