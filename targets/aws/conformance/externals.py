"""What other systems own, made before a stack that uses it: values that other stacks export, and buses."""

import json

# How the names begin of what the test program imports, and of what the exports stand for.
OTHERS = "office-"
# The ARNs that exports hold, by a word of their names; any other is a queue's.
ARNS = {
    "scans": "arn:aws:s3:::{name}",
    "stock": "arn:aws:dynamodb:{region}:123456789012:table/{name}",
}
QUEUE = "arn:aws:sqs:{region}:123456789012:{name}"


def provide(template, client, region):
    """Makes what the template takes from elsewhere; `client` gives a client of a service."""
    exports, buses = sorted(set(imported(template))), []
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule":
            buses.append(resource["Properties"].get("EventBusName", "default"))
    outputs = {}
    for number, name in enumerate(exports):
        arn = next((arn for word, arn in ARNS.items() if word in name), QUEUE)
        value = arn.format(region=region, name=name)
        outputs[f"Output{number}"] = {"Value": value, "Export": {"Name": name}}
        if arn is QUEUE and name.startswith(OTHERS):
            client("sqs").create_queue(QueueName=name)
    if exports:
        group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": OTHERS}}
        body = {"Resources": {"Any": group}, "Outputs": outputs}
        client("cloudformation").create_stack(StackName="elsewhere", TemplateBody=json.dumps(body))
    # A bus of the program's own is a reference.
    for name in sorted({it for it in buses if isinstance(it, str) and it != "default"}):
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
