"""Knative's custom resource definitions as strict JSON schemas: a field they don't name is an error.

A definition's own schema lets much pass: `x-kubernetes-preserve-unknown-fields` opens every `delivery` and
the whole spec of a Trigger, and a validator that takes the schema as it is never looks at `metadata`.
"""

from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

# A DomainMapping and its claim are named after a host.
HOSTS = {"DomainMapping", "ClusterDomainClaim"}
HOST = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"
NAME = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"
LABEL = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
METADATA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": NAME},
        "namespace": {"type": "string", "pattern": NAME},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "pattern": LABEL}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
# A revision template has no name of its own here: Knative chooses one for each revision.
TEMPLATE = {**METADATA, "required": [], "properties": {
    name: it for name, it in METADATA["properties"].items() if name in ("labels", "annotations")}}
# Kubernetes checks these with its own code; a release of its validator does it for us (see `core`).
CORE = {("v1", "ConfigMap"), ("v1", "ServiceAccount"), ("v1", "Namespace"), ("networking.k8s.io/v1", "NetworkPolicy"),
        ("rbac.authorization.k8s.io/v1", "Role"), ("rbac.authorization.k8s.io/v1", "RoleBinding")}


class Schemas:
    """The validators of every kind and version that the definitions in a folder serve."""

    def __init__(self, folder):
        self.validators = {}
        for file in sorted(Path(folder).rglob("*.yaml")):
            for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
                if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                    self._add(document["spec"])
        if not self.validators:
            raise ValueError(f"{folder} holds no custom resource definition")

    def _add(self, spec):
        kind = spec["names"]["kind"]
        for version in spec["versions"]:
            if version.get("served", True):
                schema = strict(version["schema"]["openAPIV3Schema"])
                properties = schema["properties"]
                properties.update(apiVersion={"type": "string"}, kind={"type": "string"}, metadata=named(kind))
                properties.pop("status", None)
                schema["required"] = ["apiVersion", "kind", "metadata", "spec"]
                if (spec["group"], kind) == ("serving.knative.dev", "Service"):
                    properties["spec"]["properties"]["template"]["properties"]["metadata"] = TEMPLATE
                key = (f"{spec['group']}/{version['name']}", kind)
                self.validators[key] = Draft202012Validator(schema)

    def faults(self, thing):
        """Returns what the schema of the object's kind refuses; a kind without a schema is a fault."""
        key = (thing.get("apiVersion"), thing.get("kind"))
        if key in CORE:
            return core(thing)
        if key not in self.validators:
            return [f"no schema for {key[0]} {key[1]}"]
        errors = sorted(self.validators[key].iter_errors(thing), key=lambda it: list(map(str, it.path)))
        return [f"{'.'.join(map(str, it.path)) or 'object'}: {it.message[:200]}" for it in errors]


def named(kind):
    """Returns the schema of the metadata of a kind."""
    name = {"type": "string", "pattern": HOST if kind in HOSTS else NAME}
    return {**METADATA, "properties": {**METADATA["properties"], "name": name}}


def core(thing):
    """Returns what Kubernetes' own schema of a core kind refuses."""
    import kubernetes_validate
    try:
        kubernetes_validate.validate(thing, "1.37", strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    return []


def strict(schema):
    """Returns a structural schema as a JSON schema that refuses unknown fields wherever fields are named."""
    made = {}
    for name, value in schema.items():
        if name.startswith("x-kubernetes-") or name in ("format", "nullable", "description", "default"):
            continue
        if name == "properties":
            made[name] = {field: strict(it) for field, it in value.items()}
        elif name in ("items", "additionalProperties", "not") and isinstance(value, dict):
            made[name] = strict(value)
        elif name in ("allOf", "anyOf", "oneOf"):
            made[name] = [alternative(it) for it in value]
        else:
            made[name] = value
    if schema.get("properties") and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    if "backoffPolicy" in schema.get("properties", {}):
        # Left open in the definitions for this one field: https://knative.dev/docs/eventing/features/delivery-timeout
        made["properties"].setdefault("timeout", {"type": "string"})
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if schema.get("nullable"):
        made = {"anyOf": [made, {"type": "null"}]}
    return made


def alternative(schema):
    """Returns a branch of `oneOf` and the like: it only narrows, so it must not close the object."""
    made = {name: it for name, it in schema.items() if not name.startswith("x-kubernetes-")}
    if "properties" in made:
        made["properties"] = {field: alternative(it) for field, it in made["properties"].items()}
    return made
