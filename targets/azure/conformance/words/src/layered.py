# `names` is in one layer, `prices` in both: the later one's counts.
from names import NAME
from prices import WHICH


def handle(event, context):
    assert (NAME, WHICH) == ("base", "newer"), (NAME, WHICH)
    return {"statusCode": 200, "body": WHICH}
