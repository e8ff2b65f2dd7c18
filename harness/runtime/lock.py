"""One builder at a time on this host, across processes; a killed builder's lock is gone with it."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.errors import EnvironmentFault
from harness.runtime.cache import cache_folder

_POLL_S = 0.1


@contextmanager
def host_lock(name: str, deadline_s: float = 1200) -> Iterator[None]:
    """Hold the lock `name`.

    Raises:
        EnvironmentFault: somebody else held it for longer than `deadline_s` seconds.
    """
    path = cache_folder("locks") / f"{name}.lock"
    with path.open("a") as file:
        limit = time.monotonic() + deadline_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise EnvironmentFault(
                        "another takehome is building the same thing and does not end", where=str(path)
                    ) from None
                time.sleep(_POLL_S)
        yield
