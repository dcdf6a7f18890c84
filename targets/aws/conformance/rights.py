#!/usr/bin/env python3
"""Holds the roles of AWS build folders to the table in docs/aws.md: rights.py BUILD_FOLDER…

Every action that a role allows must be one of the table's, by its full name, and none may be allowed on everything but those
that the table says so of. A folder whose program writes permissions in AWS's own words has those beside it: it isn't for this check.
At last an action and a resource are planted, and each must be told.
"""

import copy
import re
import sys
from pathlib import Path

from check import HERE
from samtranslator.yaml_helper import yaml_parse

# X-Ray and new network interfaces have nothing that a right could name.
ON_EVERYTHING = ("xray:", "ec2:")


def documented():
    """Returns the actions of the table of rights."""
    page = (HERE.parents[2] / "docs" / "aws.md").read_text("utf-8").split("\n## Rights\n")[1].split("\n## ")[0]
    made = set()
    for group in re.findall(r"`([a-z0-9-]+:[A-Z][^`]*)`", page):
        service, _, names = group.partition(":")
        made |= {f"{service}:{name}" for name in names.split()}
    return made


def findings(template, known):
    """Returns the statements that say more than the table, and how many were looked at."""
    found, seen = [], 0
    for id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for policy in resource["Properties"]["Policies"]:
            for it in policy["PolicyDocument"]["Statement"]:
                seen += 1
                found += [f"{id}: {action} isn't in the table" for action in it["Action"] if action not in known]
                if "*" in it["Resource"] and not all(one.startswith(ON_EVERYTHING) for one in it["Action"]):
                    found.append(f"{id}: {it['Sid']} holds for everything")
    return found, seen


def main():
    folders, known, failed = [Path(it) for it in sys.argv[1:]], documented(), 0
    if not folders:
        sys.exit(__doc__)
    template = None
    for folder in folders:
        template = yaml_parse((folder / "template.yaml").read_text("utf-8"))
        found, seen = findings(template, known)
        for it in found:
            print(f"     {it}")
        print(f"{'FAIL' if found else 'ok  '} {folder}: {seen} statements")
        failed += bool(found) or not seen
    for change in ({"Action": ["s3:DeleteBucket"]}, {"Resource": ["*"]}):
        spoiled = copy.deepcopy(template)
        role = next(it for it in spoiled["Resources"].values() if it["Type"] == "AWS::IAM::Role")
        role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0].update(change)
        told, _ = findings(spoiled, known)
        failed += not told
        print(f"ok   planted: {told[0]}" if told else f"FAIL {change} went unnoticed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
