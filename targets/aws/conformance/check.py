#!/usr/bin/env python3
"""Judges AWS build folders with AWS's own tools: check.py BUILD_FOLDER…

For every folder: the SAM translator turns `template.yaml` into CloudFormation as a deployment would, cfn-lint
judges the result, and cfn-lint judges the SAM file. A finding of any level fails. Then faults are planted in the
templates just judged, and each must be caught: a gate that finds nothing is no gate.
"""

import copy
import json
import logging
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[2] / ".conformance" / "aws"

# boto3 wants a region when it is imported; nothing here calls AWS.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

try:
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.decode import decode_str
    from cfnlint.runner import Runner
    from samtranslator.feature_toggle.feature_toggle import (
        FeatureToggle,
        FeatureToggleDefaultConfigProvider,
    )
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse
except ImportError as error:
    # Under another interpreter: the tools' own one takes over, if it is there.
    own = VENV / "bin" / "python"
    if own.exists() and Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(own, [str(own), *sys.argv])
    sys.exit(f"the AWS tools are missing ({error}); install them with {HERE / 'setup.sh'}")

# The translator warns about metrics that it doesn't send; nothing a reader could act on.
logging.disable(logging.WARNING)

# W2531 compares runtimes with today's date, so that a template would turn bad by itself.
# Its rules are read once, which takes half as long as judging a template.
LINTER = Runner(ConfigMixIn(**ManualArgs(ignore_checks=["W2531"], regions=["us-east-1", "eu-central-1"])))


def lint(text):
    """Returns what cfn-lint finds in the text of a template."""
    template, errors = decode_str(text)
    return errors or list(LINTER.validate_template(template))


class NoManagedPolicies:
    """Stands in for a call of IAM; the templates name no managed policy."""

    def load(self):
        return {}


def translate(template, parameters=None):
    """Returns the CloudFormation template that SAM makes of a template whose code has been uploaded."""
    template = copy.deepcopy(template)
    functions = [template.get("Globals", {}).get("Function", {})]
    functions += [it.get("Properties", {}) for it in template["Resources"].values()]
    for properties in functions:
        for uri in ("CodeUri", "ContentUri"):
            if uri in properties:
                properties[uri] = "s3://bucket/key"
        if properties.get("PackageType") == "Image":
            properties["ImageUri"] = "123456789012.dkr.ecr.us-east-1.amazonaws.com/images:made"
    toggle = FeatureToggle(
        FeatureToggleDefaultConfigProvider(), stage=None, account_id=None, region=None
    )
    return transform(template, parameters or {}, NoManagedPolicies(), feature_toggle=toggle)


def judge(template):
    """Returns the CloudFormation template, or none, and the findings as (code, text)."""
    try:
        translated = translate(template)
    except InvalidDocumentException as error:
        causes = [cause.message for cause in error.causes] or [error.message]
        return None, [("translator", cause) for cause in causes]
    matches = lint(json.dumps(translated, indent=1, ensure_ascii=False))
    return translated, [finding(translated, match) for match in matches]


def finding(template, match):
    path = [str(part) for part in getattr(match, "path", None) or []]
    return match.rule.id, f"{'/'.join(path) or 'template'}: {match.message}"


def code_findings(folder, template):
    """Returns what is wrong with the code that the functions name."""
    found = []
    shared = template.get("Globals", {}).get("Function", {})
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = {**shared, **resource["Properties"]}
        if properties.get("PackageType") == "Image":
            file = folder / resource["Metadata"]["DockerContext"] / resource["Metadata"]["Dockerfile"]
            found += [] if file.is_file() else [("code", f"{name}: no file {file}")]
            continue
        if properties["Runtime"].startswith("provided"):
            for file in (folder / properties["CodeUri"] / it for it in ("bootstrap", properties["Handler"])):
                found += [] if os.access(file, os.X_OK) else [("code", f"{name}: no executable {file}")]
            continue
        module, _, symbol = properties["Handler"].rpartition(".")
        suffix = ".py" if properties["Runtime"].startswith("python") else ".mjs"
        file = folder / properties["CodeUri"] / (module + suffix)
        if not file.is_file():
            found.append(("code", f"{name}: no file {file} for handler {properties['Handler']}"))
        elif symbol not in file.read_text(encoding="utf-8"):
            found.append(("code", f"{name}: no {symbol} in {file}"))
    return found


def check(folder):
    """Judges one build folder; returns its parsed template, or none, and the number of findings."""
    file = folder / "template.yaml"
    if not file.is_file():
        print(f"FAIL {folder}: no template.yaml")
        return None, 1
    text = file.read_text(encoding="utf-8")
    template = yaml_parse(text)
    translated, found = judge(template)
    found = [("translated", code, message) for code, message in found]
    for match in lint(text):
        found.append(("as written", match.rule.id, f"line {match.linenumber}: {match.message}"))
    for code, message in code_findings(folder, template):
        found.append(("as written", code, message))
    for where, code, message in found:
        print(f"     {where}: {code} {message}")
    count = len(translated["Resources"]) if translated else 0
    verdict = "FAIL" if found else "ok  "
    print(f"{verdict} {folder}: {count} CloudFormation resources, {len(found)} findings")
    return template, len(found)


# Planted faults.


def functions(template):
    return [
        it for it in template["Resources"].values() if it["Type"] == "AWS::Serverless::Function"
    ]


def long_timeout(template):
    for function in functions(template):
        function["Properties"]["Timeout"] = 901
        return True
    return False


def misspelled_property(template):
    for function in functions(template):
        function["Properties"]["MemorySiz"] = 128
        return True
    return False


def unknown_resource(template):
    for function in functions(template):
        function["Properties"]["Role"] = {"Fn::GetAtt": ["NoSuchRole", "Arn"]}
        return True
    return False


def retention_no_one_offers(template):
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Logs::LogGroup":
            resource["Properties"]["RetentionInDays"] = 15
            return True
    return False


def unknown_action(template):
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            [policy, *_] = resource["Properties"]["Policies"]
            policy["PolicyDocument"]["Statement"][0]["Action"] = ["logs:PutLogEvent"]
            return True
    return False


def impatient_queue(template):
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SQS::Queue" and "VisibilityTimeout" in resource["Properties"]:
            resource["Properties"]["VisibilityTimeout"] = 1
            return True
    return False


def one_route_twice(template):
    for function in functions(template):
        for name, event in list(function["Properties"].get("Events", {}).items()):
            if event["Type"] == "HttpApi":
                function["Properties"]["Events"][name + "Again"] = event
                return True
    return False


# What catches each; where two rules see the same, cfn-lint reports either.
FAULTS = [
    (long_timeout, {"E3034", "E3717"}),
    (misspelled_property, {"translator"}),
    (unknown_resource, {"E1010"}),
    (retention_no_one_offers, {"E3030"}),
    (unknown_action, {"W3037"}),
    (impatient_queue, {"E3505"}),
    (one_route_twice, {"translator"}),
]


def plant(templates):
    """Plants every fault in the first template that has room for it; returns how many were and were not caught."""
    caught = missed = 0
    for fault, wanted in FAULTS:
        for folder, template in templates:
            mutant = copy.deepcopy(template)
            if not fault(mutant):
                continue
            _, found = judge(mutant)
            codes = {code for code, _ in found}
            if by := sorted(codes & wanted):
                caught += 1
                print(f"ok   fault {fault.__name__} in {folder}: caught by {by[0]}")
            else:
                missed += 1
                print(f"FAIL fault {fault.__name__} in {folder}: {wanted} expected, got {codes}")
            break
    if caught + missed < 3:
        missed += 1
        print("FAIL fewer than three faults could be planted: the gate is not known to be live")
    return caught, missed


def main():
    folders = [Path(it) for it in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    passed = failed = 0
    templates = []
    for folder in folders:
        template, findings = check(folder)
        passed, failed = passed + (findings == 0), failed + (findings > 0)
        if template is not None:
            templates.append((folder, template))
    caught, missed = plant(templates)
    print(f"{passed + caught} passed, {failed + missed} failed")
    return 1 if failed + missed else 0


if __name__ == "__main__":
    sys.exit(main())
