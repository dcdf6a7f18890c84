#!/usr/bin/env bash
# Builds every example and test program for every target and hands the folders to the clouds' own tools.
# Fails when a tool is missing; says in its last lines which check could not be run, if any.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.conformance/build
report=.conformance/not-run.txt
rm -rf "$out" && mkdir -p "$out"
: > "$report"
export FNC_NOT_RUN="$PWD/$report"

folders() { for it in "$out"/*/"$1"; do printf '%s\n' "$it"; done; }

python3 targets/corpus.py target/debug/fnc "$out"

# Every word that a target knows, in one program.
target/debug/fnc build snapshots/aws/words --target aws --out "$out/words/aws" --quiet
# What programs say in AWS's own words.
target/debug/fnc build snapshots/aws/hatches --target aws --out "$out/hatches/aws" --quiet
target/debug/fnc build targets/knative/conformance/words --stage prod --target knative --out "$out/words/knative" --quiet

mapfile -t aws < <(folders aws)
mapfile -t azure < <(folders azure)
mapfile -t knative < <(folders knative)

judge_aws() {
  .conformance/aws/bin/python targets/aws/conformance/check.py "${aws[@]}"
  .conformance/aws/bin/python targets/aws/conformance/properties.py
  .conformance/aws/bin/python targets/aws/conformance/stack.py "${aws[@]}"
  .conformance/aws/bin/python targets/aws/conformance/verbs.py
  .conformance/aws/bin/python targets/aws/conformance/runtime.py
  .conformance/aws/bin/python targets/aws/conformance/samples.py
  .conformance/aws/bin/python targets/aws/conformance/local.py
  .conformance/aws/bin/python targets/aws/conformance/sdk.py
  .conformance/aws/bin/python targets/aws/conformance/layers.py
  .conformance/aws/bin/python targets/aws/conformance/functions.py "${aws[@]}"
  mapfile -t derived < <(printf '%s\n' "${aws[@]}" | grep -v /hatches/)
  .conformance/aws/bin/python targets/aws/conformance/rights.py "${derived[@]}"
  .conformance/aws/bin/python targets/aws/conformance/compare.py --planted "$out/shop/aws"
  .conformance/aws/bin/python targets/aws/conformance/byhand.py "$out/shop/aws"
  .conformance/aws-sam/bin/python targets/aws/conformance/build.py "$out/shop/aws" "$out/relay/aws" "$out/words/aws:NativeFunction"
}

judge_azure() {
  .conformance/azure/bin/python targets/azure/conformance/doctor.py "${azure[@]}"
  .conformance/azure/bin/python targets/azure/conformance/check.py "${azure[@]}"
}

judge_manifests() {
  .conformance/knative/bin/python targets/knative/conformance/check.py "${knative[@]}"
  .conformance/knative/bin/python targets/knative/conformance/check.py --planted
}

judge_images() {
  .conformance/knative/bin/python targets/knative/conformance/drive.py
  .conformance/knative/bin/python targets/knative/conformance/drive.py --planted
  .conformance/knative/bin/python targets/knative/conformance/load.py
  .conformance/knative/bin/python targets/knative/conformance/load.py --planted
  .conformance/knative/bin/python targets/knative/conformance/gates.py target/debug/fnc
  .conformance/knative/bin/python targets/knative/conformance/gates.py target/debug/fnc --planted
  .conformance/knative/bin/python targets/knative/conformance/cluster.py target/debug/fnc examples/relay targets/knative/conformance/scenario --planted
}

# Two halves that take about as long as each other run side by side; what the second says comes last, in one piece.
trap 'kill 0' INT TERM
(
  judge_aws
  judge_manifests
) > "$out/second.log" 2>&1 &
second=$!
(
  judge_azure
  judge_images
) &
first=$!
failed=0
wait "$first" || failed=$?
wait "$second" || failed=$?
cat "$out/second.log"
[ "$failed" -eq 0 ] || exit "$failed"

if [ -s "$report" ]; then
  printf '\nNOT RUN:\n'
  sed 's/^/  /' "$report"
fi
