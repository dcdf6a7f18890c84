"""What other systems own, made before a stack that uses it: values that other stacks export, and buses."""

import json


def provide(template, client, region):
    """Makes what the template takes from elsewhere; `client` gives a client of a service."""
    exports, buses = sorted(set(imported(template))), set()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule":
            buses.add(resource["Properties"].get("EventBusName", "default"))
    if exports:
        outputs = {
            f"Output{number}": {"Value": f"arn:aws:sqs:{region}:123456789012:{name}", "Export": {"Name": name}}
            for number, name in enumerate(exports)
        }
        body = {"Resources": {"Any": {"Type": "AWS::SQS::Queue"}}, "Outputs": outputs}
        client("cloudformation").create_stack(StackName="elsewhere", TemplateBody=json.dumps(body))
    for name in sorted(it for it in buses if isinstance(it, str) and it != "default"):
        client("events").create_event_bus(Name=name)


def imported(value):
    """Returns the names of the exports that a template imports."""
    if isinstance(value, dict):
        if isinstance(name := value.get("Fn::ImportValue"), str):
            yield name
        for it in value.values():
            yield from imported(it)
    elif isinstance(value, list):
        for it in value:
            yield from imported(it)
