#!/usr/bin/env python3
"""Compares the template of a real app with the one that fnc makes of it: compare.py ORIGINAL BUILD_FOLDER [EXPLAINED]

Both SAM templates are translated to CloudFormation, resources are paired by type and by what they have in common, and
each property is equal, better (ours says more, or a role allows less) or missing (the original says it, ours doesn't, or
says something else). What the original's roles allow and ours don't is missing too. EXPLAINED is a JSON object, pattern of what is missing → why; what it doesn't explain fails.

The originals are other people's and aren't in this repository: each example's README names its original by URL and commit.
A serverless.yml is not translated: its framework isn't among the tools here.

compare.py --planted BUILD_FOLDER compares a template with itself and with copies of which something was taken: each loss must be told.
"""

import collections
import copy
import json
import re
import sys
from pathlib import Path

from check import translate
from samtranslator.yaml_helper import yaml_parse

# What AWS makes up or an id names: no property of the app.
IGNORED = re.compile(r"(^|\.)(Code|SourceArn|FunctionName|Tags|CodeSha256|RestApiId|ApiId|StatementId|EventSourceToken)(\.|\[|$)")
ROLE = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
# What the policies that SAM and AWS name allow, as far as the originals use them.
MANAGED = {
    "AWSLambdaBasicExecutionRole": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "AWSXrayWriteOnlyAccess": ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules"],
    "AWSXRayDaemonWriteAccess": ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules"],
    "AWSLambdaSQSQueueExecutionRole": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "AWSLambdaKinesisExecutionRole": ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream",
                                      "kinesis:DescribeStreamSummary", "kinesis:ListShards"],
    "AWSLambdaDynamoDBExecutionRole": ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream",
                                       "dynamodb:ListStreams"],
}


def resources(file):
    """Returns the translated resources of a SAM template, those that a condition leaves out included."""
    # A policy's version reads like a date.
    template = json.loads(json.dumps(yaml_parse(Path(file).read_text("utf-8")), default=str))
    defaults = {n: it["Default"] for n, it in template.get("Parameters", {}).items() if "Default" in it}
    return translate(template, defaults)["Resources"], defaults


def flat(value, kinds, defaults, path=""):
    """Returns the leaves of a value by path, references by the type of what they refer to."""
    if isinstance(value, dict):
        [(name, argument)] = value.items() if len(value) == 1 else [("", None)]
        if name == "Ref" and argument in defaults:
            return {path: defaults[argument]}
        if name in ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::ImportValue"):
            text = json.dumps(argument)
            named = [kind for id, kind in kinds.items() if re.search(rf"\b{id}\b", text)]
            return {path: f"<{'+'.join(sorted(set(named))) or name}>"}
        made = {}
        for key, it in value.items():
            made |= flat(it, kinds, defaults, f"{path}.{key}" if path else key)
        return made
    if isinstance(value, list):
        made = {}
        for at, it in enumerate(value):
            made |= flat(it, kinds, defaults, f"{path}[{at}]")
        return made
    return {path: value}


def described(all_resources, defaults, ignored=IGNORED):
    """Returns the resources that aren't roles, as (id, type, leaves that aren't ignored), and what their roles allow together."""
    kinds = {id: it["Type"] for id, it in all_resources.items()}
    made, actions = [], collections.Counter()
    for id, it in all_resources.items():
        if it["Type"] in ROLE:
            for name in re.findall(r"policy/(?:service-role/)?(\w+)", json.dumps(it)):
                actions.update(MANAGED.get(name, [f"managed policy {name}"]))
            text = json.dumps(it["Properties"])
            actions.update(re.findall(r'"([a-z0-9-]+:(?:[A-Z]\w*\*?|\*))"', text))
            continue
        leaves = flat(it.get("Properties", {}), kinds, defaults)
        made.append((id, it["Type"], {k: v for k, v in leaves.items() if not (ignored and ignored.search(k))}))
    actions.pop("sts:AssumeRole", None)
    return made, set(actions)


def likeness(one, other):
    """Returns how much two resources have in common: what is the same, then what both say at all, less what one says alone."""
    same = sum(str(other.get(key)) == str(it) for key, it in one.items())
    return same + 0.5 * len(set(one) & set(other)) - 0.1 * len(set(one) ^ set(other))


def paired(theirs, own):
    """Returns our resource for each of theirs that has one like it, by their id, and ours that are left."""
    pairs, free = {}, list(own)
    alike = [(likeness(it[2], one[2]), it[0], one[0]) for it in theirs for one in own if it[1] == one[1]]
    for _, id, other in sorted(alike, key=lambda it: (-it[0], it[1:])):
        if id not in pairs and other in [it[0] for it in free]:
            [pairs[id]] = [it for it in free if it[0] == other]
            free.remove(pairs[id])
    return pairs, free


# What is missing in every app, and why nothing is lost by it.
COMMON = {
    r" Handler: ": "another handler: what Lambda calls is the shim's entry",
    r"right logs:CreateLogGroup$": "the template makes the log group",
    r"right xray:GetSamplingRules$": "Lambda samples by itself; the role sends traces only",
}


def compare(original, ours):
    """Returns counts of what is equal and better, and what is missing, by resource of the original."""
    theirs, wide = described(*original)
    own, narrow = described(*ours)
    equal = better = 0
    missing = []
    pairs, free = paired(theirs, own)
    for id, kind, leaves in theirs:
        if id not in pairs:
            missing.append(f"{kind} {id}")
            continue
        best = pairs[id]
        for key, it in leaves.items():
            if key in best[2] and str(best[2][key]).lower() == str(it).lower():
                equal += 1
            else:
                missing.append(f"{kind} {id} {key}: {it!r}, here {best[2].get(key)!r}")
        better += len(set(best[2]) - set(leaves))
    equal += len(wide & narrow)
    covered = {it for it in wide - narrow if "*" in it and any(one.startswith(it.split("*")[0]) for one in narrow)}
    missing += [f"right {it}" for it in sorted(wide - narrow - covered)]
    return equal, better + len(free) + len(covered), missing


def planted(folder):
    """Compares a template with itself, and with copies that lack something; returns how many losses weren't told."""
    whole = resources(Path(folder) / "template.yaml")
    _, _, missing = compare(whole, whole)
    failed = len(missing)
    print("FAIL a template lacks something of itself" if missing else "ok   a template lacks nothing of itself")
    for kind, what in [("AWS::SQS::Queue", None), ("AWS::SQS::Queue", "RedrivePolicy"), ("AWS::Lambda::Function", "Timeout"),
                       ("AWS::Lambda::EventSourceMapping", "BatchSize"), ("AWS::IAM::Role", "Policies")]:
        less = copy.deepcopy(whole[0])
        holders = [id for id, it in less.items() if it["Type"] == kind and (what is None or what in it["Properties"])]
        for id in holders:
            less.pop(id) if what is None else less[id]["Properties"].pop(what)
        told = holders and compare(whole, (less, whole[1]))[2]
        failed += not told
        print(f"ok   without {what or kind}: {told[0]}" if told else f"FAIL nobody misses {what or kind}")
    return failed


def main():
    if sys.argv[1:2] == ["--planted"]:
        return 1 if planted(sys.argv[2]) else 0
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    original = Path(sys.argv[1])
    if not original.is_file():
        sys.exit(f"{original} isn't here: the README of the example names it by URL and commit")
    if "Resources" not in (yaml_parse(original.read_text("utf-8")) or {}) or original.name.startswith("serverless"):
        sys.exit(f"{original} is no SAM template; a serverless.yml isn't translated")
    ours = resources(Path(sys.argv[2]) / "template.yaml")
    equal, better, missing = compare(resources(original), ours)
    explained = COMMON | (json.loads(Path(sys.argv[3]).read_text("utf-8")) if sys.argv[3:] else {})
    unexplained = 0
    for it in missing:
        why = next((why for pattern, why in explained.items() if re.search(pattern, it)), None)
        unexplained += why is None
        print(f"missing {it}{'  ' + why if why else '  NOT EXPLAINED'}")
    print(f"{equal} equal, {better} better, {len(missing)} missing, {unexplained} of them not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
