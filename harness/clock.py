"""Clock: what a grade spent its time on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.events import Listener, Stage, StageEnded, StageStarted


@dataclass
class Clock:
    """Seconds by stage, told to the listener as they pass."""

    listener: Listener
    timings: dict[str, float] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    origin: float = field(default_factory=time.monotonic)

    def note(self, began: Mapping[str, float]) -> None:
        """Moments of `time.monotonic`, kept as seconds since the start."""
        self.began |= {name: round(max(0.0, moment - self.origin), 3) for name, moment in began.items()}

    @contextmanager
    def stage(self, stage: Stage, text: str) -> Iterator[None]:
        self.listener(StageStarted(stage, text))
        start = time.monotonic()
        self.note({stage: start})
        try:
            yield
        finally:
            seconds = round(time.monotonic() - start, 3)
            self.timings[stage] = seconds
            self.listener(StageEnded(stage, text, seconds))
