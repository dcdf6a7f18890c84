#!/usr/bin/env python3
"""Calls every function of AWS build folders under Lambda's own runtime clients: functions.py BUILD_FOLDER…

What runs is what would be deployed: the code folder, the `Handler` and the variables of `template.yaml`. Each function gets
an event of each of its triggers, and must be loaded and answer in the form that the trigger needs; what its handler
makes of the event is not judged here.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

import runtime
from samtranslator.yaml_helper import yaml_parse


class Deployed(runtime.Language):
    """A function as it lies in a build folder."""

    def __init__(self, language, handler, code, fault, layers=()):
        command = [*language.command[:-1], handler]
        super().__init__(language.name, language.suffix, "", "", "", command)
        self.code, self.fault, self.layers = code, fault, layers

    @classmethod
    def executable(cls, code, fault):
        """Returns a function that Lambda starts itself, by the file it asks for."""
        made = cls(runtime.Language("custom", "", "", "", "", ["", ""]), "bootstrap", code, fault)
        made.command = ["./bootstrap"]
        return made

    def lay_out(self, folder, config, handler, answers, fault):
        # There is no /opt to lay them in here: layers.py judges how they are found there.
        for it in (*self.layers, self.code):
            shutil.copytree(it, folder, dirs_exist_ok=True)
        if self.fault and self.command == ["./bootstrap"]:
            (folder / "bootstrap").write_text("#!/bin/sh\nexit 1\n", "utf-8")
        elif self.fault:
            entry = folder / (self.command[-1].rpartition(".")[0] + "." + self.suffix)
            # Handlers that Lambda calls itself have no entry: there the handler is what gets another name.
            shimmed = self.command[-1] == runtime.HANDLER
            entry.write_text(entry.read_text("utf-8").replace(*(self.fault if shimmed else ("handle(", "handled("))), "utf-8")


def layers_of(folder, resources, properties):
    """Returns the folders of a function's own layers, in order: of two files with one path the later layer's counts."""
    named = [it["Ref"] for it in properties.get("Layers", []) if isinstance(it, dict) and it.get("Ref") in resources]
    return [folder / resources[it]["Properties"]["ContentUri"] for it in named]


def deployed_of(folder, languages, properties, metadata, layers, fault):
    """Returns a function as it is deployed, and its handler."""
    if properties.get("PackageType") == "Image":
        # The base images of Lambda start the runtime client of their language with what CMD says.
        context = folder / metadata["DockerContext"]
        lines = (context / metadata["Dockerfile"]).read_text("utf-8").splitlines()
        [command] = [json.loads(it.removeprefix("CMD")) for it in lines if it.startswith("CMD")]
        assert any(it.startswith("FROM public.ecr.aws/lambda/python:") for it in lines), "an image of Lambda's for Python"
        return Deployed(languages["Python"], command[0], context, fault), command[0]
    handler, code = properties["Handler"], folder / properties["CodeUri"]
    if properties["Runtime"].startswith("provided"):
        return Deployed.executable(code, fault), handler
    language = languages["Python" if properties["Runtime"].startswith("python") else "Node"]
    return Deployed(language, handler, code, fault, layers), handler


def payload(name):
    return json.loads((runtime.VECTORS / "aws" / f"{name}.json").read_text("utf-8"))["payload"]


def properties_of(resources, value, elsewhere):
    """Returns the properties of the resource that a value refers to; those given when another stack owns it."""
    name = value.get("Ref") or value.get("Fn::GetAtt", [None])[0]
    return resources[name]["Properties"] if name else elsewhere


def answered(answer):
    """Tells whether a handler was reached: what is turned away before it says so in these words."""
    body = (answer.get("body") or "").replace(" ", "")
    return "statusCode" in answer and body != '{"error":"unauthorized"}'


def event_of(resources, event):
    """Returns a payload of an event, and what tells that the answer has the right form."""
    properties = event["Properties"]
    if event["Type"] == "HttpApi":
        method = properties["Method"].replace("ANY", "POST")
        made = payload("http-post-json")
        made["routeKey"] = f"{properties['Method']} {properties['Path']}"
        made["requestContext"]["http"]["method"] = method
        made["pathParameters"] = {"id": "7", "name": "World", "rest": "a/b", "device": "d", "userId": "u"}
        # The key of routes that ask for one, as the secrets' stand-in gives it.
        made["headers"]["x-api-key"] = "v"
        return made, answered
    if event["Type"] == "SQS":
        queue = properties_of(resources, properties["Queue"], {"QueueName": "elsewhere"})
        through = properties["Queue"].get("Fn::GetAtt", [""])[0].endswith("Inbox")
        made = payload("topic-fifo" if through else "queue-fifo" if "FifoQueue" in queue else "queue-batch")
        for record in made["Records"]:
            record["eventSourceARN"] = f"arn:aws:sqs:us-east-1:123456789012:{queue['QueueName']}"
        return made, lambda it: it is None or "batchItemFailures" in it or "raises" in it
    if event["Type"] == "SNS":
        topic = resources[properties["Topic"]["Ref"]]["Properties"]
        made = payload("topic-message")
        made["Records"][0]["Sns"]["TopicArn"] = f"arn:aws:sns:us-east-1:123456789012:{topic['TopicName']}"
        return made, lambda it: it is None or "raises" in it
    if event["Type"] in ("Kinesis", "DynamoDB"):
        source = properties_of(resources, properties["Stream"], {"Name": "elsewhere"})
        made = payload("stream-batch" if event["Type"] == "Kinesis" else "table-changes")
        for record in made["Records"]:
            kind = f"stream/{source['Name']}" if "Name" in source else f"table/{source['TableName']}/stream/2026"
            record["eventSourceARN"] = ":".join([*record["eventSourceARN"].split(":")[:5], kind])
        return made, lambda it: "batchItemFailures" in it or "raises" in it
    if event["Type"] == "S3":
        name = resources[properties["Bucket"]["Ref"]]["Properties"]["BucketName"]
        name = name if isinstance(name, str) else name["Fn::Sub"]
        name = name.replace("${AWS::AccountId}", "123456789012").replace("${AWS::Region}", "us-east-1")
        created = "s3:ObjectCreated:*" in properties["Events"]
        made = payload("bucket-created" if created else "bucket-deleted")
        made["Records"][0]["s3"]["bucket"].update(name=name, arn=f"arn:aws:s3:::{name}")
        return made, lambda it: it is None or "raises" in it
    if event["Type"] == "EventBridgeRule":
        made = payload("event")
        made["detail-type"] = properties["Pattern"]["detail-type"][0]
        return made, lambda it: it is None or "raises" in it
    if event["Type"] != "ScheduleV2":
        return {"in": "AWS's own words"}, lambda it: True
    made = properties["Input"]
    made = json.loads(made["Fn::Sub"] if isinstance(made, dict) else made)
    filled = {"id": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78", "scheduled": "2026-01-31T08:00:00Z", "attempt": "1"}
    made.update({name: it for name, it in filled.items() if name in made})
    return made, lambda it: it is None or "raises" in it


def variables(resources, properties, server):
    """Returns the variables of a function, with what CloudFormation would fill in."""
    made = {}
    for name, value in properties.get("Environment", {}).get("Variables", {}).items():
        if isinstance(value, dict) and not name.startswith(("FNC_QUEUE_", "FNC_TOPIC_")):
            value = "known when deployed"
        elif isinstance(value, dict):
            named = resources.get(value.get("Ref"), {}).get("Properties", {})
            value = f"http://{server.address}/123456789012/{named.get('QueueName', 'q')}"
            if "TopicName" in named:
                value = f"arn:aws:sns:us-east-1:123456789012:{named['TopicName']}"
        made[name] = value
    return {**made, "AWS_ENDPOINT_URL": f"http://{server.address}"}


def call(folder, languages, fault=None):
    """Yields (function, what came back, whether its form is right) for each event of each function."""
    template = yaml_parse((folder / "template.yaml").read_text("utf-8"))
    resources = template["Resources"]
    shared = template.get("Globals", {}).get("Function", {})
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = {**shared, **resource["Properties"]}
        deployed, handler = deployed_of(
            folder, languages, properties, resource.get("Metadata", {}), layers_of(folder, resources, properties), fault)
        events = [event_of(resources, it) for it in properties.get("Events", {}).values()]
        events = events or [({"n": 1}, lambda it: True)]
        server = runtime.Server(runtime.cloud([]))
        environment = variables(resources, properties, server)
        environment["_HANDLER"] = handler
        outcomes = runtime.run(deployed, None, [it for it, _ in events], environment=environment)
        server.shutdown()
        good = len(outcomes) == len(events) and all(
            not (isinstance(it, dict) and ("init failed" in it or "no answer" in it)) and fits(it)
            for it, (_, fits) in zip(outcomes, events))
        yield name, outcomes, good


def main():
    folders = [Path(it) for it in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    languages = {it.name: it for it in runtime.languages()}
    passed = failed = 0
    for folder in folders:
        for name, outcomes, good in call(folder, languages):
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"FAIL {folder} {name}: {json.dumps(outcomes)[:2000]}")
    # A planted fault: entries that export another name must be seen.
    faulty = [good for _, _, good in call(folders[0], languages, ("handler =", "handle ="))]
    passed, failed = passed + (not any(faulty)), failed + any(faulty)
    if any(faulty):
        print("FAIL functions without a handler went unnoticed")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
