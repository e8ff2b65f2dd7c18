"""What a check may know of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """`environment` is what the candidate was given; `openapi` the contract document, where there is one."""

    base_url: str
    seed: int
    environment: Mapping[str, str]
    openapi: Mapping[str, Any] | None = None
    challenge: str = ""
