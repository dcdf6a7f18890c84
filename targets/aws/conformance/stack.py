#!/usr/bin/env python3
"""Deploys AWS build folders to a mock of AWS and compares what is there with what the program says.

stack.py BUILD_FOLDER… : the SAM translator turns `template.yaml` into CloudFormation, moto creates the stack in this
process, and what moto's services then describe must equal `stacks/<program>.json`, field by field. The
expectations are written by hand from the `.fn` file, so that template and check have no common ancestor. A folder
without expectations is deployed all the same. At last faults are planted: each must be told.
"""

import ast
import copy
import json
import logging
import os
import re
import sys
import warnings
from functools import cache
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[2] / ".conformance" / "aws"
REGION = "eu-central-1"

# moto answers in this process; keys of nobody, so that nothing could reach AWS even if it tried.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION=REGION,
    AWS_EC2_METADATA_DISABLED="true",
)

try:
    import boto3
    import platform_settings
    import sockets
    from check import translate
    from externals import OTHERS, provide
    from moto import mock_aws
    from moto.core.common_models import CloudFormationModel
    from samtranslator.yaml_helper import yaml_parse
except ImportError as error:
    own = VENV / "bin" / "python"
    if own.exists() and Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(own, [str(own), *sys.argv])
    sys.exit(f"the AWS tools are missing ({error}); install them with {HERE / 'setup.sh'}")

logging.disable(logging.WARNING)
# moto tells of parts it doesn't know; those are in the list below.
warnings.filterwarnings("ignore", module="moto")

# What moto 5.2.5 makes nothing of when a template asks for it; checked against moto itself below.
NOT_IN_MOTO = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::SNS::Subscription",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}


def known_to_moto():
    """Returns the types of resource that moto makes when a template asks for them."""
    made = set()
    for service in ("apigatewayv2", "awslambda", "dynamodb", "events", "iam", "kinesis", "logs", "s3", "scheduler", "sns", "sqs", "ssm"):
        import_module(f"moto.{service}.models")
    for model in CloudFormationModel.__subclasses__():
        try:
            made.add(model.cloudformation_type())
        except NotImplementedError:
            continue
    return made


@cache
def client(service):
    """Returns a service's client: making one takes longer than a call of it."""
    return boto3.client(service, region_name=REGION)


def prune(template):
    """Returns the template without what moto lacks, and without references to it."""
    template = copy.deepcopy(template)
    gone = {n for n, it in template["Resources"].items() if it["Type"] in NOT_IN_MOTO}
    # What refers to them goes too, and what refers to that.
    more = gone
    while more:
        template["Resources"] = {n: it for n, it in template["Resources"].items() if n not in more}
        more = {n for n, it in template["Resources"].items() if refers(it, gone)}
        gone |= more
    template["Outputs"] = {
        name: it for name, it in template.get("Outputs", {}).items() if not refers(it, gone)
    }
    return template


def refers(value, names):
    """Tells whether a value refers to one of the names anywhere."""
    if isinstance(value, dict):
        target = value.get("Fn::GetAtt") or value.get("Ref")
        if (target[0] if isinstance(target, list) else target) in names:
            return True
        text = value.get("Fn::Sub")
        text = text[0] if isinstance(text, list) else text
        if isinstance(text, str) and any("${" + it in text for it in names):
            return True
        return any(refers(it, names) for it in value.values())
    if isinstance(value, list):
        return any(refers(it, names) for it in value)
    return False


def deploy(template, name):
    """Creates the stack; returns its resources as (type, physical name)."""
    bucket = client("s3")
    bucket.create_bucket(
        Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    bucket.put_object(Bucket="bucket", Key="key", Body=b"PK\x05\x06" + b"\0" * 18)
    provide(template, client, REGION)
    if parts := sockets.split(template):
        sockets.make(parts, template, client, REGION)
    template = prune(template)
    stacks = client("cloudformation")
    stacks.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    [stack] = stacks.describe_stacks(StackName=name)["Stacks"]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise RuntimeError(stack["StackStatus"])
    pages = stacks.get_paginator("list_stack_resources").paginate(StackName=name)
    return [
        (it["ResourceType"], it.get("PhysicalResourceId", ""))
        for page in pages
        for it in page["StackResourceSummaries"]
    ]


def outputs():
    """Returns the outputs of the app's stack: values by id, and the names under which they are exported."""
    stacks = [it for it in client("cloudformation").describe_stacks()["Stacks"] if it["StackName"] != "elsewhere"]
    return {
        it["OutputKey"]: {"value": it["OutputValue"], "export": it.get("ExportName"), "description": it.get("Description")}
        for stack in stacks
        for it in stack.get("Outputs", [])
    }


def described():
    """Returns what the services say is there, by kind and name, in the words of their own APIs."""
    made = {
        "queues": queues(),
        "topics": topics(),
        "functions": functions(),
        "tables": tables(),
        "streams": streams(),
        "buckets": buckets(),
        "log_groups": log_groups(),
        "tags": tags(),
        "outputs": outputs(),
        "layers": platform_settings.layers(client("lambda")),
        "parameters": parameters(),
        "websockets": sockets.described(client),
    }
    return sockets.without_ids(made, client)


def queues():
    sqs = client("sqs")
    made = {}
    for url in sqs.list_queues().get("QueueUrls", []):
        if url.rpartition("/")[2].startswith(OTHERS):
            continue
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        redrive = json.loads(attributes.get("RedrivePolicy", "null"))
        made[url.rpartition("/")[2]] = {
            "keep": int(attributes["MessageRetentionPeriod"]),
            "hidden": int(attributes["VisibilityTimeout"]),
            "delay": int(attributes["DelaySeconds"]),
            "fifo": attributes.get("FifoQueue") == "true",
            "max_size": int(attributes["MaximumMessageSize"]),
            "attempts": redrive and int(redrive["maxReceiveCount"]),
            "then": redrive and redrive["deadLetterTargetArn"].rpartition(":")[2],
        }
    return made


def topics():
    """Returns the topics; moto makes no subscriptions from a template."""
    sns = client("sns")
    made = {}
    for topic in sns.list_topics()["Topics"]:
        arn = topic["TopicArn"]
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        made[arn.rpartition(":")[2]] = {"fifo": attributes.get("FifoTopic") == "true"}
    return made


def functions():
    lambdas, iam = client("lambda"), client("iam")
    made = {}
    for function in lambdas.list_functions()["Functions"]:
        name = function["FunctionName"]
        reserved = lambdas.get_function_concurrency(FunctionName=name)
        mappings = lambdas.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        role = function["Role"].rpartition("/")[2]
        made[name] = {
            "runtime": function.get("Runtime") or function["PackageType"],
            "memory": function["MemorySize"],
            "timeout": function["Timeout"],
            "env": function.get("Environment", {}).get("Variables", {}),
            "reserved": reserved.get("ReservedConcurrentExecutions"),
            "sources": sorted(
                f"{last(it['EventSourceArn'])} by {it['BatchSize']}"
                for it in mappings
            ),
            "rights": rights(iam, role),
            **platform_settings.settings(lambdas, function),
        }
    return made


def rights(iam, role):
    """Returns what a role allows: `action on resource`, without the part of an ARN that an account decides."""
    made = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        # What a template gave, moto hands back as Python would print it.
        document = ast.literal_eval(document) if isinstance(document, str) else document
        for statement in document["Statement"]:
            actions, resources = statement["Action"], statement["Resource"]
            actions = actions if isinstance(actions, list) else [actions]
            resources = resources if isinstance(resources, list) else [resources]
            made += [f"{action} on {last(it)}" for action in actions for it in resources]
    return sorted(made)


def broad_rights(functions):
    """Returns the rights that hold for more than one named thing; a program's own things all have names."""
    return [
        f"functions / {name}: {right}: on everything"
        for name, function in functions.items()
        for right in function["rights"]
        # X-Ray and new network interfaces have nothing that a right could name; all objects of one bucket are one thing,
        # and so are all connections of one websocket.
        if not right.startswith(("xray:", "ec2:"))
        and ("*" in right.removesuffix("/*") or (right.endswith("/*") and not right.startswith(("s3:", "execute-api:"))))
    ]


def last(arn):
    # The stream of a table is called by the time it was made.
    return re.sub("/stream/.*", "/stream/TIME", arn.split(":", 5)[-1]) if isinstance(arn, str) else json.dumps(arn)


def tables():
    dynamo = client("dynamodb")
    made = {}
    for name in dynamo.list_tables()["TableNames"]:
        table = dynamo.describe_table(TableName=name)["Table"]
        types = {it["AttributeName"]: it["AttributeType"] for it in table["AttributeDefinitions"]}

        def key(schema, types=types):
            return [f"{it['AttributeName']} {types[it['AttributeName']]}" for it in schema]

        made[name] = {
            "key": key(table["KeySchema"]),
            "indexes": {
                it["IndexName"]: key(it["KeySchema"])
                for it in table.get("GlobalSecondaryIndexes", [])
            },
            "changes": table.get("StreamSpecification", {}).get("StreamViewType"),
            "billing": table.get("BillingModeSummary", {}).get("BillingMode"),
        }
    return made


def streams():
    kinesis = client("kinesis")
    made = {}
    for name in kinesis.list_streams()["StreamNames"]:
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        made[name] = {
            "shards": summary["OpenShardCount"],
            "keep": summary["RetentionPeriodHours"],
        }
    return made


def buckets():
    """Returns the buckets; moto makes nothing of their settings in a template, nor of a table's time to live."""
    s3 = client("s3")
    encryption = lambda name: s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]  # noqa: E731: one expression, used right here
    names = [it["Name"] for it in s3.list_buckets()["Buckets"]]
    return {
        name: {"encrypted": encryption(name)[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]}
        for name in names
        if name != "bucket"
    }


def parameters():
    """Returns the values of parameters; no word of the language makes one."""
    ssm = client("ssm")
    names = [it["Name"] for it in ssm.describe_parameters()["Parameters"]]
    return {name: ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in names}


def log_groups():
    groups = client("logs").describe_log_groups()["logGroups"]
    return {it["logGroupName"]: it.get("retentionInDays") for it in groups if it["logGroupName"] != OTHERS}


def tags():
    """Returns the tags of one resource of each kind, beside those of the compiler; moto gives topics of a template none."""
    sqs, dynamo, kinesis, logs = map(client, ("sqs", "dynamodb", "kinesis", "logs"))
    iam, s3 = client("iam"), client("s3")
    made = {}

    def add(kind, tags):
        if isinstance(tags, list):
            tags = {it["Key"]: it["Value"] for it in tags}
        made[kind] = {key: value for key, value in tags.items() if not key.startswith("fnc:")}

    for url in [it for it in sqs.list_queues().get("QueueUrls", []) if OTHERS not in it][:1]:
        add("queue", sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))
    for name in dynamo.list_tables()["TableNames"][:1]:
        arn = dynamo.describe_table(TableName=name)["Table"]["TableArn"]
        add("table", dynamo.list_tags_of_resource(ResourceArn=arn)["Tags"])
    for name in kinesis.list_streams()["StreamNames"][:1]:
        add("stream", kinesis.list_tags_for_stream(StreamName=name)["Tags"])
    for function in client("lambda").list_functions()["Functions"][:1]:
        # Roles that SAM makes, for schedules, have no tags.
        role = function["Role"].rpartition("/")[2]
        add("role", iam.list_role_tags(RoleName=role)["Tags"])
    for bucket in [it["Name"] for it in s3.list_buckets()["Buckets"] if it["Name"] != "bucket"][:1]:
        add("bucket", s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    for group in logs.describe_log_groups(logGroupNamePrefix="/")["logGroups"][:1]:
        add("log group", logs.list_tags_log_group(logGroupName=group["logGroupName"])["tags"])
    return made


def differences(expected, actual, path=""):
    """Returns where what is there isn't what is expected; what isn't mentioned isn't compared."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        made = []
        for key, value in expected.items():
            if key not in actual:
                made.append(f"{path}{key}: missing")
            else:
                made += differences(value, actual[key], f"{path}{key} / ")
        # What the program doesn't say is a difference too.
        if path:
            made += [f"{path}{key}: not in the program" for key in actual if key not in expected]
        return made
    return [] if expected == actual else [f"{path.strip(' /')}: {expected!r} expected, {actual!r} is there"]


def check(folder):
    """Deploys one folder and compares; returns the findings."""
    template = yaml_parse((folder / "template.yaml").read_text(encoding="utf-8"))
    program = folder.parent.name
    with mock_aws():
        try:
            deploy(translate(template), program)
        except Exception as error:  # noqa: BLE001: whatever moto says, the stack isn't there
            return template, [f"not deployed: {type(error).__name__}: {error}"], 0
        actual = described()
        found, compared = broad_rights(actual["functions"]), 0
        file = HERE / "stacks" / f"{program}.json"
        if file.is_file():
            expected = json.loads(file.read_text(encoding="utf-8"))
            compared = leaves(expected)
            found += differences(expected, actual)
        return template, found, compared


def leaves(value):
    return sum(map(leaves, value.values())) if isinstance(value, dict) else 1


# Planted faults: (kind of resource, change).
FAULTS = [
    ("AWS::SQS::Queue", lambda it: it.update(VisibilityTimeout=1)),
    ("AWS::SQS::Queue", lambda it: it.update(MessageRetentionPeriod=60)),
    ("AWS::Serverless::Function", lambda it: it.update(MemorySize=3008)),
    ("AWS::Serverless::Function", lambda it: it.update(Timeout=899)),
    ("AWS::Serverless::Function", lambda it: it.update(EphemeralStorage={"Size": 9000})),
    ("AWS::Serverless::Function", lambda it: it.update(Tracing="Active")),
    ("AWS::Serverless::Function", lambda it: it.update(Tags={"team": "nobody"})),
    ("AWS::ApiGatewayV2::Route", lambda it: it.update(RouteKey="other")),
    ("AWS::ApiGatewayV2::Stage", lambda it: it.update(AutoDeploy=False)),
    ("AWS::IAM::Role", lambda it: it["Policies"][0]["PolicyDocument"]["Statement"][0].update(Resource="*")),
]


def plant(folder, template):
    """Plants every fault in one template; returns how many were and weren't told."""
    caught = missed = 0
    expected = json.loads((HERE / "stacks" / f"{folder.parent.name}.json").read_text("utf-8"))
    for kind, change in FAULTS:
        mutant = copy.deepcopy(template)
        resources = [it for it in mutant["Resources"].values() if it["Type"] == kind]
        if not resources:
            missed += 1
            print(f"FAIL no {kind} to plant a fault in")
            continue
        change(resources[0]["Properties"])
        with mock_aws():
            deploy(translate(mutant), "mutant")
            found = differences(expected, described())
        if found:
            caught += 1
            print(f"ok   fault in {kind}: {found[0]}")
        else:
            missed += 1
            print(f"FAIL fault in {kind} was not told")
    return caught, missed


def main():
    folders = [Path(it) for it in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    platform_settings.keep()
    passed = failed = 0
    for kind in sorted(NOT_IN_MOTO & known_to_moto()):
        failed += 1
        print(f"FAIL moto makes {kind} by now: take it off the list")
    planted, most = None, 0
    for folder in folders:
        template, found, compared = check(folder)
        for text in found:
            print(f"     {text}")
        verdict = "FAIL" if found else "ok  "
        print(f"{verdict} {folder}: deployed, {compared} values compared")
        passed, failed = passed + (not found), failed + bool(found)
        # The richest program has room for every fault.
        if compared > most:
            planted, most = (folder, template), compared
    if planted is None:
        print("FAIL no folder has expectations")
        failed += 1
    else:
        caught, missed = plant(*planted)
        passed, failed = passed + caught, failed + missed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
