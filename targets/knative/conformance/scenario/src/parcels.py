swept = set()


def accept(event, context):
    request = event["request"]
    context.send("inbox", {"sender": request["params"]["sender"], **request["data"]}, group=request["params"]["sender"])
    return {"statusCode": 202}


def weigh(event, context):
    for record in event["records"]:
        parcel = record["data"]
        context.log("weigh", sender=parcel["sender"], number=parcel["number"], group=record["group"])
        if parcel["kg"] is None:
            raise ValueError("the scale shows nothing")
        kind = "parcel.light" if parcel["kg"] < 10 else "parcel.heavy"
        context.publish("weighed", parcel, attributes={"kind": kind})
        context.publish("news", parcel, type=kind, subject=parcel["sender"])


def post(event, context):
    for record in event["records"]:
        context.log("post", sender=record["subject"], number=record["data"]["number"], type=record["type"])


def sweep(event, context):
    room = event["records"][0]["input"]["room"]
    context.log("sweep", room=room)
    if room == "hall" and room not in swept:
        swept.add(room)
        raise ValueError("no broom")
