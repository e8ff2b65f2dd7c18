"""Leash: a process that ends, cleaning up, when whoever started it is gone, however that ended."""

from __future__ import annotations

import os
import signal
import sys
import threading


def hold_leash() -> None:
    """From now on, the end of standard input ends this process as Ctrl-C would."""
    threading.Thread(target=_wait, name="leash", daemon=True).start()


def _wait() -> None:
    # Not sys.stdin's own buffer: it would be locked when the interpreter ends.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
