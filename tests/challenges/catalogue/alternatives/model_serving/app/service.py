"""What the process has one of."""

from __future__ import annotations

import threading

from app.batching import Batcher
from app.jobs import JobBoard
from app.models import ModelStore


class Service:
    def __init__(self) -> None:
        self.store = ModelStore()
        self.batcher = Batcher(self.store)
        self.jobs = JobBoard(self.store)
        self._started = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Load and work in the background. Once in the life of the process, however often it is called."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self.store.start(when_ready=self._work)

    def _work(self) -> None:
        self.batcher.start()
        self.jobs.start()


service = Service()
