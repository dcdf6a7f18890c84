"""From pages of which other sites a route may be called (Fetch Standard, "CORS protocol").

What a route says of them is `{"origins", "methods", "headers", "credentials", "max_age"}`, `max_age` where it is known.
"""


def allowed(cors, origin):
    """Returns what tells a browser that a page of this site may read an answer, None where it may not."""
    if "*" not in cors["origins"] and origin not in cors["origins"]:
        return None
    made = {"access-control-allow-origin": "*" if "*" in cors["origins"] else origin}
    if cors.get("credentials"):
        made["access-control-allow-credentials"] = "true"
    return made


def offered(cors, origin):
    """Returns what a browser that asks first is told: what pages of this site may send, None where nothing."""
    made = allowed(cors, origin)
    if made is None:
        return None
    made["access-control-allow-methods"] = ", ".join(cors["methods"])
    made["access-control-allow-headers"] = ", ".join(cors["headers"])
    if "max_age" in cors:
        made["access-control-max-age"] = str(cors["max_age"])
    return made
