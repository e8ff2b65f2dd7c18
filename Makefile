# Everything starts from `scripts/setup`, which makes .venv from uv.lock and costs a moment once that is done.

# What `make test ARGS="-k zip"` hands to pytest.
ARGS ?=

.PHONY: help setup demo test test-hostile lint bench wheel lock clean

help:
	@echo "make demo    grade a sample submission and show the report"
	@echo "make test    ruff, mypy --strict and every test; sets up a Docker engine as root on Debian"
	@echo "             (TAKEHOME_NO_ENGINE_SETUP=1, TAKEHOME_NO_BROWSER_SETUP=1: install nothing)"
	@echo "make test-hostile    what hostile submissions try, and what came of it: a table (part of make test)"
	@echo "make lint    ruff and mypy --strict alone"
	@echo "make bench   the benchmarks"
	@echo "make wheel   the wheel, into dist/"
	@echo "make lock    resolve the dependencies anew into uv.lock"
	@echo "make clean   remove what make made"

setup:
	@scripts/setup

demo: setup
	@.venv/bin/takehome demo

# Without an engine the tests that need one are skipped, and counted: unless TAKEHOME_REQUIRE_DOCKER says that there must be one.
test: setup
	@scripts/engine || [ -z "$$TAKEHOME_REQUIRE_DOCKER" ]
	@scripts/browser || [ -z "$$TAKEHOME_REQUIRE_BROWSER" ]
	@scripts/test $(ARGS)

test-hostile: setup
	@scripts/engine
	@.venv/bin/python -m pytest tests/hostile $(ARGS)

lint: setup
	@.venv/bin/ruff check .
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
	rm -rf .venv .tools build dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
