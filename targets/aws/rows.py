"""Rows of DynamoDB, whose values name their types."""

import base64
import json

from . import portable


def query_request(table, query):
    """Returns the arguments of DynamoDB Query."""
    names, values, parts = {}, {}, []

    def value(it):
        values[f":v{len(values)}"] = dynamo_value(it)
        return f":v{len(values) - 1}"

    def name(it):
        names[f"#n{len(names)}"] = it
        return f"#n{len(names) - 1}"

    for field, wanted in query["equal"].items():
        parts.append(f"{name(field)} = {value(wanted)}")
    if query["range"]:
        field, operator, wanted = query["range"]
        field, wanted = name(field), [value(it) for it in wanted]
        parts.append({"starts_with": f"begins_with({field}, {wanted[0]})", "between": f"{field} BETWEEN {' AND '.join(wanted)}"}
                     .get(operator, f"{field} {operator} {wanted[0]}"))
    request = {"TableName": table, "KeyConditionExpression": " AND ".join(parts),
               "ExpressionAttributeNames": names, "ExpressionAttributeValues": values,
               "ScanIndexForward": not query["descending"]}
    return request | ({"IndexName": query["index"]} if query["index"] else {})


def dynamo_row(row):
    return {name: dynamo_value(it) for name, it in row.items()}


def dynamo_value(value):
    """Returns a JSON value as DynamoDB types it."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": portable.to_json(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [dynamo_value(it) for it in value]}
    return {"M": dynamo_row(value)}


def plain_row(row):
    return {name: plain_value(it) for name, it in row.items()}


def plain_value(typed):
    """Returns a value of DynamoDB as JSON: numbers as numbers, sets as lists, bytes as base64."""
    (kind, value), = typed.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return json.loads(value)
    if kind == "M":
        return plain_row(value)
    if kind == "L":
        return [plain_value(it) for it in value]
    if kind == "NS":
        return [json.loads(it) for it in value]
    if kind == "B":
        return as_base64(value)
    if kind == "BS":
        return [as_base64(it) for it in value]
    return list(value) if kind == "SS" else value


def as_base64(value):
    """Events hold base64 already, the SDK hands over bytes."""
    return value if isinstance(value, str) else base64.b64encode(value).decode()
