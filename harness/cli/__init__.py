"""The command line. It listens to the engine's events and prints; it decides nothing about grades."""

from __future__ import annotations

import os
import signal
from types import FrameType

__all__ = ["main"]


def main() -> None:
    """Run the command line, and exit; see `harness.cli.app`."""
    signal.signal(signal.SIGINT, _early)
    # Imported here: that takes a second, in which somebody may think better of it.
    from harness.cli.app import main as run  # noqa: PLC0415

    run()


def _early(_signal: int, _frame: FrameType | None) -> None:
    # Not by an exception: in the middle of an import somebody else might catch it, or print it.
    os.write(2, b"stopped; nothing had been started\n")
    os._exit(130)
