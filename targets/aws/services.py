"""AWS's services: their clients, where the program's resources are, and the secrets."""

import os

from . import portable

_clients = {}


def client(service, **options):
    """Returns the one client of an AWS service; boto3 is part of Lambda's Python runtimes."""
    if service not in _clients:
        import boto3
        _clients[service] = boto3.client(service, **options)
    return _clients[service]


def address(kind, resource):
    """Returns where a resource of the program is."""
    return os.environ.get(f"FNC_{kind}_{resource.upper()}")


def fetch_secrets():
    """Sets the variables that hold secrets, before the handler's file is loaded.

    `FNC_SECRET_NAME` holds where the value of NAME is kept: `secretsmanager:ID`, `secretsmanager:ID#KEY`
    for one key of a JSON secret, or `ssm:NAME`. The value itself is in no template and in no setting.
    """
    for variable, place in sorted(os.environ.items()):
        if variable.startswith("FNC_SECRET_"):
            store, _, rest = place.partition(":")
            os.environ[variable.removeprefix("FNC_SECRET_")] = fetch_secret(store, rest)


def fetch_keys():
    """Returns the values of the secrets that routes ask for, by name; `FNC_KEY_NAME` says where one is kept.

    They never become variables: the handler has no use for them.
    """
    keys = {}
    for variable, place in sorted(os.environ.items()):
        if variable.startswith("FNC_KEY_"):
            store, _, rest = place.partition(":")
            keys[variable.removeprefix("FNC_KEY_").lower()] = fetch_secret(store, rest)
    return keys


def fetch_secret(store, place):
    if store == "ssm":
        return client("ssm").get_parameter(Name=place, WithDecryption=True)["Parameter"]["Value"]
    name, _, key = place.partition("#")
    found = client("secretsmanager").get_secret_value(SecretId=name)
    text = found["SecretString"] if "SecretString" in found else found["SecretBinary"].decode()
    if not key:
        return text
    value = (portable.from_json(text) or {}).get(key)
    if value is None:
        raise KeyError(f"the secret {name} has no key {key}")
    return portable.as_attribute(value)
