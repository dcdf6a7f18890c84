"""Which records a trigger's `where` takes."""

def taken(triggers, event):
    """Returns the event with the records that the triggers' `where` takes; None when it takes none of them."""
    if not any("where" in it for it in triggers or ()):
        return event
    kind, source = event["trigger"], event["source"]
    own = [it for it in triggers or () if it.get("kind") == kind and it.get("source") == source]
    if not any("where" in it for it in own):
        return event
    records = [it for it in event["records"] if _takes(own, it)]
    return {**event, "records": records} if records else None


def _takes(triggers, record):
    of_type = [it for it in triggers if it.get("type", record["type"]) == record["type"]]
    return not of_type or any("where" not in it or matches(it["where"], record) for it in of_type)


def matches(where, record):
    """Tells whether a record satisfies the JSON form of a `where`."""
    if "all" in where:
        return all(matches(it, record) for it in where["all"])
    if "any" in where:
        return any(matches(it, record) for it in where["any"])
    if "not" in where:
        return not matches(where["not"], record)
    value = record
    for name in where.get("exists") or where["member"]:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    if "exists" in where:
        return value is not None
    return _compare(value, where["is"], where["value"])


def _compare(value, comparison, wanted):
    """Another JSON type makes every comparison false; numbers are compared in 64-bit floating point."""
    if _json_type(value) != _json_type(wanted):
        return False
    if comparison == "starts_with":
        return value.startswith(wanted)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        value, wanted = _number(value), _number(wanted)
    return {"==": value == wanted, "!=": value != wanted, "<": value < wanted,
            "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[comparison]


def _number(value):
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _json_type(value):
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else None if value is None else "other"
