#!/usr/bin/env python3
"""Runs `sam build` on AWS build folders, without a container: build.py BUILD_FOLDER[:FUNCTION]…

What it leaves must be a template whose functions find their code: the file of each handler, as the build folder has it.
Only a `:FUNCTION` is built where one is named: a version of Python that isn't on PATH and an image, which takes Docker, can't be. At last a folder without its code is built, which must fail.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAM = HERE.parents[2] / ".conformance" / "aws-sam" / "bin"

try:
    from samtranslator.yaml_helper import yaml_parse
except ImportError:
    if (SAM / "python").exists() and Path(sys.prefix).resolve() != SAM.parent.resolve():
        os.execv(SAM / "python", [str(SAM / "python"), *sys.argv])
    sys.exit(f"the SAM command line is missing; install it with {HERE / 'setup.sh'}")

# Handlers by the runtimes of Lambda that are built; the version of Python must be on PATH, as `sam build` says.
SUFFIXES = {"python": ".py", "nodejs": ".mjs"}


def build(folder):
    """Returns what `sam build` says and whether it went well."""
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run([SAM / "sam", "build"], cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False)
    return done.stdout + done.stderr, done.returncode == 0


def findings(folder):
    """Returns what is wrong with what was built in a folder."""
    file = folder / ".aws-sam" / "build" / "template.yaml"
    if not file.is_file():
        return ["no template was built"], 0
    template = yaml_parse(file.read_text("utf-8"))
    shared = template.get("Globals", {}).get("Function", {})
    found, seen = [], 0
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = {**shared, **resource["Properties"]}
        code = (file.parent / properties["CodeUri"]).resolve()
        handler = properties["Handler"]
        suffixes = [it for runtime, it in SUFFIXES.items() if properties["Runtime"].startswith(runtime)]
        path = handler.rpartition(".")[0] + suffixes[0] if suffixes else "bootstrap"
        source = [it for it in folder.glob(f"*/{path}") if not it.is_relative_to(folder / ".aws-sam")]
        seen += 1
        if not (code / path).is_file():
            found.append(f"{name}: no file {path} in {code}")
        elif (code / path).read_bytes() not in [it.read_bytes() for it in source]:
            found.append(f"{name}: {path} isn't the file of the build folder")
        elif not suffixes and not os.access(code / path, os.X_OK):
            found.append(f"{name}: {path} can't be executed")
    return found if seen else [*found, "no function was built"], seen


def alone(text, function):
    """Returns a template's text without all functions but one; `sam build` reads nothing of the other resources."""
    parts = text.split("\n\n")
    is_function = [it.lstrip().partition("\n")[2].lstrip().startswith('Type: "AWS::Serverless::Function"') for it in parts]
    kept = [it for it, other in zip(parts, is_function) if not other or it.startswith(f"  {function}:")]
    assert len(kept) == len(parts) - sum(is_function) + 1, f"{function} isn't in the template"
    return "\n\n".join(kept)


def check(argument, spoiled=False):
    """Builds a copy of a folder; returns the findings and how many functions were built."""
    folder, _, only = argument.partition(":")
    with tempfile.TemporaryDirectory(prefix="fnc-sam-") as place:
        copy = Path(place) / "app"
        shutil.copytree(folder, copy)
        if spoiled:
            for it in copy.iterdir():
                if it.is_dir():
                    shutil.rmtree(it)
        if only:
            template = copy / "template.yaml"
            template.write_text(alone(template.read_text("utf-8"), only), "utf-8")
        told, good = build(copy)
        return findings(copy) if good else ([told[-2000:]], 0)


def main():
    if not sys.argv[1:]:
        sys.exit(__doc__)
    passed = failed = 0
    for argument in sys.argv[1:]:
        found, functions = check(argument)
        for it in found:
            print(f"     {it}")
        print(f"{'FAIL' if found else 'ok  '} sam build {argument}: {functions} functions")
        passed, failed = passed + (not found), failed + bool(found)
    found, _ = check(sys.argv[1], spoiled=True)
    print("ok   a folder without its code isn't built" if found else "FAIL a folder without its code was built")
    passed, failed = passed + bool(found), failed + (not found)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
