"""What a check may know of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """`environment` is what the candidate was given; `openapi` the contract document, where there is one.

    `full` names the checks that measure as far as they can; None means all. The others may stop earlier, and pass:
    another check is under proof, in a hurry.
    """

    base_url: str
    seed: int
    environment: Mapping[str, str]
    openapi: Mapping[str, Any] | None = None
    challenge: str = ""
    full: frozenset[str] | None = None

    def in_full(self, check_id: str) -> bool:
        """Whether a check that climbs has to climb to its top; True in every grade."""
        return self.full is None or check_id in self.full
