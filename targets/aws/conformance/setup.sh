#!/bin/sh
# Sets up what the AWS checks need, in .conformance/aws and .conformance/aws-sam at the top of the repository; what is
# up to date stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)/.conformance

# Sets up one environment: its folder, its requirements, and the files that it depends on.
environment() {
    venv=$1 requirements=$2
    shift
    wanted=$(cat "$@" | cksum)
    if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/requirements.sum" 2>/dev/null || true)" = "$wanted" ]; then
        return 1
    fi
    echo "setting up the AWS conformance tools in $venv"
    rm -rf "$venv"
    # Whoever asks with `if` would go on after a failure.
    python3 -m venv "$venv" || exit 1
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" || exit 1
}

if environment "$top/aws" "$here/requirements.txt" "$here/package.json" "$here/package-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$top/aws"
    (cd "$top/aws" && npm ci --ignore-scripts --no-audit --no-fund --silent)
    printf '%s\n' "$wanted" > "$top/aws/requirements.sum"
fi
if environment "$top/aws-sam" "$here/requirements-sam.txt"; then
    printf '%s\n' "$wanted" > "$top/aws-sam/requirements.sum"
fi
