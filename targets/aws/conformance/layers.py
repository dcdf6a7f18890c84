#!/usr/bin/env python3
"""Imports out of layers as Lambda lays them: what a function's own code lacks is found in the layers, and nothing else changes.

layers.py: runs targets/aws/layers.py in this Python and targets/aws/layers.mjs in the Node of the tools, in a folder for the
function's code and one for what Lambda unpacks into /opt.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import runtime

AWS = Path(__file__).resolve().parents[1]
FILES = {
    "task/src/bill.py": "import common, money, own\n\n\ndef handle():\n    return [common.NAME, money.NAME, own.NAME]\n",
    "task/src/own.py": "NAME = 'own'\n",
    "opt/common.py": "NAME = 'common'\n",
    "opt/src/money.py": "NAME = 'money'\n",
    "opt/src/own.py": "NAME = 'hidden'\n",
    "task/src/bill.mjs": "import { name as money } from './money.mjs';\nimport { name as own } from './own.mjs';\nimport { name as common } from '../common.mjs';\n"
    "import kept from 'kept';\nimport plain from './plain.cjs';\nexport const found = [common, money, own, kept, plain];\n",
    "task/src/own.mjs": "export const name = 'own';\n",
    "task/src/plain.cjs": "module.exports = require('kept') + require('./inner.cjs');\n",
    "task/src/broken.mjs": "import './nowhere.mjs';\n",
    "opt/common.mjs": "export { name } from './src/deep.mjs';\n",
    "opt/src/deep.mjs": "export const name = 'common';\n",
    "opt/src/money.mjs": "export const name = 'money';\n",
    "opt/src/own.mjs": "export const name = 'hidden';\n",
    "opt/src/inner.cjs": "module.exports = '-inner';\n",
    "opt/nodejs/node_modules/kept/index.js": "module.exports = 'kept';\n",
}
PYTHON = """
import sys
sys.path[:0] = [{aws!r}, {task!r} + "/src"]
from layers import lay
lay("src/bill.py:handle", {opt!r})
import bill
print(*bill.handle())
"""
NODE = """
import {{ lay }} from {aws!r};
lay({task!r}, {opt!r});
const {{ found }} = await import({task!r} + '/src/bill.mjs');
const broken = await import({task!r} + '/src/broken.mjs').then(() => 'found', (error) => error.code);
console.log(...found, broken);
"""


def run(what, command, expected):
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if ran.stdout.strip() == expected:
        print(f"ok   {what}: {expected}")
        return 0
    print(f"FAIL {what}: {expected!r} expected, got {ran.stdout.strip()!r}\n{ran.stderr}")
    return 1


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for path, text in FILES.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        task, opt = str(root / "task"), str(root / "opt")
        program = PYTHON.format(aws=str(AWS), task=task, opt=opt)
        failed = run("Python", [sys.executable, "-c", program], "common money own")
        program = NODE.format(aws=str(AWS / "layers.mjs"), task=task, opt=opt)
        command = [runtime.NODE, "--input-type=module", "-e", program]
        failed += run("Node", command, "common money own kept kept-inner ERR_MODULE_NOT_FOUND")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
