#!/bin/sh
# Sets up what check.py needs in .conformance/aws at the top of the repository; does nothing when it is up to date.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=$(cd "$here/../../.." && pwd)/.conformance/aws
stamp=$venv/requirements.sum
wanted=$(cat "$here/requirements.txt" "$here/package.json" "$here/package-lock.json" | cksum)
if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then
    exit 0
fi
echo "setting up the AWS conformance tools in $venv"
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$venv"
(cd "$venv" && npm ci --ignore-scripts --no-audit --no-fund --silent)
printf '%s\n' "$wanted" > "$stamp"
