"""Handlers: loaded from their files, called with an event, their exceptions logged."""

import importlib.util
import json
import sys
import threading
from pathlib import Path

from .encoding import timestamp
from .filter import taken


def load(handler, root="."):
    """Returns the function that `file:symbol` names, the file being relative to `root`."""
    file, _, symbol = handler.rpartition(":")
    path = (Path(root) / file).resolve()
    for folder in (str(Path(root).resolve()), str(path.parent)):
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)
    name = ".".join(Path(file).with_suffix("").parts)
    module = sys.modules.get(name)
    if module is None or getattr(module, "__file__", None) != str(path):
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None:
            raise ImportError(f"{file} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    found = getattr(module, symbol, None)
    if not callable(found):
        raise ImportError(f"{file} has no function `{symbol}`")
    return found


def load_for(config, root="."):
    """Returns the handler of a function as one of portable events, whatever its `contract` says."""
    handler = load(config["handler"], root)
    if config.get("contract") != "lambda":
        return handler
    from .contract import under  # there only where a function needs it
    return under(config, handler)


_loops = threading.local()


def run(handler, event, context):
    """Returns what the handler returns; waits for `async`, raises what it raises."""
    event = taken(context._triggers, event)
    if event is None:
        return None
    value = handler(event, context)
    if hasattr(value, "__await__"):
        # One loop a thread, kept: clients that a handler opened stay usable.
        if not hasattr(_loops, "loop"):
            import asyncio  # slow to load, and most handlers don't need it
            _loops.loop = asyncio.new_event_loop()
        value = _loops.loop.run_until_complete(_wait(value))
    return value


def call(handler, event, context):
    """Returns what the handler returned, or the exception it raised (logged); waits for `async`."""
    try:
        return run(handler, event, context)
    except (Exception, SystemExit) as error:
        return _raised(error, event, context)


def _raised(error, event, context):
    """Logs what a handler raised; only the records that it was called with have failed."""
    log_error(error, context.request_id, context.function_name)
    asked = taken(context._triggers, event)
    if asked is not None and "records" in asked:
        error.fnc_records = [it["id"] for it in asked["records"]]
    return error


async def call_async(handler, event, context):
    """Is `call` for a shim that runs inside an event loop already."""
    asked = taken(context._triggers, event)
    if asked is None:
        return None
    try:
        value = handler(asked, context)
        return await value if hasattr(value, "__await__") else value
    except (Exception, SystemExit) as error:
        return _raised(error, event, context)


async def _wait(awaitable):
    return await awaitable


def log_error(error, request_id="", function=""):
    """Writes an exception with its trace as one JSON line on standard error."""
    import traceback  # slow to load
    trace = "".join(traceback.format_exception(error))
    line = {"time": timestamp(), "level": "error", "message": f"{type(error).__name__}: {error}",
            "function": function, "request_id": request_id, "trace": trace}
    print(json.dumps(line), file=sys.stderr, flush=True)
