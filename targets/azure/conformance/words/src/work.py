"""Messages, and direct calls."""


def plain(event, context):
    record, = event["records"]
    assert record["source"] == "plain" and record["attempt"] == 1 and "group" not in record, record
    assert record["attributes"] == {"kind": "test"} and record["data"]["total"] == 12, record


async def news(event, context):
    record, = event["records"]
    assert event["trigger"] == "topic" and event["source"] in ("news", "news_in_order"), event
    assert record.get("group") == ("group-1" if event["source"] == "news_in_order" else None), record


def by_hand(event, context):
    assert event["trigger"] == "invoke" and event["records"][0]["data"]["total"] == 12, event
    return {"done": True}
