"""Host: who is at work on this machine. What is timed has the machine for itself.

Grades share the machine, and whoever times something waits until no other is at work; meanwhile no other begins. By
locks of files, so that what a killed process held is free. It is a courtesy among grades, and never a reason to
fail: one that can't have its place in time goes on without, and says so.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from types import TracebackType
from typing import IO, TypeAlias

from harness.errors import EnvironmentFault
from harness.events import Listener, Note, ignore
from harness.runtime.cache import cache_folder

_POLL_S = 0.05
# Longer than a grade is at work, mostly.
_PATIENCE_S = 60.0
# Longer than anything is timed, whatever holds it up.
_COURTESY_S = 120.0
_TOLD_S = 2.0

# The machine for oneself, and whether it is.
Alone: TypeAlias = Callable[[], AbstractContextManager[bool]]


def undisputed() -> AbstractContextManager[bool]:
    """For one that times nothing that is compared."""
    return nullcontext(True)


class Place:
    """A grade's place on this machine, from entering to leaving the context."""

    def __init__(self, listener: Listener = ignore, cancelled: threading.Event | None = None) -> None:
        self._listener, self._cancelled = listener, cancelled or threading.Event()
        self._stack = ExitStack()

    def __enter__(self) -> Place:
        """Wait while somebody times something.

        Raises:
            EnvironmentFault: the cache folder can't be written to.
        """
        folder = cache_folder("host")
        try:
            # Whoever holds the gate is next; so one that wants the machine for itself is not always overtaken.
            self._gate = self._stack.enter_context((folder / "gate.lock").open("ab"))
            self._floor = self._stack.enter_context((folder / "floor.lock").open("ab"))
        except OSError as error:
            self._stack.close()
            raise EnvironmentFault(
                "the cache folder can't be written to",
                where=str(folder),
                detail=str(error),
                next_step="name another by TAKEHOME_CACHE",
            ) from error
        self._share()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """The machine for oneself; False when others did not leave it within a minute."""
        with self.away():
            why = "waiting for the other grades on this machine, to time the start of the service"
            alone = self._take(fcntl.LOCK_EX, _PATIENCE_S, why)
            if not alone:
                # At work like the others: whoever is next to time something waits for this one, too.
                self._share()
            yield alone

    @contextmanager
    def away(self) -> Iterator[None]:
        """Not at work meanwhile, waiting for somebody, say."""
        fcntl.flock(self._floor, fcntl.LOCK_UN)
        try:
            yield
        finally:
            # At once, or not at all: a service that runs already is not to wait.
            with suppress(BlockingIOError):
                fcntl.flock(self._floor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def _share(self) -> None:
        if not self._take(fcntl.LOCK_SH, _COURTESY_S, "waiting while another grade on this machine is timed"):
            self._listener(Note("not waiting any longer for the grade that is timed on this machine"))

    def _take(self, how: int, patience_s: float, why: str) -> bool:
        limit = time.monotonic() + patience_s
        try:
            return self._locked(self._gate, fcntl.LOCK_EX, limit, why) and self._locked(self._floor, how, limit, why)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _locked(self, file: IO[bytes], how: int, limit: float, why: str) -> bool:
        tell_at = time.monotonic() + _TOLD_S
        while True:
            try:
                fcntl.flock(file, how | fcntl.LOCK_NB)
            except BlockingIOError:
                now = time.monotonic()
                if now >= limit or self._cancelled.wait(_POLL_S):
                    return False
                if now >= tell_at:
                    tell_at = limit
                    self._listener(Note(why))
            else:
                return True
