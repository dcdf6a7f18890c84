#!/bin/sh
# Sets up the tools of the Knative checks under .conformance/knative; does nothing when they are there.
set -eu
cd "$(dirname "$0")/../../.."
pins=targets/knative/conformance/requirements.txt
tools=.conformance/knative
if cmp -s "$pins" "$tools/installed.txt"; then exit 0; fi
rm -rf "$tools"
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
cp "$pins" "$tools/installed.txt"
