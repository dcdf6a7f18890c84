"""Records of streams, buckets and buses."""


def clicks(event, context):
    first, second = event["records"]
    assert event["trigger"] == "stream" and event["source"] == "clicks", event
    assert (first["id"], first["shard"], first["sequence"], first["key"]) == ("3:7", "3", "7", "k"), first
    assert first["data"]["total"] == 12 and first["attributes"] == {"kind": "test"}, first
    assert second["body"] == "plain text" and second["data"] is None, second
    context.write("clicks", {"seen": 2}, key="k")
    context.write("late", b"\x00\xff")


def fail(event, context):
    raise RuntimeError("no luck")


def created(event, context):
    record, = event["records"]
    assert event["trigger"] == "bucket" and record["action"] == "created" and record["attempt"] == 2, event
    assert (record["key"], record["size"], record["etag"]) == ("in/Zoë & co.png", 7, "0x8D4BCC2E4835CD0"), record
    context.put("receipts", record["key"], {"ok": True}, attributes={"who": "Zoë"})
    made = context.get("receipts", record["key"])
    assert made["data"] == {"ok": True} and made["attributes"] == {"who": "Zoë"} and made["size"] == 11, made
    assert made["content_type"] == "application/json", made
    context.put("receipts", "in/b.bin", b"\x00\xff")
    assert context.get("receipts", "in/b.bin")["base64"] is True
    listed = context.list("receipts", prefix="in/")
    assert [it["key"] for it in listed] == ["in/Zoë & co.png", "in/b.bin"], listed
    assert listed[0]["etag"] == made["etag"] and listed[0]["time"] == made["time"], (listed, made)
    assert [it["key"] for it in context.list("receipts", limit=1)] == ["in/Zoë & co.png"]
    for key in ("in/b.bin", "in/b.bin", "in/Zoë & co.png"):
        context.delete("receipts", key)
    assert context.get("receipts", "in/b.bin") is None and context.list("receipts") == []
    context.publish("shop_events", {"id": 7}, type="order.placed", subject="orders/7", attributes={"Kind": "vip"})
    context.publish("shop_events", b"\x00\xff", type="order.scanned")
    context.publish("shop_events", "plain", type="order.noted")


def deleted(event, context):
    record, = event["records"]
    assert record["type"] == "fnc.bucket.deleted" and record["size"] is None and record["etag"] is None, record


def placed(event, context):
    record, = event["records"]
    assert (event["trigger"], event["source"], record["type"]) == ("event", "shop_events", "order.placed"), event
    assert record["data"]["total"] == 12 and record["attributes"] == {"kind": "test"}, record
    assert record["subject"] == "orders/7" and record["attempt"] == 2, record
