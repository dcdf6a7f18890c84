"""Records as strict CloudEvents 1.0, and back."""

import base64

from .encoding import from_json, to_json
from .event import record
from .request import says_json


def to_cloudevent(record):
    """Returns a record as a strict CloudEvent 1.0 in JSON form.

    `id source type time subject` keep their names. A JSON body becomes `data`, text `data` with
    `text/plain`, base64 `data_base64`. What CloudEvents has no word for becomes extensions:
    `fncattempt`, `fncgroup`, `fncscheduled`, and `fncattributes` (JSON text, when there are any).
    """
    made = {name: record[name] for name in ("id", "source", "type", "time", "subject")
            if name in record}
    made["specversion"] = "1.0"
    if record.get("base64"):
        made.update(datacontenttype="application/octet-stream", data_base64=record["body"])
    elif record["data"] is not None:
        made.update(datacontenttype="application/json", data=record["data"])
    else:
        made.update(datacontenttype="text/plain", data=record["body"])
    made["fncattempt"] = record["attempt"]
    for name in ("group", "scheduled"):
        if name in record:
            made["fnc" + name] = record[name]
    if record["attributes"]:
        made["fncattributes"] = to_json(record["attributes"])
    return made


_KNOWN = {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema",
          "data", "data_base64", "fncattempt", "fncgroup", "fncscheduled", "fncattributes"}


def from_cloudevent(cloudevent, source=None):
    """Returns a CloudEvent 1.0 in JSON form as a record; unknown extensions become attributes."""
    kind = cloudevent.get("datacontenttype", "application/json")
    if "data_base64" in cloudevent:
        body = base64.b64decode(cloudevent["data_base64"])
    elif isinstance(cloudevent.get("data"), str) and not says_json({"content-type": kind}):
        body = cloudevent["data"]
    else:
        body = to_json(cloudevent["data"]) if "data" in cloudevent else ""
    attributes = {name: it for name, it in cloudevent.items() if name not in _KNOWN}
    attributes.update(from_json(cloudevent.get("fncattributes", "")) or {})
    made = record(id=cloudevent["id"], source=source or cloudevent["source"],
                  type=cloudevent["type"], body=body, time=cloudevent.get("time"),
                  attempt=cloudevent.get("fncattempt", 1), attributes=attributes,
                  group=cloudevent.get("fncgroup"), subject=cloudevent.get("subject"),
                  scheduled=cloudevent.get("fncscheduled"))
    if "scheduled" in made:
        made["input"] = made["data"] if isinstance(made["data"], dict) else {}
    return made
