"""Leash: a process that ends, cleaning up, when whoever started it is gone, however that ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

# Longer than any clean-up; what is left then is swept by the next run.
_ENDING_S = 150.0


def hold_leash() -> None:
    """From now on, the end of standard input ends this process as Ctrl-C would."""
    threading.Thread(target=_wait, name="leash", daemon=True).start()


def _wait() -> None:
    # Not sys.stdin's own buffer: it would be locked when the interpreter ends.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # An interrupt that comes up in the clean-up of some object is swallowed there; nobody would ask a second time.
    time.sleep(_ENDING_S)
    os._exit(130)
