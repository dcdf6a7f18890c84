"""Checks Knative build folders with tools that others wrote: `check.py BUILD…`, or `check.py --planted`.

For each folder: every YAML file means the same to a YAML 1.1 and a YAML 1.2 reader; `kubectl kustomize` renders it, and
what it renders is what the files say; every object passes its schema with unknown fields refused, and the rules of
Knative's admission webhooks; every name that an object refers to exists. `--planted` tries faulty copies of the app in
`good/`, each of which must be caught by the check that it is meant for.

The schemas are Knative's own custom resource definitions, looked for in `FNC_KNATIVE_SCHEMAS`, else in
`../shared/schemas/knative` beside the repository. Where there are none, the last line says so aloud.
"""

import copy
import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import admission
import references
import yaml
from ruamel.yaml import YAML
from schemas import Schemas

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# What some reader or other takes for a boolean, a number, a date or nothing.
TRAP = re.compile(r"(?i)y|n|yes|no|on|off|~|null|[-+]?0[0-7]+|0o[0-7]+|[-+]?\d[\d_]*_\d*|[-+]?\d+(:[0-5]?\d)+(\.\d*)?|"
                  r"[-+]?\d*\.?\d+e\d+|[-+]?\.(inf|nan)|\d{4}-\d\d?-\d\d?.*|=|<<")


def main(arguments):
    schemas, missing = load_schemas()
    kubectl = find_kubectl()
    if kubectl is None:
        print("knative: FAILED: there is no kubectl 1.21 or later: run targets/knative/conformance/setup.sh on x86-64 "
              "Linux, or install kubectl (https://kubernetes.io/docs/tasks/tools/)")
        return 1
    if arguments == ["--planted"]:
        import planted
        problems, summary = planted.run(lambda folder: check(folder, kubectl, schemas), schemas is not None)
    else:
        problems, summary = check_all([Path(it) for it in arguments], kubectl, schemas)
    for problem in problems:
        print(problem)
    print(f"knative: {'FAILED' if problems else 'ok'}: {summary}")
    if missing:
        line = f"knative: NOT CHECKED: the CRD schemas: {missing}"
        print(line)
        # The last lines of the whole run repeat what is noted there.
        notes = os.environ.get("FNC_NOT_RUN")
        if notes and arguments != ["--planted"]:
            with open(notes, "a", encoding="utf-8") as file:
                file.write(line + "\n")
    return 1 if problems else 0


def load_schemas():
    """Returns the schemas, or None and why there are none."""
    folder = Path(os.environ.get("FNC_KNATIVE_SCHEMAS", ROOT.parent / "shared" / "schemas" / "knative"))
    if not folder.is_dir():
        # A linked work tree lies elsewhere than its repository.
        common = subprocess.run(["git", "rev-parse", "--path-format=absolute", "--git-common-dir"], cwd=HERE,
                                capture_output=True, text=True, check=False).stdout.strip()
        if "FNC_KNATIVE_SCHEMAS" not in os.environ and common:
            folder = Path(common).parent.parent / "shared" / "schemas" / "knative"
    if not folder.is_dir():
        return None, f"no folder {folder}; set FNC_KNATIVE_SCHEMAS to one that holds Knative's CRDs"
    return Schemas(folder), None


def find_kubectl():
    for place in (Path(sys.prefix) / "bin" / "kubectl", shutil.which("kubectl")):
        if place and Path(place).exists():
            return str(place)
    return None


def check_all(folders, kubectl, schemas):
    problems, objects = [], 0
    for folder in folders:
        found, count = check(folder, kubectl, schemas)
        problems += [f"{folder}: {gate}: {fault}" for gate, fault in found]
        objects += count
    if not folders:
        problems.append("no build folder was given")
    gates = "YAML read twice, kustomize, " + ("schemas, " if schemas else "") + "admission rules, references"
    return problems, f"{len(folders)} builds, {objects} objects: {gates}"


def check(folder, kubectl, schemas):
    """Returns the faults of a build folder, each with its gate, and how many objects were checked."""
    folder = Path(folder)
    emitted, found = read_twice(folder)
    if found:
        return found, 0
    rendered, fault = kustomize(folder, kubectl)
    if fault:
        return [("kustomize", fault)], 0
    found += [("kustomize", it) for it in changed(folder, emitted, rendered)]
    whole, faults = of_cluster(folder)
    found += faults
    for thing in rendered + whole:
        where = f"{thing['kind']} {thing['metadata']['name']}"
        if schemas:
            found += [("schema", f"{where}: {it}") for it in schemas.faults(thing)]
        try:
            found += [("admission", f"{where}: {it}") for it in admission.faults(thing)]
        except (KeyError, TypeError, AttributeError) as error:
            found.append(("admission", f"{where}: {type(error).__name__} {error}"))
    if not found:
        # References are looked up in objects that have the right shape.
        found += [("reference", it) for it in references.faults(rendered, whole, page(folder))]
    return found, len(rendered) + len(whole)


# --- YAML, read twice -----------------------------------------------------------------------------


def read_twice(folder):
    """Returns the objects of all resource files, and where two readers differ or a bare word is a trap."""
    emitted, found = [], []
    files = sorted(folder.glob("*.yaml"))
    if not any(it.name == "kustomization.yaml" for it in files):
        found.append(("yaml", "there is no kustomization.yaml"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        things, faults = read(text)
        found += [("yaml", f"{file.name}{it}") for it in faults]
        if file.name != "kustomization.yaml":
            emitted += copy.deepcopy(things)
    return emitted, found


def page(folder):
    readme = folder / "README.md"
    return readme.read_text(encoding="utf-8") if readme.is_file() else ""


def of_cluster(folder):
    """Returns the objects that belong to the cluster, not to the app, and what is wrong with their files."""
    things, found = [], []
    for file in sorted((folder / "cluster").glob("*.yaml")):
        read_things, faults = read(file.read_text(encoding="utf-8"))
        found += [("yaml", f"cluster/{file.name}{it}") for it in faults]
        things += copy.deepcopy(read_things)
    return things, found


@functools.cache
def read(text):
    """Returns the documents of a text, and what is wrong with it."""
    try:
        old = list(yaml.safe_load_all(text))
        new = list(YAML(typ="safe", pure=True).load_all(text))
        tokens = list(yaml.scan(text))
    except Exception as error:
        return [], [f": {str(error).splitlines()[0]}"]
    found = []
    if repr(old) != repr([plain(it) for it in new]):
        found.append(": YAML 1.1 and YAML 1.2 read it differently")
    for token in tokens:
        if isinstance(token, yaml.ScalarToken) and token.plain and TRAP.fullmatch(token.value):
            found.append(f":{token.start_mark.line + 1}: `{token.value}` wants quotes")
    return old, found


def plain(value):
    if isinstance(value, dict):
        return {name: plain(it) for name, it in value.items()}
    return [plain(it) for it in value] if isinstance(value, list) else value


# --- kustomize ------------------------------------------------------------------------------------


def kustomize(folder, kubectl):
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr.strip():
        return [], (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0]
    return list(yaml.safe_load_all(done.stdout)), None


def changed(folder, emitted, rendered):
    """Yields where kustomize lost an object or made of one what its kustomization doesn't say."""
    settings = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    files = {it.name for it in folder.glob("*.yaml")} - {"kustomization.yaml"}
    for name in sorted(files ^ set(settings.get("resources", []))):
        yield f"{name} is not both a file and a resource"
    images = {it["name"]: f"{it['newName']}:{it['newTag']}" for it in settings.get("images", [])}
    pairs = {name: value for it in settings.get("labels", []) for name, value in it["pairs"].items()}
    things = {key(it): it for it in rendered}
    if len(things) != len(emitted):
        yield f"{len(emitted)} objects were written and {len(things)} rendered"
    used = set()
    for it in emitted:
        it["metadata"]["namespace"] = settings.get("namespace")
        it["metadata"]["labels"] = {**it["metadata"].get("labels", {}), **pairs}
        for subject in it.get("subjects", []):
            subject["namespace"] = settings.get("namespace")
        for container in it.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
            used.add(container["image"])
            container["image"] = images.get(container["image"], container["image"])
        if things.get(key(it)) != it:
            yield f"{it['kind']} {it['metadata']['name']} is rendered as another object than was written"
    for name in sorted(used ^ set(images)):
        yield f"image {name} is not both used and named"


def key(thing):
    return thing["apiVersion"], thing["kind"], thing["metadata"]["name"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
