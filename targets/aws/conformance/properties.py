#!/usr/bin/env python3
"""Compares `properties.json` with the schemas of CloudFormation and SAM that AWS's own tools carry.

Every name of the table must be one of the schema, under the same names: the table must never accept what AWS doesn't
know. Then names are planted that nobody knows, and each must be told.
"""

import copy
import json
import os
import sys
import typing
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[2] / ".conformance" / "aws"
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

try:
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
    from samtranslator.internal.schema_source import (
        aws_serverless_function,
        aws_serverless_httpapi,
        aws_serverless_layerversion,
    )
    from samtranslator.model.eventsources import pull, push, scheduler
    from samtranslator.sdk.resource import SamResourceType
except ImportError as error:
    own = VENV / "bin" / "python"
    if own.exists() and Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(own, [str(own), *sys.argv])
    sys.exit(f"the AWS tools are missing ({error}); install them with {HERE / 'setup.sh'}")

SAM = {
    SamResourceType.Function.value: aws_serverless_function,
    SamResourceType.HttpApi.value: aws_serverless_httpapi,
    SamResourceType.LambdaLayerVersion.value: aws_serverless_layerversion,
}


def members_of_table(shape, shapes):
    """Returns the members of a shape by name, as far as it has any; of a list those of its items."""
    while isinstance(shape, list):
        shape = shape[0]
    if isinstance(shape, str) and shape.startswith("@"):
        return members_of_table(shapes[shape[1:]], shapes)
    if not isinstance(shape, dict):
        return {}
    members = {name: "" for name in shape.get("", "").split(" ") if name}
    members.update((name, it) for name, it in shape.items() if name not in ("", "*"))
    return members


def members_of_schema(schema, root):
    """Returns the members of a schema by name, through references and alternatives; none: anything goes."""
    found = {}
    pending = [schema]
    seen = set()
    while pending:
        it = pending.pop()
        if "$ref" in it:
            if it["$ref"] not in seen:
                seen.add(it["$ref"])
                target = root
                for part in it["$ref"].strip("#/").split("/"):
                    target = target[part]
                pending.append(target)
            continue
        found.update(it.get("properties", {}))
        for word in ("anyOf", "oneOf", "allOf"):
            pending += it.get(word, [])
        if isinstance(it.get("items"), dict):
            pending.append(it["items"])
    return found


def compare(path, shape, schema, root, shapes):
    """Returns the paths of names that the schema doesn't know."""
    known = members_of_schema(schema, root)
    if not known:
        return []
    unknown = []
    for name, inner in members_of_table(shape, shapes).items():
        if name in known:
            unknown += compare(f"{path}.{name}", inner, known[name], root, shapes)
        else:
            unknown.append(f"{path}.{name}")
    return unknown


def names_of_model(model):
    return set(model.__fields__)


def model_of(annotation):
    """Returns the first class with fields within a type."""
    if hasattr(annotation, "__fields__") and annotation.__fields__ and "__root__" not in annotation.__fields__:
        return annotation
    for it in typing.get_args(annotation):
        found = model_of(it)
        if found is not None:
            return found
    return None


def compare_model(path, shape, model, shapes):
    """Like `compare`, with one of SAM's own classes."""
    annotations = typing.get_type_hints(model)
    unknown = []
    for name, inner in members_of_table(shape, shapes).items():
        if name not in annotations:
            unknown.append(f"{path}.{name}")
            continue
        nested = model_of(annotations[name])
        if nested is not None:
            unknown += compare_model(f"{path}.{name}", inner, nested, shapes)
    return unknown


def event_names(kind):
    """Returns what SAM takes for a kind of event: its schema, and the class that carries it out."""
    properties = getattr(aws_serverless_function, {
        "EventBridgeRule": "EventBridgeRuleEventProperties",
        "CloudWatchEvent": "CloudWatchEventProperties",
        "Schedule": "EventsScheduleProperties",
    }.get(kind, f"{kind}EventProperties"))
    names = names_of_model(properties)
    for module in (pull, push, scheduler):
        for it in vars(module).values():
            if getattr(it, "resource_type", None) == kind:
                names |= set(it.property_types)
    return names


def judge(table):
    """Returns the names of the table that AWS doesn't know."""
    shapes = table["shapes"]
    unknown = []
    for kind, shape in table["resources"].items():
        if kind in SAM:
            unknown += compare_model(kind, shape, SAM[kind].Properties, shapes)
        else:
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
            unknown += compare(kind, shape, schema, schema, shapes)
    for kind, shape in table["events"].items():
        known = event_names(kind)
        unknown += [f"{kind}.{it}" for it in members_of_table(shape, shapes) if it not in known]
    for about in ("said", "needed"):
        for kind, reasons in table[about].items():
            shape = table["resources"].get(kind) or table["events"].get(kind) or {}
            known = members_of_table(shape, shapes)
            unknown += [f"{about}.{kind}.{it}" for it in reasons if it not in known]
    return unknown


def main():
    table = json.loads((HERE.parent / "properties.json").read_text(encoding="utf-8"))
    unknown = judge(table)
    for it in unknown:
        print(f"AWS knows no {it}")
    planted = 0
    for part in ("resources", "events"):
        for kind in table[part]:
            wrong = copy.deepcopy(table)
            wrong[part][kind]["Planted"] = ""
            if not any(it.endswith(f"{kind}.Planted") for it in judge(wrong)):
                unknown.append(kind)
                print(f"a planted name of {kind} isn't told")
            planted += 1
    if unknown:
        sys.exit(1)
    print(f"properties.json: {len(table['resources'])} resources and {len(table['events'])} events, {planted} planted names told")


if __name__ == "__main__":
    main()
