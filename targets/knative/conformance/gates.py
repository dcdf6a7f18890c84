"""The router before its functions, all as processes of their images, held to `targets/vectors/router`.

The same vectors drive `fnc run`. The router and the functions get their environment from the build folder of the vectors'
program: `gates.py FNC` builds it.
"""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml
from drive import LANGUAGES, TARGETS, Server, prepare
from issuer import issuer

VECTORS = TARGETS / "vectors" / "router"
ISSUER = "https://issuer.example.com/"
SECRETS = {"partner": "s3cret"}


@contextmanager
def app(fnc, language, spoil=None, program=None, env=None, moved=("", "")):
    """Runs every service of the built program as a process, with one address of its routes moved; yields the router."""
    suffix, _ = LANGUAGES[language]
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        source, built = Path(temporary) / "source", Path(temporary) / "built"
        source.mkdir()
        program = program or (VECTORS / "app.fn").read_text("utf-8")
        (source / "app.fn").write_text(program.replace(".py:", f".{suffix}:"), "utf-8")
        handlers = (VECTORS / f"handlers.{suffix}").read_text("utf-8")
        (source / f"handlers.{suffix}").write_text(handlers, "utf-8")
        subprocess.run([fnc, "build", source, "--target", "knative", "--out", built, "--quiet"], check=True, stderr=subprocess.DEVNULL)
        services = [it for name in ("40-services.yaml", "70-routes.yaml")
                    for it in yaml.safe_load_all((built / "knative" / name if (built / "knative").is_dir() else built / name).read_text("utf-8"))]
        ports = {}
        for service in services:
            name = service["metadata"]["name"]
            container = service["spec"]["template"]["spec"]["containers"][0]
            variables = {it["name"]: it.get("value") or secret(it) for it in container["env"]}
            # A service's address has one place for its name; the names here are the ports.
            if "FNC_ROUTES" in variables:
                routes = json.loads(variables["FNC_ROUTES"].replace("$$", "$"))
                here = [{**it, **{word: str(ports[it[word]]) for word in ("to", "custom") if word in it}} for it in routes]
                variables |= {"FNC_ROUTES": json.dumps(here).replace(*moved) if moved[0] else json.dumps(here), "FNC_UPSTREAM": "http://127.0.0.1:{to}"}
            else:
                variables["FNC_CONFIG"] = variables["FNC_CONFIG"].replace("$$", "$")
            folder = Path(temporary) / name
            prepare(language, folder, spoil)
            server = Server(language, folder, {**variables, **(env or {})}, files=[f"handlers.{suffix}"], source=source)
            stack.callback(server.stop)
            ports[name] = server.port
        yield server


def secret(variable):
    """Returns what Kubernetes puts in for a variable of a Secret."""
    found = variable.get("valueFrom", {}).get("secretKeyRef")
    return SECRETS[found["key"]] if found else "shop"


def ask(router, request, tokens=None):
    body = request.get("body", "").encode() or None
    headers = {name: value.encode() for name, value in request.get("headers", {}).items()}
    if "token" in request:
        headers["authorization"] = f"Bearer {tokens.token(**request['token'])}"
    return router.exchange(request["method"], request["path"], body, headers)


def differs(got, answer):
    """Returns how an answer differs from the expected one; `*` in a body stands for any text."""
    status, headers, body = got
    if status != answer["status"]:
        return f"status {status}"
    joined = {}
    for name, value in headers:
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    for name, value in answer.get("headers", {}).items():
        if joined.get(name) != value:
            return f"{name}: {joined.get(name)}"
    for name in answer.get("absent", []):
        if name in joined:
            return f"{name}: {joined[name]}"
    if "body" not in answer:
        return None
    wanted, found = answer["body"], json.loads(body) if body else None
    if isinstance(wanted, dict) and isinstance(found, dict):
        same = all(alike(it, found.get(name)) for name, it in wanted.items())
    else:
        same = found == wanted
    return None if same else body.decode()


def alike(wanted, found):
    if isinstance(wanted, dict) and isinstance(found, dict):
        return set(wanted) == set(found) and all(alike(it, found[name]) for name, it in wanted.items())
    return wanted == found or wanted == "*" and isinstance(found, str)


def vectors(fnc, language, spoil=None):
    """Returns how many requests were made, and which answers differ."""
    done, problems = 0, []

    def check(name, case, router, tokens=None):
        nonlocal done
        for request in case["requests"]:
            done += 1
            found = differs(ask(router, request, tokens), request["answer"])
            if found:
                problems.append(f"{language}: {name}: {json.dumps(request, ensure_ascii=False)}: {found}")

    cases = {it.name: json.loads(it.read_text("utf-8")) for it in sorted(VECTORS.glob("*.json"))}
    with app(fnc, language, spoil) as router:
        for name, case in cases.items():
            if "program" not in case:
                check(name, case, router)
    with tempfile.TemporaryDirectory() as temporary, issuer(Path(temporary)) as tokens:
        trusted = {"SSL_CERT_FILE": str(tokens.certificate), "NODE_EXTRA_CA_CERTS": str(tokens.certificate)}
        for name, case in cases.items():
            if "program" in case:
                with app(fnc, language, spoil, case["program"], trusted, (ISSUER, tokens.url)) as router:
                    tokens.working = False
                    refused = ask(router, case["requests"][0], tokens)
                    if refused[0] != 500:
                        problems.append(f"{language}: {name}: an issuer that is down gives status {refused[0]}")
                    tokens.working, tokens.asked = True, 0
                    check(name, case, router, tokens)
                    if tokens.asked > 4:
                        problems.append(f"{language}: {name}: the issuer was asked {tokens.asked} times")
    return done, problems


# Language, file, text, what takes its place.
FAULTS = [
    ("python", "gate.py", 'raise Turned(of(key.UNAUTHORIZED))', "pass"),
    ("node", "gate.mjs", "throw new Turned(of(key.UNAUTHORIZED))", "{}"),
    ("python", "gate.py", 'said.get("isAuthorized") is not True', 'not said.get("isAuthorized")'),
    ("node", "gate.mjs", "said?.isAuthorized !== true", "!said?.isAuthorized"),
    ("python", "router.py", '"x-forwarded-host", "expect", gate.AUTH}', '"x-forwarded-host", "expect"}'),
    ("node", "router.mjs", "'x-forwarded-host', 'expect', gate.AUTH]", "'x-forwarded-host', 'expect']"),
    ("python", "token.py", 'audience=wanted["audience"]', 'audience=["shop", "desk", "other"]'),
    ("node", "token.mjs", "requiredClaims: ['exp', ", "requiredClaims: ["),
    ("python", "sites.py", 'if "*" not in cors["origins"] and origin not in cors["origins"]:', "if False:"),
    ("node", "gate.mjs", "!name.startsWith('access-control-')", "true"),
    ("python", "router.py", "if asked is not None:", "if False:"),
    ("node", "router.mjs", "METHODS.indexOf(it.method)", "0"),
]


def main(arguments):
    fnc, *options = arguments
    begun = time.monotonic()
    problems, total = [], 0
    if options == ["--planted"]:
        for language, *spoil in FAULTS:
            total += 1
            if not vectors(fnc, language, spoil)[1]:
                problems.append(f"the vectors let pass in {language}: {spoil[0]}: `{spoil[2]}`")
        summary = f"{total} planted faults of the router, each caught by the vectors"
    else:
        for language in LANGUAGES:
            done, found = vectors(fnc, language)
            total += done
            problems += found
        summary = f"{total} requests to the router, Python and Node, answered as `fnc run` answers them"
    for problem in problems:
        print(problem)
    print(f"knative router: {'FAILED' if problems or not total else 'ok'}: {summary} ({time.monotonic() - begun:.0f} s)")
    return 1 if problems or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
