# Everything starts from `scripts/setup`, which makes .venv from uv.lock and costs a moment once that is done.

# What `make check ARGS="-k zip"` and `make test ARGS=...` hand to pytest, and `make test-all ARGS="pages fuzz"` names.
ARGS ?=

.PHONY: help setup demo check test test-all test-changed test-hostile prove lint bench wheel lock clean

help:
	@echo "make demo    grade a sample submission and show the report"
	@echo "make check   ruff, mypy --strict and the unit tests: what to run after every change"
	@echo "make test    make check, and every real part once; sets up a Docker engine as root on Debian"
	@echo "             (TAKEHOME_NO_ENGINE_SETUP=1, TAKEHOME_NO_BROWSER_SETUP=1: install nothing)"
	@echo "make test-all        all other tests, area by area; ARGS=\"pages fuzz\" takes some (tests/areas.toml)"
	@echo "make test-changed    those of the areas whose inputs have changed since make test-all passed"
	@echo "make test-hostile    what hostile submissions try, and what came of it: a table"
	@echo "make prove   prove that each challenge tells good from broken solutions, and keep the proofs"
	@echo "make lint    ruff and mypy --strict alone"
	@echo "make bench   the benchmarks"
	@echo "make wheel   the wheel, into dist/"
	@echo "make lock    resolve the dependencies anew into uv.lock"
	@echo "make clean   remove what make made"

setup:
	@scripts/setup

demo: setup
	@.venv/bin/takehome demo

check: setup
	@scripts/check $(ARGS)

# Without an engine the tests that need one are skipped, and counted: unless TAKEHOME_REQUIRE_DOCKER says that there must be one.
test: setup
	@scripts/test $(ARGS)

test-all: setup
	@scripts/prepare
	@.venv/bin/python -m tests.areas run $(ARGS)

test-changed: setup
	@scripts/prepare
	@.venv/bin/python -m tests.areas changed $(ARGS)

test-hostile: setup
	@scripts/prepare
	@scripts/pytest tests/hostile $(ARGS)

# What is proven already is not proven again: `make prove ARGS=--help` names the options.
prove: setup
	@.venv/bin/takehome challenge verify --all --missing --write --quick --jobs 2 $(ARGS)
	@.venv/bin/takehome challenge proofs --all --markdown >docs/kill-matrix.md

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy

bench: setup
	@.venv/bin/python -m benchmarks $(ARGS)

wheel: setup
	@.tools/bin/uv build --wheel --out-dir dist

# The index settings of this machine must not end up in the lock file.
lock: setup
	@env -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
		.tools/bin/uv lock --upgrade

clean:
	rm -rf .venv .tools build dist mutants .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
