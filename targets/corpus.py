#!/usr/bin/env python3
"""Builds every example, and the programs of the tests that must be right: corpus.py FNC OUT

Each is built for all its targets, into OUT/NAME/TARGET; an example without a stage, a program of snapshots/good in its
first one. Those programs have no handlers of their own: each gets files that define what it names, so that the folders
are whole.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
EXAMPLES = TOP / "examples"
GOOD = TOP / "snapshots" / "good"
# What a build folder of each target holds.
MARKS = {"aws": "template.yaml", "azure": "azuredeploy.json", "knative": "kustomization.yaml"}


def handler(file, symbol):
    """Returns the text that defines a handler which does nothing."""
    if file.endswith(".py"):
        return f"def {symbol}(event, context):\n    return None\n\n\n"
    if file.endswith(".mjs"):
        return f"export async function {symbol}(event, context) {{}}\n"
    return f"exports.{symbol} = async (event, context) => {{}};\n"


def build(fnc, folder, out, stage=None):
    """Builds a folder; returns what went wrong."""
    chosen = ["--stage", stage] if stage else []
    command = [fnc, "build", str(folder), "--target", "all", "--out", str(out), "--quiet", *chosen]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return f"{out.name}: {done.stdout}{done.stderr}"
    # A program for one target is built into the folder itself.
    for target, mark in MARKS.items():
        if (out / mark).exists():
            alone = out.rename(out.with_name(f"{out.name}-alone"))
            out.mkdir()
            alone.rename(out / target)
    return ""


def example(fnc, program, out):
    folder = program.parent
    name = "-".join(folder.relative_to(EXAMPLES).parts)
    return build(fnc, folder, out / name)


def good(fnc, program, out):
    text = program.read_text("utf-8")
    stage = re.search(r"^stage (\w+)", text, re.MULTILINE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "app"
        folder.mkdir()
        shutil.copy(program, folder / "app.fn")
        for file, symbol in sorted(set(re.findall(r'handler\s+"([^":]+):(\w+)"', text))):
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as to:
                to.write(handler(file, symbol))
        return build(fnc, folder, out / f"test-{program.stem}", stage and stage.group(1))


def main():
    fnc, out = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    examples = sorted(it for it in EXAMPLES.rglob("app.fn") if "build" not in it.parts)
    programs = sorted(GOOD.glob("*.fn"))
    faults = [example(fnc, it, out) for it in examples] + [good(fnc, it, out) for it in programs]
    faults = [it for it in faults if it]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(examples)} examples and {len(programs)} programs of the tests are built")


if __name__ == "__main__":
    main()
