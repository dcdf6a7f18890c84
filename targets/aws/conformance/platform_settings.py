"""What a function asks of Lambda beside memory and time, as moto describes it.

moto 5.2.5 makes functions of templates without their architecture, disk, tracing, layers and tags; `keep` adds them with
moto's own means, so that it checks and describes them as it does those of a call.
"""

from moto.awslambda.models import LambdaFunction, LayerVersion

# What every function has that asks for nothing.
PLAIN = {"architectures": ["x86_64"], "disk": 512, "tracing": "PassThrough", "layers": [], "network": None}
# Tags that SAM and the compiler give every function.
OWN_TAGS = ("lambda:", "fnc:")


def keep():
    """Lets moto keep what templates say of functions."""
    make = LambdaFunction.create_from_cloudformation_json.__func__

    def create(cls, name, template, account_id, region_name, **others):
        function = make(cls, name, template, account_id, region_name, **others)
        properties = template["Properties"]
        function.architectures = properties.get("Architectures", ["x86_64"])
        function.package_type = properties.get("PackageType", "Zip")
        function.ephemeral_storage = properties.get("EphemeralStorage", {}).get("Size", 512)
        function.tracing_config = properties.get("TracingConfig", function.tracing_config)
        # A reference is the layer itself; what another system owns isn't in this account.
        layers = [getattr(it, "arn", it) for it in properties.get("Layers", [])]
        function.layers = [{"Arn": arn, "CodeSize": 0} for arn in layers]
        function.tags.update({it["Key"]: it["Value"] for it in properties.get("Tags", [])})
        return function

    LambdaFunction.create_from_cloudformation_json = classmethod(create)
    # Its name is where AWS has it, so that the layer is called as the template says.
    LayerVersion.cloudformation_name_type = staticmethod(lambda: "LayerName")


def layers(lambdas):
    """Returns the layers that are there, by name."""
    made = {}
    for layer in lambdas.list_layers()["Layers"]:
        version = layer["LatestMatchingVersion"]
        made[layer["LayerName"]] = {
            "description": version.get("Description", ""),
            "runtimes": version.get("CompatibleRuntimes", []),
        }
    return made


def settings(lambdas, function):
    """Returns what a function has asked for, in the words of the API; what it hasn't is left out."""
    network = function.get("VpcConfig") or {}
    made = {
        "architectures": function["Architectures"],
        "disk": function["EphemeralStorage"]["Size"],
        "tracing": function["TracingConfig"]["Mode"],
        "layers": [it["Arn"].split(":", 5)[-1] for it in function.get("Layers", [])],
        "network": {key: network[key] for key in ("SubnetIds", "SecurityGroupIds")}
        if network.get("SubnetIds")
        else None,
    }
    tags = lambdas.list_tags(Resource=function["FunctionArn"])["Tags"]
    tags = {key: value for key, value in tags.items() if not key.startswith(OWN_TAGS)}
    made = {key: value for key, value in made.items() if value != PLAIN[key]}
    return {**made, "tags": tags} if tags else made
