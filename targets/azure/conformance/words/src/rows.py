"""Rows of tables, and their changes."""

import time
from concurrent.futures import ThreadPoolExecutor


def keep(event, context):
    first = {"id": "a", "at": 1, "email": "x", "list": [1, {"deep": None}], "half": 0.5}
    second = {"id": "a", "at": 2, "email": "x", "until": 4_102_444_800}
    other = {"id": "b/ Zoë?", "at": -5, "email": "x", "until": int(time.time()) + 3600}
    for row in (first, second, {"id": "a", "at": 10}, other, other):
        context.put("users", row)
    assert context.get("users", {"id": "a", "at": 1}) == first and context.get("users", {"id": "a", "at": 3}) is None
    assert context.get("users", {"at": -5, "id": "b/ Zoë?"}) == other

    def found(key, **more):
        return [it["at"] for it in context.query("users", key, **more)]

    assert found({"id": "a"}) == [1, 2, 10] and found({"id": "a"}, limit=2, descending=True) == [10, 2]
    assert found({"id": "a", "at": 2}) == [2] and found({"id": "a", "at": {"from": 2}}) == [2, 10]
    assert found({"id": "a", "at": {"to": 2}}) == [1, 2] and found({"id": "a", "at": {"from": 2, "to": 9}}) == [2]
    assert found({"email": "x"}, index="by_email") == [-5, 1, 2] and found({"id": "none"}) == []
    assert found({"email": "x"}, index="by_email", limit=1, descending=True) == [2]
    context.put("users", {**first, "email": "y"})
    assert found({"email": "x"}, index="by_email") == [-5, 2]
    wrong = [lambda: context.put("users", {"id": "a"}), lambda: context.put("users", {"id": "a", "at": "1"}),
             lambda: context.put("users", {"id": "", "at": 1}), lambda: context.put("users", {**first, "email": 7}),
             lambda: context.get("users", first), lambda: context.query("users", {"email": "x"}),
             lambda: context.query("users", {"id": "a"}, index="none"), lambda: context.put("counts", {"id": 2**60}),
             lambda: context.put("counts", {"id": 1, "deep": [2**60]})]
    for at, it in enumerate(wrong):
        try:
            it()
        except ValueError:
            continue
        raise AssertionError(f"case {at} isn't refused")
    for key in ({"id": "a", "at": 2}, {"id": "a", "at": 2}, {"id": "a", "at": 10}):
        context.delete("users", key)
    assert found({"id": "a"}) == [1]
    context.put("counts", {"id": 7, "n": True})
    context.put("counts", {"id": 7, "n": 1})
    assert context.query("counts", {"id": 7}) == [{"id": 7, "n": 1}] and context.query("counts", {"id": 8}) == []
    assert context.query("counts", {"id": 7}, limit=0) == []
    context.delete("counts", {"id": 7})
    assert context.get("counts", {"id": 7}) is None
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda n: context.put("counts", {"id": 9, "n": n}), range(8)))
    return {"statusCode": 204}


def audit(event, context):
    inserted, updated, deleted = event["records"]
    assert event["trigger"] == "table" and event["source"] in ("users", "counts"), event
    assert (inserted["id"], inserted["action"], inserted["old"]) == ("c-0", "inserted", None), inserted
    assert inserted["new"]["total"] == 12 and inserted["keys"] == {"id": 1}, inserted
    assert (updated["type"], updated["new"]["name"], updated["old"]["name"]) == ("fnc.table.updated", "else", "something"), updated
    assert deleted["new"] is None and deleted["old"] == inserted["new"] and deleted["attempt"] == 1, deleted


def halve(event, context):
    if any(it.get("action") == "updated" or it["body"] == "plain text" for it in event["records"]):
        raise RuntimeError(f"no luck with {len(event['records'])}")
