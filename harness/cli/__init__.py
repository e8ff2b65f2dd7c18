"""The command line. It listens to the engine's events and prints; it decides nothing about grades."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["importing", "main", "stopping"]


def main() -> None:
    """Run the command line, and exit; see `harness.cli.app`."""
    signal.signal(signal.SIGINT, _early)
    # Imported here: that takes a moment, in which somebody may think better of it.
    from harness.cli.app import main as run  # noqa: PLC0415

    run()


@contextmanager
def importing() -> Iterator[None]:
    """While modules are imported, being stopped is one line and exit code 130: nothing has been started yet."""
    before = {number: signal.signal(number, _early) for number in stopping()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stopping() -> list[signal.Signals]:
    """The signals that stop a run: Ctrl-C's, that of `kill`, and that of a terminal that is closed.

    Not the last where it is ignored: under nohup a run goes on.
    """
    hung_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *hung_up]


def _early(_signal: int, _frame: FrameType | None) -> None:
    # Not by an exception: in the middle of an import somebody else might catch it, or print it.
    os.write(2, b"stopped; nothing had been started\n")
    os._exit(130)
