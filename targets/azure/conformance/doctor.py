#!/usr/bin/env python3
"""Judges the Python function apps of Azure build folders with azure-functions-doctor: doctor.py BUILD_FOLDER…

Each app is examined beside its folder's `azuredeploy.json`. Every check must pass, but for those of which it is known, and said below, why they
have nothing to say about these apps. Then faults are planted, and each must be told.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

try:
    from azure_functions_doctor.doctor import Doctor
except ImportError:
    sys.exit(f"azure-functions-doctor is missing; install it with {HERE / 'setup.sh'}, and run this with the Python of .conformance/azure")

# What the checks read of an app; its code is the same in all of them, and read once.
READ = ["function_app.py", "host.json", "local.settings.json", "requirements.txt"]
OTHERS = "the app doesn't use it"
FLEX = "Flex Consumption has no such setting"
# What doesn't pass, and why that is no fault of the app.
KNOWN = {
    "Programming model v2": ("warn", "looks for `@app.` among the names of the syntax tree, which hold no `@`"),
    "Virtual environment": ("warn", "the developer's machine"),
    "Azure Functions Core Tools (func)": ("warn", "the developer's machine"),
    "Azure Functions Core Tools version": ("warn", "the developer's machine"),
    "Application Insights configuration": ("warn", "looks into local.settings.json; the template has it, which is checked here"),
    ".funcignore": ("warn", "the folder holds what is deployed, and nothing else"),
    "Functions runtime lifecycle": ("skip", FLEX),
    "Functions extension version": ("skip", FLEX),
    "Linux runtime (linuxFxVersion)": ("skip", FLEX),
    "host.json logLevel conflict": ("skip", "no level is set"),
    "Endpoint metadata coverage": ("skip", OTHERS),
    "Endpoint scan before spec build": ("skip", OTHERS),
    "Durable Functions configuration": ("skip", OTHERS),
    "ASGI/WSGI compatibility": ("skip", OTHERS),
    "LangGraph route authentication": ("skip", OTHERS),
    "OTel trace-context activation": ("skip", OTHERS),
}
# What must be there and pass: a release of the tool that lacks it is no gate.
REQUIRED = ["Flex Consumption runtime config", "Flex Consumption deprecated app settings", "Flex Consumption deployment storage",
            "Binding connection resolution", "Hosting plan lifecycle", "host.json version", "azure-functions package",
            "extensionBundle v4 recommended", "Python runtime lifecycle"]


def examine(folder):
    """Returns the findings on a folder."""
    items = {it["label"]: it for section in Doctor(str(folder)).run_all_checks() for it in section["items"]}
    found = [f"there is no check `{it}`" for it in REQUIRED if it not in items]
    for label, it in items.items():
        if it["status"] != "pass" and KNOWN.get(label, ("",))[0] != it["status"]:
            found.append(f"{it['status']}: {label}: {it.get('value')}")
    if "APPLICATIONINSIGHTS_CONNECTION_STRING" not in (folder / "azuredeploy.json").read_text("utf-8"):
        found.append("the template connects no Application Insights")
    return found


def lay_out(app, place, whole=False):
    """Puts an app, or what the checks read of it, and the template with its site alone into a folder."""
    if whole:
        shutil.copytree(app, place, dirs_exist_ok=True)
    for name in READ:
        shutil.copy(app / name, place)
    template = json.loads((app.parent / "azuredeploy.json").read_text("utf-8"))
    others = [it for it in template["resources"] if it["type"] == "Microsoft.Web/sites" and it["name"] != f"[variables('{app.name}').site]"]
    template["resources"] = [it for it in template["resources"] if it not in others]
    (place / "azuredeploy.json").write_text(json.dumps(template, indent=2), "utf-8")


def swap(name, old, new):
    def plant(folder):
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text.replace(old, new), "utf-8")
        return old in text
    return plant


def worker_runtime(folder):
    """Adds a setting that Flex Consumption refuses to each site of the template."""
    template = json.loads((folder / "azuredeploy.json").read_text("utf-8"))
    sites = [it for it in template["resources"] if it["type"] == "Microsoft.Web/sites"]
    for site in sites:
        settings = site["properties"].setdefault("siteConfig", {}).setdefault("appSettings", [])
        settings.append({"name": "FUNCTIONS_WORKER_RUNTIME", "value": "python"})
    (folder / "azuredeploy.json").write_text(json.dumps(template), "utf-8")
    return bool(sites)


FAULTS = [
    ("a setting that Flex Consumption refuses", worker_runtime),
    ("an old bundle", swap("host.json", "[4.*, 5.0.0)", "[3.*, 4.0.0)")),
    ("a connection without settings", swap("function_app.py", 'connection="FNC_SERVICEBUS"', 'connection="NOTHING"')),
    ("an old Python", swap("azuredeploy.json", '"3.13"', '"3.8"')),
    ("requirements without the library", swap("requirements.txt", "azure-functions", "azure-function")),
    ("another version of host.json", swap("host.json", '"2.0"', '"1.0"')),
]


def main():
    apps = [it.parent for folder in sys.argv[1:] for it in sorted(Path(folder).glob("*/function_app.py"))]
    if not apps:
        sys.exit(__doc__)
    passed = failed = 0

    def judge(good, text):
        nonlocal passed, failed
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print(f"FAIL {text}")

    # A messaging app has room for each of the faults.
    first = next((it for it in apps if "FNC_SERVICEBUS" in (it / "function_app.py").read_text("utf-8")), apps[0])
    for app in apps:
        with tempfile.TemporaryDirectory() as place:
            lay_out(app, Path(place), whole=app == first)
            found = examine(Path(place))
            judge(not found, f"{app}: {'; '.join(found)}")
    for title, plant in FAULTS:
        with tempfile.TemporaryDirectory() as place:
            lay_out(first, Path(place))
            judge(plant(Path(place)) and examine(Path(place)), f"{title} was not told")
    print(f"azure-functions-doctor: {passed} passed, {failed} failed: {len(apps)} Python apps, {len(FAULTS)} planted faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
