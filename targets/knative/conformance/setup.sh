#!/bin/sh
# Sets up the tools of the Knative checks under .conformance/knative; does nothing when they are there.
set -eu
cd "$(dirname "$0")/../../.."
pins=targets/knative/conformance/requirements.txt
tools=.conformance/knative
packages=targets/knative/conformance/package.json
lock=targets/knative/conformance/package-lock.json
if [ "$(cat "$pins" "$packages" "$lock")" = "$(cat "$tools/installed.txt" 2> /dev/null || true)" ]; then exit 0; fi
rm -rf "$tools"
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
cp "$packages" "$lock" "$tools"
npm ci --prefix "$tools" --no-audit --no-fund --loglevel=error
cat "$pins" "$packages" "$lock" > "$tools/installed.txt"
