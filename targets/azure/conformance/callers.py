"""Who calls a route: one who may, and those who may not or whose browser asks first.

A good call and its probes are made of what the shim knows of a route. Tokens are signed here, by keys that the program's issuer
publishes; the issuer is stood in for.
"""

import base64
import hashlib
import hmac
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import events

ISSUER = "https://issuer.example.com/"
RSA, EC, STRANGER = (rsa.generate_private_key(65_537, 2048), ec.generate_private_key(ec.SECP256R1()),
                     rsa.generate_private_key(65_537, 2048))


def _published(key, kid):
    algorithm = jwt.algorithms.RSAAlgorithm if key is RSA else jwt.algorithms.ECAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


# What the issuer answers, by address.
PUBLISHED = {
    ISSUER + ".well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": ISSUER + "keys"},
    ISSUER + "keys": {"keys": [_published(RSA, "rsa"), _published(EC, "ec")]},
}


def token(claims, key=RSA, kid="rsa", algorithm="RS256"):
    now = int(time.time())
    whole = {"iss": ISSUER, "aud": "shop", "sub": "user-7", "exp": now + 600, "level": 3, "groups": ["a", "b"], **claims}
    whole = {name: it for name, it in whole.items() if it is not None}
    return jwt.encode(whole, key, algorithm=algorithm, headers={"kid": kid})


def with_shared_secret():
    """Returns a token that is signed with the public key as if it were a shared secret."""
    public = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    part = lambda it: base64.urlsafe_b64encode(json.dumps(it).encode()).rstrip(b"=")  # noqa: E731: one expression, used right here
    claims = {"iss": ISSUER, "aud": "shop", "exp": int(time.time()) + 600}
    signed = part({"alg": "HS256", "typ": "JWT", "kid": "rsa"}) + b"." + part(claims)
    return (signed + b"." + base64.urlsafe_b64encode(hmac.digest(public, signed, hashlib.sha256)).rstrip(b"=")).decode()


def good(trigger, call):
    """Returns the call of one who may."""
    if "key" in trigger:
        return headed(call, {"x-api-key": events.KEY})
    return headed(call, {"authorization": f"Bearer {token({})}"}) if "jwt" in trigger else call


def probes(trigger, call):
    """Returns calls of others, by what is asked of the answer."""
    made = {}
    if "key" in trigger:
        made |= {"401 another key": headed(call, {"x-api-key": "another"}), "401 no key": headed(call, {"x-api-key": None})}
    if "jwt" in trigger:
        now = int(time.time())
        tokens = {
            "200 by another key of the issuer": token({}, EC, "ec", "ES256"), "200 several audiences": token({"aud": ["x", "shop"]}),
            "401 another audience": token({"aud": "other"}), "401 no audience": token({"aud": None}),
            "401 another issuer": token({"iss": "https://other.example.com/"}), "401 expired": token({"exp": now - 600}),
            "401 never expires": token({"exp": None}), "401 not yet": token({"nbf": now + 600}),
            "401 a stranger's key": token({}, STRANGER), "401 a key that isn't published": token({}, RSA, "other"),
            "401 no signature": token({}, None, "rsa", "none"), "401 a shared secret": with_shared_secret(),
            "401 another key's algorithm": token({}, EC, "rsa", "ES256"), "401 no token": "", "401 half a token": token({})[:-9],
        }
        made |= {what: headed(call, {"authorization": f"Bearer {it}"}) for what, it in tokens.items()}
        made["401 no header"] = headed(call, {"authorization": None})
    if "cors" in trigger:
        cors = trigger["cors"]
        origin = "https://a.example.com" if cors["origins"] == ["*"] else cors["origins"][0]
        made["shared"] = headed(call, {"origin": origin})
        if cors["origins"] != ["*"]:
            made["not shared"] = headed(call, {"origin": "https://evil.example.com"})
    for method, cors in trigger.get("preflight", {}).items():
        method = "PUT" if method == "ANY" else method
        origin = "https://a.example.com" if cors["origins"] == ["*"] else cors["origins"][0]
        asking = {"origin": origin, "access-control-request-method": method}
        made[f"allowed {method}"] = headed(call, asking, "OPTIONS")
        if cors["origins"] != ["*"]:
            made[f"not allowed {method}"] = headed(call, {**asking, "origin": "https://evil.example.com"}, "OPTIONS")
    return made


def faults(trigger, function):
    """Returns what is wrong with the answers to a good call and its probes."""
    found = []
    if "http" in function and ("key" in trigger or "jwt" in trigger) and function["http"]["status"] == 401:
        found.append("lets in nobody, not even who may")
    answers = function.get("probes", {})
    expected = ("key" in trigger) + ("jwt" in trigger) + ("cors" in trigger) + ("preflight" in trigger)
    if "http" in function and len(answers) < expected:
        found.append("was not asked by others")
    for what, answer in answers.items():
        status, headers = answer["status"], {name.lower(): it for name, it in answer["headers"].items()}
        said = {name: it for name, it in headers.items() if name.startswith("access-control-")}
        if what[:3].isdigit():
            if status != int(what[:3]):
                found.append(f"answers {status}, not {what}")
        elif what == "shared":
            found += [f"{what}: {said}"] if "access-control-allow-origin" not in said else []
        elif what == "not shared" or what.startswith("not allowed"):
            found += [f"{what}: {said}"] if said else []
        else:
            method = what.split()[1]
            cors = trigger["preflight"].get(method) or trigger["preflight"]["ANY"]
            wanted = {"access-control-allow-methods": ", ".join(cors["methods"]), "access-control-allow-headers": ", ".join(cors["headers"])}
            if status != 204 or not said.items() >= wanted.items() or ("access-control-allow-credentials" in said) != cors["credentials"]:
                found.append(f"{what}: {status} {said}")
    return found


def headed(call, headers, method=None):
    """Returns a call of an http function with other headers; None takes one away."""
    http = call["data"]["http"]
    given = {name: it for name, it in {**http["headers"], **headers}.items() if it is not None}
    return {**call, "data": {"http": {**http, "headers": given, "method": method or http["method"]}}}
