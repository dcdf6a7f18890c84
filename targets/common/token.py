"""Routes that only who holds a token may call: JSON Web Tokens (RFC 7519) of an issuer that publishes its keys (RFC 8414,
OpenID Connect Discovery).

PyJWT verifies signatures; it is imported when the first token comes.
"""

import json
import re
import threading
import time
from urllib.request import Request, urlopen

# Signatures by a private key alone: with a shared secret, the public key would do to forge a token.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KEPT_SECONDS = 3600  # an issuer that withdraws a key is heard after this time
ASKED_SECONDS = 60  # unknown keys in tokens make nobody ask the issuer more often
UNAUTHORIZED = {"statusCode": 401, "headers": {"www-authenticate": "Bearer"}, "body": {"error": "unauthorized"}}


class Refused(Exception):
    """A token that lets nobody in."""


def claims_of(wanted, headers, fetch=None):
    """Returns the claims of a request's token as text by name; raises `Refused` where it has none that is good."""
    import jwt

    found = re.fullmatch(r"[Bb]earer +([A-Za-z0-9_.-]+)", headers.get("authorization", "").strip())
    if not found:
        raise Refused("no token")
    token = found[1]
    try:
        head = jwt.get_unverified_header(token)
        if head.get("alg") not in ALGORITHMS:
            raise Refused("an algorithm that isn't taken")
        key = _keys_of(wanted["issuer"], fetch).find(head.get("kid"))
        if key is None or key.get("alg") not in (None, head["alg"]):
            raise Refused("a key that the issuer doesn't have")
        key = jwt.PyJWK(key, algorithm=head["alg"]).key
        claims = jwt.decode(token, key, algorithms=[head["alg"]], issuer=wanted["issuer"], audience=wanted["audience"],
                            options={"require": ["exp", "iss", "aud"]})
    except jwt.PyJWTError as error:
        raise Refused(str(error)) from error
    return {name: as_text(value) for name, value in claims.items()}


def as_text(value):
    """Returns a claim as text: lists in brackets, as other platforms give them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + " ".join(as_text(it) for it in value) + "]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Keys:
    """The public keys of an issuer, kept for a time."""

    def __init__(self, issuer, fetch):
        self.issuer, self.fetch = issuer, fetch
        self.asked, self.keys = None, []
        self.lock = threading.Lock()

    def find(self, kid):
        with self.lock:
            age = None if self.asked is None else time.monotonic() - self.asked
            if age is None or age > KEPT_SECONDS or (self._named(kid) is None and age > ASKED_SECONDS):
                where = self.fetch(self.issuer.rstrip("/") + "/.well-known/openid-configuration")["jwks_uri"]
                self.keys, self.asked = self.fetch(where)["keys"], time.monotonic()
            return self._named(kid)

    def _named(self, kid):
        fits = [it for it in self.keys if it.get("kid") == kid and it.get("use", "sig") == "sig"]
        return fits[0] if len(fits) == 1 else None


_issuers = {}


def _keys_of(issuer, fetch):
    return _issuers.setdefault(issuer, _Keys(issuer, fetch or fetch_json))


def fetch_json(url):
    """Returns what an issuer publishes; over TLS only."""
    if not url.startswith("https://"):
        raise ValueError(f"`{url}` is not safe to ask for keys")
    with urlopen(Request(url, headers={"accept": "application/json"}), timeout=5) as answer:
        return json.load(answer)
