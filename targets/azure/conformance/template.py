"""Judges an ARM template without Azure: expressions, references between resources, and what each type must and may have.

The table of types is our own, made from the resource reference (learn.microsoft.com/azure/templates), for exactly the
types and API versions that fnc writes. It is stricter than the reference: what fnc doesn't write is refused.
"""

import json
import re

from expressions import GROUP, Evaluator, Fault, Reference

ISO_DURATION = re.compile(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")
HEAD = {"type", "apiVersion", "name", "dependsOn", "properties"}
PLACED = HEAD | {"location", "tags"}
SUBNET = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Network/virtualNetworks/[^/]+/subnets/[^/]+"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ITEM = r"[^/\\?#]{1,255}"
ENTITY = r"[A-Za-z0-9]([A-Za-z0-9-_.]{0,48}[A-Za-z0-9])?"


def one_of(*values):
    return lambda it: None if it in values and type(it) in map(type, values) else f"is {it!r}, not one of {values}"


def whole(least, most):
    def judge(it):
        good = isinstance(it, int) and not isinstance(it, bool) and least <= it <= most
        return None if good else f"is {it!r}, not a whole number from {least} to {most}"
    return judge


def matches(pattern):
    return lambda it: None if isinstance(it, str) and re.fullmatch(pattern, it) else f"is {it!r}, not like {pattern}"


def duration(least_seconds, most_seconds):
    def judge(it):
        found = ISO_DURATION.fullmatch(it) if isinstance(it, str) else None
        if not found:
            return f"is {it!r}, not an ISO 8601 duration"
        parts = [int((part or "0D")[:-1]) for part in (found[1], found[3], found[4], found[5])]
        seconds = sum(n * unit for n, unit in zip(parts, (86_400, 3600, 60, 1)))
        return None if least_seconds <= seconds <= most_seconds else f"is {it}, out of range"
    return judge


text = matches(r"(?s).+")
flag = one_of(True, False)


class Optional:
    """A member that may be missing."""

    def __init__(self, rule):
        self.rule = rule


class ListOf:
    def __init__(self, rule):
        self.rule = rule


class Keys:
    """An object with any names, all of one kind."""

    def __init__(self, rule):
        self.rule = rule


# Members that may be there have `Optional`; every other one must.
DELIVERY = {
    "lockDuration": duration(5, 300),
    "maxDeliveryCount": whole(1, 2000),
    "requiresSession": flag,
    "deadLetteringOnMessageExpiration": flag,
    "forwardDeadLetteredMessagesTo": Optional(matches(ENTITY)),
}
WRITER = {"type": one_of("UserAssigned"), "userAssignedIdentities": Keys({})}
SUBSCRIPTION = {
    "deliveryWithResourceIdentity": {
        "identity": {"type": one_of("UserAssigned"), "userAssignedIdentity": text},
        "destination": {"endpointType": one_of("ServiceBusQueue"), "properties": {"resourceId": text}}},
    "eventDeliverySchema": one_of("CloudEventSchemaV1_0"),
    "filter": {"includedEventTypes": ListOf(text), "subjectBeginsWith": Optional(text),
               "subjectEndsWith": Optional(matches(r"(?s).*")), "isSubjectCaseSensitive": Optional(flag)},
    "retryPolicy": {"maxDeliveryAttempts": whole(1, 30), "eventTimeToLiveInMinutes": whole(1, 1440)},
}
TYPES = {
    "Microsoft.OperationalInsights/workspaces": ("2023-09-01", PLACED, matches(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]"), {
        "properties": {"sku": {"name": one_of("PerGB2018")}, "retentionInDays": whole(30, 730)},
    }),
    "Microsoft.Insights/components": ("2020-02-02", PLACED | {"kind"}, matches(r".{1,255}"), {
        "kind": one_of("web"),
        "properties": {"Application_Type": one_of("web"), "WorkspaceResourceId": text, "DisableLocalAuth": flag},
    }),
    "Microsoft.ServiceBus/namespaces": ("2024-01-01", PLACED | {"sku"}, matches(r"(?!.*-(sb|mgmt)$)[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]"), {
        "sku": {"name": one_of("Standard", "Premium"), "tier": one_of("Standard", "Premium")},
        "properties": {"disableLocalAuth": one_of(True), "minimumTlsVersion": one_of("1.2")},
    }),
    "Microsoft.ServiceBus/namespaces/queues": ("2024-01-01", HEAD, matches(ENTITY), {
        "properties": {**DELIVERY, "defaultMessageTimeToLive": duration(1, 10**10),
                       "maxSizeInMegabytes": Optional(one_of(1024, 2048, 3072, 4096, 5120))},
    }),
    "Microsoft.ServiceBus/namespaces/topics": ("2024-01-01", HEAD, matches(ENTITY), {
        "properties": {"supportOrdering": flag},
    }),
    "Microsoft.ServiceBus/namespaces/topics/subscriptions": ("2024-01-01", HEAD, matches(ENTITY), {"properties": DELIVERY}),
    "Microsoft.EventHub/namespaces": ("2024-01-01", PLACED | {"sku"}, matches(r"[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]"), {
        "sku": {"name": one_of("Standard"), "tier": one_of("Standard"), "capacity": whole(1, 40)},
        "properties": {"disableLocalAuth": one_of(True), "minimumTlsVersion": one_of("1.2"),
                       "isAutoInflateEnabled": flag, "maximumThroughputUnits": whole(1, 40)},
    }),
    "Microsoft.EventHub/namespaces/eventhubs": ("2024-01-01", HEAD, matches(ENTITY), {
        "properties": {"partitionCount": whole(1, 32), "retentionDescription": {
            "cleanupPolicy": one_of("Delete"), "retentionTimeInHours": whole(1, 168)}},
    }),
    "Microsoft.EventHub/namespaces/eventhubs/consumergroups": ("2024-01-01", HEAD, matches(ENTITY), {"properties": {}}),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("2023-01-31", PLACED - {"properties"}, matches(r"[A-Za-z0-9][A-Za-z0-9-_]{2,127}"), {}),
    "Microsoft.Storage/storageAccounts": ("2025-01-01", PLACED | {"sku", "kind"}, matches(r"[a-z0-9]{3,24}"), {
        "sku": {"name": one_of("Standard_LRS", "Standard_ZRS")},
        "kind": one_of("StorageV2"),
        "properties": {"allowBlobPublicAccess": flag, "allowSharedKeyAccess": one_of(False),
                       "minimumTlsVersion": one_of("TLS1_2"), "supportsHttpsTrafficOnly": one_of(True)},
    }),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ("2025-01-01", HEAD, matches(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"), {
        "properties": {"publicAccess": one_of("None", "Blob")},
    }),
    "Microsoft.Storage/storageAccounts/blobServices": ("2025-01-01", HEAD, matches("default"), {
        "properties": {"isVersioningEnabled": one_of(True)},
    }),
    "Microsoft.Storage/storageAccounts/managementPolicies": ("2025-01-01", HEAD, matches("default"), {
        "properties": {"policy": {"rules": ListOf({
            "name": matches(r"[A-Za-z0-9]{1,256}"), "enabled": flag, "type": one_of("Lifecycle"),
            "definition": {
                "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": whole(1, 36500)}},
                            "version": Optional({"delete": {"daysAfterCreationGreaterThan": whole(1, 36500)}})},
                "filters": {"blobTypes": ListOf(one_of("blockBlob"))}}})}},
    }),
    "Microsoft.DocumentDB/databaseAccounts": ("2024-05-15", PLACED | {"kind"}, matches(r"[a-z0-9][a-z0-9-]{1,42}[a-z0-9]"), {
        "kind": one_of("GlobalDocumentDB"),
        "properties": {"databaseAccountOfferType": one_of("Standard"), "capabilities": ListOf({"name": one_of("EnableServerless")}),
                       "locations": ListOf({"locationName": text, "failoverPriority": one_of(0)}),
                       "consistencyPolicy": {"defaultConsistencyLevel": one_of("Strong")}, "disableLocalAuth": one_of(True),
                       "minimalTlsVersion": one_of("Tls12")},
    }),
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases": ("2024-05-15", HEAD, matches(ITEM), {"properties": {"resource": {"id": matches(ITEM)}}}),
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers": ("2024-05-15", HEAD, matches(ITEM), {
        "properties": {"resource": {
            "id": matches(ITEM), "defaultTtl": Optional(one_of(-1)),
            "partitionKey": {"paths": ListOf(one_of("/id", "/partition")), "kind": one_of("Hash"), "version": one_of(2)},
            "indexingPolicy": Optional({
                "indexingMode": one_of("consistent"), "automatic": one_of(True),
                "includedPaths": ListOf({"path": matches(r'/partition/\?|/row/"[^"/]+"/\?')}),
                "excludedPaths": ListOf({"path": one_of("/*")})})}},
    }),
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions": ("2024-05-15", HEAD, matches(GUID), {
        "properties": {"roleName": text, "type": one_of("CustomRole"), "assignableScopes": ListOf(text),
                       "permissions": ListOf({"dataActions": ListOf(one_of("Microsoft.DocumentDB/databaseAccounts/readMetadata"))})},
    }),
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments": ("2024-05-15", HEAD, matches(GUID), {
        "properties": {"roleDefinitionId": matches(rf".+/sqlRoleDefinitions/{GUID}"),
                       "principalId": text, "scope": matches(r".+/databaseAccounts/[^/]+(/dbs/[^/]+/colls/[^/]+)?")},
    }),
    "Microsoft.EventGrid/topics": ("2022-06-15", PLACED | {"identity"}, matches(r"[A-Za-z0-9-]{3,50}"), {
        "identity": Optional(WRITER),
        "properties": {"inputSchema": one_of("CloudEventSchemaV1_0"), "disableLocalAuth": one_of(True)},
    }),
    "Microsoft.EventGrid/topics/eventSubscriptions": ("2022-06-15", HEAD, matches(r"[A-Za-z0-9-]{3,64}"), {"properties": SUBSCRIPTION}),
    "Microsoft.EventGrid/systemTopics": ("2022-06-15", PLACED | {"identity"}, matches(r"[A-Za-z0-9-]{3,128}"), {
        "identity": WRITER,
        "properties": {"source": text, "topicType": one_of("Microsoft.Storage.StorageAccounts")},
    }),
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": ("2022-06-15", HEAD, matches(r"[A-Za-z0-9-]{3,64}"), {"properties": SUBSCRIPTION}),
    "Microsoft.Web/serverfarms": ("2024-11-01", PLACED | {"sku", "kind"}, matches(r"[A-Za-z0-9-]{1,60}"), {
        "kind": one_of("functionapp"),
        "sku": {"name": one_of("FC1"), "tier": one_of("FlexConsumption")},
        "properties": {"reserved": one_of(True)},
    }),
    "Microsoft.Insights/actionGroups": ("2023-01-01", PLACED, text, {
        "properties": {"groupShortName": matches(r".{1,12}"), "enabled": flag},
    }),
    "Microsoft.Web/sites": ("2024-11-01", PLACED | {"kind", "identity"}, matches(r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]"), {
        "kind": one_of("functionapp,linux"),
        "identity": {"type": one_of("UserAssigned"), "userAssignedIdentities": Keys({})},
        "properties": {
            "serverFarmId": text, "httpsOnly": one_of(True), "keyVaultReferenceIdentity": Optional(text),
            "virtualNetworkSubnetId": Optional(matches(SUBNET)), "clientAffinityEnabled": Optional(flag),
            "siteConfig": {"minTlsVersion": one_of("1.2"), "http20Enabled": Optional(flag), "appSettings": ListOf({"name": matches(r"[A-Za-z_]\w*"), "value": matches(r"(?s).*")})},
            "functionAppConfig": {
                "deployment": {"storage": {
                    "type": one_of("blobContainer"), "value": text,
                    "authentication": {"type": one_of("UserAssignedIdentity"), "userAssignedIdentityResourceId": text}}},
                "scaleAndConcurrency": {
                    "instanceMemoryMB": one_of(512, 2048, 4096), "maximumInstanceCount": whole(1, 1000),
                    "alwaysReady": Optional(ListOf({"name": matches(r"http|function:[a-z][\w-]*"), "instanceCount": whole(1, 1000)})),
                    "triggers": Optional({"http": {"perInstanceConcurrency": whole(1, 1000)}})},
                "runtime": {"name": one_of("python", "node", "custom"), "version": matches(r"3\.1[1-4]|22|24|1\.0")},
            },
        },
    }),
    "Microsoft.Authorization/roleAssignments": ("2022-04-01", HEAD | {"scope"}, matches(GUID), {
        "scope": text,
        "properties": {"roleDefinitionId": text, "principalId": text, "principalType": one_of("ServicePrincipal")},
    }),
}
# Settings that Flex Consumption refuses (App settings reference, "Flex Consumption plan deprecations").
REFUSED_SETTINGS = {"FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_TIME_ZONE",
                    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTSHARE", "SCM_DO_BUILD_DURING_DEPLOYMENT"}
# "Azure built-in roles".
ROLES = {"sender": "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "receiver": "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
         "writer": "2b629674-e913-4c01-ae53-ef4638d8f975", "reader": "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
         "publisher": "d5a91429-5739-47e2-a06b-3470a27159e7", "blob_reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
         "blob_writer": "ba92f5b4-2d11-453d-a403-e96b0029c9fe"}

# Cosmos DB's own: Built-in Data Reader and Contributor ("Data plane security reference").
ROWS = {"read": ("-000000000001", "-000000000002"), "write": ("-000000000002",)}


class Template:
    """A template whose expressions are evaluated."""

    def __init__(self, raw):
        self.raw = raw
        self.found = []
        self.evaluator = Evaluator(raw, {"keyVaultName": "vault"})
        self.resources = {}
        for place, resource in enumerate(raw.get("resources", [])):
            try:
                made = self.evaluator.value(resource)
                made["id"] = self._id(made)
            except (Fault, KeyError, TypeError) as fault:
                self.found.append(f"resource {place}: {fault}")
                continue
            if made["id"] in self.resources:
                self.found.append(f"resource {place}: {made['id']} is there twice")
            self.resources[made["id"]] = made
        for name, output in raw.get("outputs", {}).items():
            self._try(f"output {name}", output)

    def _try(self, what, value):
        try:
            return self.evaluator.value(value)
        except Fault as fault:
            self.found.append(f"{what}: {fault}")
            return None

    def _id(self, resource):
        kind, names = resource["type"].split("/"), resource["name"].split("/")
        if "scope" in resource:
            return f"{resource['scope']}/providers/{resource['type']}/{resource['name']}"
        if len(kind) - 1 != len(names):
            raise Fault(f"{resource['type']} with the name {resource['name']}")
        path = "".join(f"/{segment}/{name}" for segment, name in zip(kind[1:], names))
        return f"{GROUP['id']}/providers/{kind[0]}{path}"

    def judge(self):
        """Returns everything that is wrong."""
        for resource in self.resources.values():
            self._type(resource)
            self._needs(resource)
        self._circles()
        for group in ("parameters", "variables"):
            for name in self.raw.get(group, {}):
                if (group, name) not in self.evaluator.used:
                    self.found.append(f"{group[:-1]} {name} is never used")
        return self.found

    def _type(self, resource):
        kind = resource["type"]
        if kind not in TYPES:
            self.found.append(f"{kind}: unknown type")
            return
        version, members, name, rules = TYPES[kind]
        where = f"{kind} {resource['name']}"
        if resource.get("apiVersion") != version:
            self.found.append(f"{where}: apiVersion {resource.get('apiVersion')}, not {version}")
        fault = name(resource["name"].rsplit("/", 1)[-1])
        if fault:
            self.found.append(f"{where}: its name {fault}")
        for tag, value in resource.get("tags", {}).items():
            if re.search(r"[<>%&\\\\?/]", tag) or len(tag) > 128 or not isinstance(value, str) or len(value) > 256:
                self.found.append(f"{where}: a tag {tag!r}: {value!r}")
        for member in set(resource) - members - {"id"}:
            self.found.append(f"{where}: unknown member {member}")
        for member, rule in rules.items():
            self._rule(f"{where}: {member}", resource.get(member), rule)

    def _rule(self, where, value, rule):
        if isinstance(rule, Optional):
            if value is not None:
                self._rule(where, value, rule.rule)
        elif value is None:
            self.found.append(f"{where} is missing")
        elif isinstance(rule, ListOf):
            if not isinstance(value, list) or not value:
                self.found.append(f"{where} is no list, or empty")
            else:
                for at, it in enumerate(value):
                    self._rule(f"{where}[{at}]", it, rule.rule)
        elif isinstance(rule, Keys):
            for name, it in value.items():
                self._rule(f"{where}.{name}", it, rule.rule)
        elif isinstance(rule, dict):
            if not isinstance(value, dict):
                self.found.append(f"{where} is {value!r}, no object")
                return
            for name in set(value) - set(rule):
                self.found.append(f"{where}: unknown member {name}")
            for name, inner in rule.items():
                self._rule(f"{where}.{name}", value.get(name), inner)
        elif fault := rule(value):
            self.found.append(f"{where} {fault}")

    def _needs(self, resource):
        where = f"{resource['type']} {resource['name']}"
        for need in resource.get("dependsOn", []):
            if need not in self.resources:
                self.found.append(f"{where}: depends on {need}, which is not in the template")
        before = self.before(resource["id"])
        for asked in references(resource):
            if asked not in self.resources:
                self.found.append(f"{where}: asks {asked}, which is not in the template")
            elif asked not in before:
                self.found.append(f"{where}: asks {asked} without depending on it")
        if len(resource["name"].split("/")) > 1:
            parent, kind = resource["id"].rsplit("/", 2)[0], resource["type"].rsplit("/", 1)[0]
            # A blob service is there with its account.
            parent = parent.removesuffix("/blobServices/default")
            if parent not in before:
                self.found.append(f"{where}: its {kind} is not deployed before it")
        target = resource.get("properties", {}).get("forwardDeadLetteredMessagesTo")
        if target:
            namespace = resource["id"].split("/namespaces/")[0] + "/namespaces/" + resource["name"].split("/")[0]
            if f"{namespace}/queues/{target}" not in before:
                self.found.append(f"{where}: no queue {target} is deployed before it")
        if resource["type"].endswith("/sqlRoleAssignments"):
            self._assigned(where, resource, before)
        if resource["type"].endswith("/sqlDatabases/containers") and resource["properties"]["resource"]["id"] != resource["name"].rsplit("/", 1)[-1]:
            self.found.append(f"{where}: its id is {resource['properties']['resource']['id']}")
        if "deliveryWithResourceIdentity" in resource.get("properties", {}):
            self._delivers(where, resource, before)
        scope = resource.get("scope")
        # What an `allow` names, and a vault, are there already.
        elsewhere = scope and scope.split("/providers/")[-1].split("/")[0] not in {it.split("/")[0] for it in TYPES}
        if scope and not elsewhere and scope not in before and "/Microsoft.KeyVault/vaults/vault/secrets/" not in scope:
            self.found.append(f"{where}: its scope {scope} is not deployed before it")

    def _delivers(self, where, subscription, before):
        """An event subscription writes to a queue, with an identity that its topic has and that may."""
        delivery = subscription["properties"]["deliveryWithResourceIdentity"]
        queue, identity = delivery["destination"]["properties"]["resourceId"], delivery["identity"]["userAssignedIdentity"]
        topic = self.resources.get(subscription["id"].rsplit("/eventSubscriptions/", 1)[0], {})
        if queue not in before:
            self.found.append(f"{where}: its queue {queue} is not deployed before it")
        if identity not in topic.get("identity", {}).get("userAssignedIdentities", {}):
            self.found.append(f"{where}: its topic has another identity")
        elif not self.identity_may(topic, "sender", queue):
            self.found.append(f"{where}: its identity may not write to {queue}")
        elif not any(it in before for it in self.rights(topic, "sender", queue)):
            self.found.append(f"{where}: its right is not there before it")

    def _assigned(self, where, assignment, before):
        """A role of Cosmos DB's is given on a container that is there, and while none other is given."""
        account = assignment["id"].rsplit("/sqlRoleAssignments/", 1)[0]
        properties = assignment["properties"]
        if not properties["roleDefinitionId"].startswith(f"{account}/"):
            self.found.append(f"{where}: its role is another account's")
        built_in = properties["roleDefinitionId"].endswith(ROWS["read"])
        if properties["scope"] == account and built_in:
            self.found.append(f"{where}: it lets in to all tables")
        if not built_in and properties["roleDefinitionId"] not in before:
            self.found.append(f"{where}: its role is not deployed before it")
        container = properties["scope"].replace("/dbs/", "/sqlDatabases/").replace("/colls/", "/containers/")
        if not container.startswith(account) or container not in before:
            self.found.append(f"{where}: its scope {properties['scope']} is not deployed before it")
        for other in self.of_type(assignment["type"]):
            if other["id"] not in before | {assignment["id"]} and assignment["id"] not in self.before(other["id"]):
                self.found.append(f"{where}: it may be deployed at once with {other['name']}, which the account refuses")

    def table_may(self, owner, verb, container):
        """Tells whether an identity may read or write a container, written `/dbs/…/colls/…`, and see what there is."""
        metadata = self.of_type("Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions")
        sees = any(self._holds(owner, (role["id"],), f"/databaseAccounts/{role['name'].split('/')[0]}") for role in metadata)
        return sees and self._holds(owner, ROWS[verb], container)

    def _holds(self, owner, roles, scope):
        for it in self.of_type("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"):
            principal = it["properties"]["principalId"]
            fits = isinstance(principal, Reference) and set(principal.resources) <= set(owner["identity"]["userAssignedIdentities"])
            if fits and it["properties"]["scope"].endswith(scope) and it["properties"]["roleDefinitionId"].endswith(roles):
                return True
        return False

    def rights(self, owner, role, entity):
        """Returns the ids of the assignments that give an owner's identity a role on what ends so."""
        made = []
        for id, it in self.resources.items():
            if it["type"] == "Microsoft.Authorization/roleAssignments":
                principal = it["properties"]["principalId"]
                fits = isinstance(principal, Reference) and set(principal.resources) <= set(owner["identity"]["userAssignedIdentities"])
                if fits and it["properties"]["roleDefinitionId"].endswith(ROLES[role]) and it["scope"].endswith(entity):
                    made.append(id)
        return made

    def before(self, id):
        """Returns the ids of everything that is deployed before a resource."""
        seen, left = set(), [id]
        while left:
            for need in self.resources.get(left.pop(), {}).get("dependsOn", []):
                if need not in seen:
                    seen.add(need)
                    left.append(need)
        return seen

    def _circles(self):
        for id in self.resources:
            if id in self.before(id):
                self.found.append(f"{id} depends on itself")

    # What a function app's folder is compared with.

    def value_of(self, variable, member):
        """Returns what a member of a variable holds."""
        return self._try(member, f"[variables('{variable}').{member}]")

    def of_type(self, kind):
        return [it for it in self.resources.values() if it["type"] == kind]

    def site(self, folder):
        """Returns the site that runs the app of a folder."""
        name = self._try("site", f"[variables('{folder}').site]")
        sites = [it for it in self.of_type("Microsoft.Web/sites") if it["name"] == name]
        return sites[0] if sites else None

    def identity_may(self, site, role, entity):
        """Tells whether a site's identity has a role on a queue, or on a topic or subscription written `topic/…`."""
        return bool(self.rights(site, role, entity))


def references(value):
    """Returns the ids that a value asks at deployment."""
    if isinstance(value, Reference):
        return set(value.resources)
    if isinstance(value, dict):
        return set().union(*map(references, value.values()), *map(references, value))
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    return set()


def load(folder):
    """Returns the template of a build folder."""
    return Template(json.loads((folder / "azuredeploy.json").read_text("utf-8")))
