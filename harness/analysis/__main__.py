"""Run with `python -m harness.analysis`: prints one JSON document, or with --warm fills a mypy cache."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from harness.analysis.document import analyse
from harness.analysis.warm import warm


def main() -> int:
    """0 when the document is printed or the cache is warm, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="harness.analysis", description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="the submission; only read")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter of its environment")
    parser.add_argument("--cache", type=Path, help="a mypy cache that may be written to")
    parser.add_argument("--vendored", action="append", default=[], help="a package at the top that is not judged")
    parser.add_argument("--warm", action="store_true", help="fill --cache instead of printing a document")
    options = parser.parse_args()
    # Absolute, and not resolved: what a virtual environment's python points to is not its environment.
    python = options.python.absolute()
    with tempfile.TemporaryDirectory(prefix="takehome-cache-") as scratch:
        cache = (options.cache or Path(scratch)).absolute()
        if options.warm:
            problem = warm(python, cache)
            sys.stderr.write(f"{problem}\n" if problem else "")
            return 1 if problem else 0
        document = analyse(options.source.absolute(), python, cache, frozenset(options.vendored))
    json.dump(document, sys.stdout)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
