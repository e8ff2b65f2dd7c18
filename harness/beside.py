"""Beside: work in a pod's environments that goes on while the service is probed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from harness.errors import HarnessFault, TakehomeError


class Beside:
    """Work in the pod's environments beside the probing; its document is there when somebody asks for it."""

    def __init__(self, what: str, work: Callable[[], dict[str, Any]]) -> None:
        self._what, self._work = what, work
        self._done = threading.Event()
        self.document: dict[str, Any] | None = None
        self.error: TakehomeError | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._what, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.document = self._work()
        except TakehomeError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - a thread's failure has to reach the one who waits
            self.error = HarnessFault(f"{self._what} failed", detail=repr(error))
        finally:
            self._done.set()

    def over(self, deadline_s: float) -> bool:
        """Whether it has come to an end, one way or the other, within so many seconds; also when it never began."""
        return self._thread is None or self._done.wait(deadline_s)

    def wait(self, deadline_s: float) -> dict[str, Any]:
        """The document; raises what went wrong."""
        if not self._done.wait(deadline_s):
            raise HarnessFault(f"{self._what} ran out of time", detail=f"{deadline_s:.0f} s")
        if self.error is not None:
            raise self.error
        return self.document or {}
