"""Hello: the prober's whole brief, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.authoring.redact import Redactor
from harness.authoring.settings import Settings


@dataclass(frozen=True)
class Hello:
    """`checks` None means all that the suites have; times are in seconds."""

    challenge: str
    seed: int
    graders: tuple[Path, ...]
    checks: tuple[str, ...] | None
    base_url: str
    environment: Mapping[str, str]
    postgres: Mapping[str, Any] | None
    stubs: Mapping[str, int]
    budget_s: float
    ready_s: float
    openapi: Mapping[str, Any] | None
    full: frozenset[str] | None = None
    first: str = ""

    def settings(self) -> Settings:
        """What checks may know of it."""
        return Settings(self.base_url, self.seed, self.environment, self.openapi, self.challenge, self.full)

    def redactor(self) -> Redactor:
        """Knows the secrets of this run."""
        more = [str(self.postgres["superuser_password"])] if self.postgres else []
        return Redactor(self.environment, more)


def read_hello(frame: Mapping[str, Any]) -> Hello:
    """The brief in a hello frame.

    Raises:
        ValueError: it is none.
    """
    if frame.get("kind") != "hello":
        raise ValueError(f"the host said {frame.get('kind')!r} instead of 'hello'")
    try:
        checks, postgres, openapi = frame.get("checks"), frame.get("postgres"), frame.get("openapi")
        full = frame.get("full")
        return Hello(
            challenge=str(frame["challenge"]),
            seed=int(frame["seed"]),
            graders=tuple(Path(folder) for folder in frame["graders"]),
            checks=None if checks is None else tuple(map(str, checks)),
            base_url=str(frame["base_url"]).rstrip("/"),
            environment={str(name): str(value) for name, value in (frame.get("environment") or {}).items()},
            postgres=dict(postgres) if postgres else None,
            stubs={str(name): int(port) for name, port in (frame.get("stubs") or {}).items()},
            budget_s=float(frame.get("budget_s", 240)),
            ready_s=float(frame.get("ready_s", 60)),
            openapi=dict(openapi) if openapi else None,
            full=None if full is None else frozenset(map(str, full)),
            first=str(frame.get("first") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"the host's hello does not fit: {error!r}") from error
