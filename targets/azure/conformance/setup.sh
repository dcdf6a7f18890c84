#!/bin/sh
# Sets up what check.py needs in .conformance/azure and .conformance/azure-node at the top of the repository; does
# nothing when they are up to date.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)/.conformance
venv=$top/azure
node=$top/azure-node

# Microsoft's Python worker wants Python 3.13 or later.
find_python() {
    for it in python3.13 python3.14 python3 "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.1[3-9]*/bin/python; do
        if command -v "$it" > /dev/null 2>&1 &&
            "$it" -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2> /dev/null; then
            command -v "$it"
            return 0
        fi
    done
    echo "Azure's Python worker needs Python 3.13 or later, and there is none here." >&2
    echo "Install one, for example with \`pyenv install 3.13\` or \`uv python install 3.13\`, and run this again." >&2
    return 1
}

wanted=$(cksum < "$here/requirements.txt")
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/requirements.sum" 2> /dev/null || true)" != "$wanted" ]; then
    python=$(find_python)
    echo "setting up Azure's Python worker in $venv"
    rm -rf "$venv"
    mkdir -p "$top"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    printf '%s\n' "$wanted" > "$venv/requirements.sum"
fi

wanted=$(cat "$here/package.json" "$here/package-lock.json" | cksum)
if [ "$(cat "$node/lock.sum" 2> /dev/null || true)" != "$wanted" ]; then
    echo "setting up Azure's library for Node functions in $node"
    rm -rf "$node"
    mkdir -p "$node"
    cp "$here/package.json" "$here/package-lock.json" "$node"
    (cd "$node" && npm ci --silent --no-audit --no-fund --ignore-scripts)
    printf '%s\n' "$wanted" > "$node/lock.sum"
fi
