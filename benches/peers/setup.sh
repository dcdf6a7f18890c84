#!/bin/sh
# Installs what `cargo bench --bench run` measures fnc beside, into .conformance/peers at the top of the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peers=$here/../../.conformance/peers
mkdir -p "$peers"
cp "$here/package.json" "$here/package-lock.json" "$peers"
cd "$peers" && npm ci --ignore-scripts --no-audit --no-fund --silent
