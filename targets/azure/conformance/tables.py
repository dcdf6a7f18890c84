"""A server that speaks the protocol of Cosmos DB, for what functions do with tables (`cosmos.cjs`)."""

import json
import os
import socket
import subprocess
import time
import warnings
from pathlib import Path

PLACE = "https://localhost:8081/"
_started = []


def start(node):
    """Starts the server, the libraries of Node being in a folder, and tells the judges where it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(Path(__file__).with_name("cosmos.cjs")), str(node / "node_modules"), str(port)]
    _started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                os.environ["FNC_COSMOS_SERVER"] = f"https://127.0.0.1:{port}/"
                # Its certificate is its own; nothing else is asked over TLS.
                os.environ["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"
                return
        time.sleep(0.1)
    raise RuntimeError("the server of Cosmos DB's protocol doesn't answer")


def stop():
    for process in _started:
        process.terminate()
        process.wait()
    _started.clear()


def here(values):
    """Returns local settings with the server that runs now in place of the emulator."""
    return {name: it.replace(PLACE, os.environ.get("FNC_COSMOS_SERVER", PLACE)) for name, it in values.items()}


def kept(folder):
    """Returns what the containers of a function app hold, by name: rows, and changes in the order they were made."""
    values = here(json.loads((folder / "local.settings.json").read_text("utf-8"))["Values"])
    names = [it for name, it in values.items() if name.startswith("FNC_TABLE_")]
    if not names:
        return {}
    from azure.cosmos import CosmosClient

    warnings.filterwarnings("ignore", "Unverified HTTPS request")
    with CosmosClient.from_connection_string(values["FNC_COSMOS"]) as client:
        database = client.get_database_client("tables")
        return {name: list(database.get_container_client(name).read_all_items()) for name in names}


def ready(folder):
    """Makes the containers that a function app's local settings name, empty."""
    values = here(json.loads((folder / "local.settings.json").read_text("utf-8"))["Values"])
    names = [it for name, it in values.items() if name.startswith("FNC_TABLE_")]
    if not names:
        return
    from azure.cosmos import CosmosClient, PartitionKey
    from azure.cosmos.exceptions import CosmosResourceNotFoundError

    warnings.filterwarnings("ignore", "Unverified HTTPS request")
    with CosmosClient.from_connection_string(values["FNC_COSMOS"]) as client:
        database = client.create_database_if_not_exists("tables")
        for name in names:
            try:
                database.delete_container(name)
            except CosmosResourceNotFoundError:
                pass
            database.create_container(name, PartitionKey("/partition"))
