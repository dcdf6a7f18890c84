"""Websockets in a mock of AWS: moto makes none from a template, but it knows the API by which CloudFormation makes them."""

import re

ACCOUNT = "123456789012"
KINDS = ("Api", "Stage", "Authorizer", "Integration", "Route")


def split(template):
    """Takes a template's websocket out of it; returns its resources by id, none where it has none."""
    found = {name: it for name, it in template["Resources"].items() if is_part(template, it)}
    for name in found:
        del template["Resources"][name]
    return found


def is_part(template, resource):
    service, _, kind = resource["Type"].rpartition("::")
    if service != "AWS::ApiGatewayV2" or kind not in KINDS:
        return False
    properties = resource["Properties"]
    if kind != "Api":
        properties = template["Resources"].get(properties["ApiId"]["Ref"], {}).get("Properties", {"ProtocolType": "WEBSOCKET"})
    return properties.get("ProtocolType") == "WEBSOCKET"


def make(parts, template, client, region):
    """Makes the websocket and tells the rest of the template its ids."""
    api = client("apigatewayv2")
    names = {n: it["Properties"].get("FunctionName") for n, it in template["Resources"].items() if it["Type"] == "AWS::Lambda::Function"}
    known = {f"{n}.Arn": f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}" for n, name in names.items()}
    known |= {"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": ACCOUNT, "AWS::URLSuffix": "amazonaws.com"}
    for n, it in template["Resources"].items():
        if it["Type"] == "AWS::Lambda::Alias":
            known[n] = known[it["Properties"]["FunctionName"]["Ref"] + ".Arn"] + ":" + it["Properties"]["Name"]

    def value(it):
        if isinstance(it, dict) and "Ref" in it:
            return known[it["Ref"]]
        if isinstance(it, dict) and "Fn::Sub" in it:
            return re.sub(r"\$\{([^}]+)\}", lambda found: known[found[1]], it["Fn::Sub"])
        if isinstance(it, dict) and "Fn::Join" in it:
            divider, items = it["Fn::Join"]
            return divider.join(map(value, items))
        return it

    for kind in KINDS[:1] + KINDS[2:] + KINDS[1:2]:
        for name, it in parts.items():
            if it["Type"].endswith(f"::{kind}"):
                given = {key: value(one) for key, one in it["Properties"].items()}
                made = getattr(api, f"create_{kind.lower()}")(**given)
                known[name] = made.get(f"{kind}Id", name)
    ids = {name: known[name] for name in parts}
    template["Resources"] = replaced(template["Resources"], ids)
    template["Outputs"] = replaced(template.get("Outputs", {}), ids)


def replaced(value, ids):
    """Returns a part of a template with the ids in place of references to them."""
    if isinstance(value, dict):
        if value.get("Ref") in ids:
            return ids[value["Ref"]]
        return {key: replaced(it, ids) for key, it in value.items()}
    if isinstance(value, list):
        return [replaced(it, ids) for it in value]
    if isinstance(value, str):
        for name, made in ids.items():
            value = value.replace("${" + name + "}", made)
    return value


def described(client):
    """Returns the websockets that are there, with what each route calls; the id of one, which AWS makes up, is `ID`."""
    api, made = client("apigatewayv2"), {}
    for it in api.get_apis()["Items"]:
        if it["ProtocolType"] != "WEBSOCKET":
            continue
        id = it["ApiId"]
        uris = {one["IntegrationId"]: one for one in api.get_integrations(ApiId=id)["Items"]}
        routes = {}
        for route in api.get_routes(ApiId=id)["Items"]:
            integration = uris[route["Target"].removeprefix("integrations/")]
            guard = route.get("AuthorizerId")
            routes[route["RouteKey"]] = {
                "calls": called(integration["IntegrationUri"]),
                "by": integration["IntegrationType"],
                "asks": called(api.get_authorizer(ApiId=id, AuthorizerId=guard)["AuthorizerUri"]) if guard else None,
                "authorization": route["AuthorizationType"],
            }
        made[it["Name"]] = {
            "chooses by": it["RouteSelectionExpression"],
            "stages": {one["StageName"]: {"deploys": one.get("AutoDeploy")} for one in api.get_stages(ApiId=id)["Items"]},
            "routes": routes,
        }
    return made


def without_ids(value, client):
    """Returns what is there with `ID` in place of the ids of websockets."""
    ids = [it["ApiId"] for it in client("apigatewayv2").get_apis()["Items"]]
    if isinstance(value, dict):
        return {key: without_ids(it, client) for key, it in value.items()}
    if isinstance(value, list):
        return [without_ids(it, client) for it in value]
    if isinstance(value, str):
        for id in ids:
            value = value.replace(id, "ID")
    return value


def called(uri):
    return uri.rpartition("functions/")[2].removesuffix("/invocations").split(":", 5)[-1]
