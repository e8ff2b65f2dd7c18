"""Run with `python -m harness.trial`: prints one JSON document about somebody's tests."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from types import FrameType

from harness.trial.database import database
from harness.trial.document import trial


def main() -> int:
    """0 when the document is printed."""
    parser = argparse.ArgumentParser(prog="harness.trial", description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="the submission; only read")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter of the tests' environment")
    parser.add_argument("--deadline", type=float, required=True, help="seconds for all of it")
    parser.add_argument("--settings", type=json.loads, required=True, help="JSON: environment, postgres")
    options = parser.parse_args()
    # Whatever is measured beside it comes first.
    os.nice(19)
    signal.signal(signal.SIGTERM, _stop)
    limit = time.monotonic() + options.deadline
    settings = options.settings
    with tempfile.TemporaryDirectory(prefix="takehome-trial-", ignore_cleanup_errors=True) as name:
        work = Path(name)
        with database(settings["postgres"], work) if settings["postgres"] else nullcontext(_nothing) as reset:
            document = trial(
                options.source.absolute(), options.python.absolute(), work, settings["environment"], reset, limit
            )
    json.dump(document, sys.stdout)
    sys.stdout.write("\n")
    return 0


def _nothing() -> None:
    """There is no database to empty."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)


if __name__ == "__main__":
    raise SystemExit(main())
