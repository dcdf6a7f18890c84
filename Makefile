# make test         everything the continuous integration does
# make conformance  the clouds' own tools judge what fnc writes
# make bench        speed and growth
.DEFAULT_GOAL := help
.PHONY: help test lint unit tools conformance bench

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 20

test: lint unit conformance ## everything: format, lints, tests, conformance

lint: ## format and lints
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

unit: ## unit, property, snapshot and end-to-end tests
	INSTA_UPDATE=no cargo test

tools: ## install the clouds' tools, pinned, into .conformance/
	targets/aws/conformance/setup.sh
	targets/azure/conformance/setup.sh
	targets/knative/conformance/setup.sh

conformance: tools ## build every example and let the clouds' tools judge it
	cargo build
	targets/conformance.sh

bench: ## speed and growth, as ratios
	benches/peers/setup.sh
	cargo bench
