"""Azurite, Microsoft's emulator of Azure Storage, for what functions do with buckets."""

import json
import os
import socket
import subprocess
import tempfile
import time

PLACE = "http://127.0.0.1:10000/devstoreaccount1"
_started = []


def start(node):
    """Starts the emulator, the libraries of Node being in a folder, and tells the judges where it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.TemporaryDirectory(prefix="fnc-azurite-")
    main = node / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    command = ["node", str(main), "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", folder.name,
               "--blobPort", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _started.append((process, folder))
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                os.environ["FNC_AZURITE"] = PLACE.replace("10000", str(port))
                return
        time.sleep(0.1)
    raise RuntimeError("Azurite doesn't answer")


def stop():
    for process, folder in _started:
        process.terminate()
        process.wait()
        folder.cleanup()
    _started.clear()


def here(values):
    """Returns local settings with the emulator that runs now in place of the usual one."""
    return {name: it.replace(PLACE, os.environ.get("FNC_AZURITE", PLACE)) for name, it in values.items()}


def ready(folder):
    """Makes the containers that a function app's local settings name."""
    values = here(json.loads((folder / "local.settings.json").read_text("utf-8"))["Values"])
    if "FNC_STORAGE" not in values:
        return
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import ContainerClient

    for name, container in values.items():
        if name.startswith("FNC_BUCKET_"):
            try:
                ContainerClient.from_connection_string(values["FNC_STORAGE"], container).create_container()
            except ResourceExistsError:
                pass
