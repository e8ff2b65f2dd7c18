"""The limits of one ingest, its deadline, and how its refusals are worded."""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.errors import EnvironmentFault, UsageError

MIB = 1024 * 1024
CHUNK = 16 * 1024
# Below this much output a high compression ratio harms nobody.
_RATIO_FLOOR = 8 * MIB


@dataclass(frozen=True)
class Limits:
    """What a submission may cost. Sizes in bytes, `seconds` for the whole ingest.

    `entries`, `total_bytes` and `file_bytes` count what is kept; `scanned` and `stream_bytes` also count
    what is stripped (an archive may carry a virtual environment). `git_bytes` is for what is fetched.
    """

    entries: int = 5_000
    total_bytes: int = 50 * MIB
    file_bytes: int = 10 * MIB
    depth: int = 32
    scanned: int = 50_000
    archive_bytes: int = 100 * MIB
    stream_bytes: int = 512 * MIB
    ratio: int = 100
    git_bytes: int = 256 * MIB
    seconds: float = 120.0


def shown(name: str) -> str:
    """A name from a stranger as one short printable line."""
    return ascii(name) if len(name) <= 120 else ascii(name[:117]) + "..."


def size(count: int) -> str:
    """Bytes for a reader."""
    return f"{count / MIB:.0f} MiB" if count >= MIB else f"{count:,} bytes"


class Intake:
    """One ingest under way: where it comes from, what it may cost, until when."""

    def __init__(self, origin: str, limits: Limits) -> None:
        self.origin = origin
        self.limits = limits
        self._until = time.monotonic() + limits.seconds

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._until - time.monotonic())

    def check_time(self) -> None:
        """Raises EnvironmentFault when the time is up."""
        if not self.remaining():
            raise EnvironmentFault(
                f"reading the submission took longer than {self.limits.seconds:.0f} s",
                where=self.origin,
                next_step="try again on a quieter machine, or hand in a smaller submission",
            )

    def refused(self, what: str, *, entry: str = "", next_step: str, detail: str = "") -> UsageError:
        """The error that names the entry and says what to do."""
        where = f"{self.origin}: {shown(entry)}" if entry else self.origin
        return UsageError(what, where=where, next_step=next_step, detail=detail)

    def check_ratio(self, unpacked: int, packed: int) -> None:
        """Raises UsageError when so few bytes became so many that the archive must be a bomb."""
        if unpacked > _RATIO_FLOOR and unpacked > self.limits.ratio * max(packed, 1):
            raise self.refused(
                f"the archive unpacks to more than {self.limits.ratio} times its size",
                next_step="hand in source code only, without generated data",
            )
