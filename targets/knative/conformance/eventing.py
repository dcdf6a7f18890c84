"""What Brokers, Channels and sources do with an event, read from the objects that say so.

Knative's documentation, "Event delivery", "Filters", "PingSource"; the waits are those of Kafka's Brokers and Channels.
"""

import base64
import json
import queue
import re
import threading
import time
import uuid

# Answers after which an event is tried again; what else isn't 2xx goes to the dead letters at once.
TRIED_AGAIN = {404, 408, 409, 429}


def attributes(headers):
    """Returns the attributes of a CloudEvent in binary mode."""
    return {name.lower()[3:]: value for name, value in headers.items() if name.lower().startswith("ce-")}


def passes(trigger, headers):
    """Tells whether a Trigger's filters let an event through: all of them must."""
    return all(fits(it, attributes(headers)) for it in trigger["spec"].get("filters", []))


def fits(one, given):
    (dialect, wanted), = one.items()
    if dialect == "all":
        return all(fits(it, given) for it in wanted)
    if dialect == "any":
        return any(fits(it, given) for it in wanted)
    if dialect == "not":
        return not fits(wanted, given)
    compare = {"exact": str.__eq__, "prefix": str.startswith, "suffix": str.endswith}[dialect]
    return all(name in given and compare(given[name], text) for name, text in wanted.items())


def seconds(period):
    return float(re.fullmatch(r"PT([0-9.]+)S", period)[1])


def wait(delivery, retry):
    """Returns the seconds before a retry, the first being 1."""
    delay = seconds(delivery.get("backoffDelay", "PT0.2S"))
    return delay * (retry if delivery.get("backoffPolicy", "exponential") == "linear" else 2**retry)


def outcome(status, body):
    """Returns whether an answer means done, to be tried again, or lost."""
    if status < 300:
        # A body that is no event is a failure that trying again doesn't mend.
        return "lost" if body else "done"
    return "again" if status >= 500 or status in TRIED_AGAIN else "lost"


def dead_letter(headers, url, status, body):
    """Returns the headers of an event on its way to the dead letters."""
    return {**headers, "ce-knativeerrordest": url, "ce-knativeerrorcode": str(status),
            "ce-knativeerrordata": base64.b64encode(body[:1024]).decode()}


def ping(source, namespace):
    """Returns headers and body of what a PingSource sends."""
    spec, name = source["spec"], source["metadata"]["name"]
    headers = {
        "ce-specversion": "1.0", "ce-id": str(uuid.uuid4()), "ce-type": "dev.knative.sources.ping",
        "ce-source": f"/apis/v1/namespaces/{namespace}/pingsources/{name}",
        "ce-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "content-type": spec["contentType"],
    }
    for extension, value in spec.get("ceOverrides", {}).get("extensions", {}).items():
        headers[f"ce-{extension}"] = value
    json.loads(spec["data"])
    return headers, spec["data"].encode()


class Lanes:
    """Works that must not overtake each other, in a lane for each key."""

    def __init__(self):
        self.lanes, self.lock = {}, threading.Lock()

    def put(self, key, work):
        with self.lock:
            if key not in self.lanes:
                self.lanes[key] = queue.Queue()
                threading.Thread(target=self.follow, args=(self.lanes[key],), daemon=True).start()
            self.lanes[key].put(work)

    @staticmethod
    def follow(lane):
        while True:
            lane.get()()
