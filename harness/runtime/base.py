"""What a runtime promises; the conformance suite (tests/runtime) holds every runtime to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from harness.events import Listener
from harness.plan import Addresses, Plan
from harness.record import EnvironmentRef, OwnImage, RuntimeName

Target = Literal["candidate", "postgres"]
# Of each process in a pod.
OPEN_FILES = 20_000


@dataclass(frozen=True)
class Environment:
    """The candidate's dependencies, installed once and shared by all who need the same.

    `handle` is the runtime's own name for it (an image id, a folder); `reused` tells whether it was there already.
    """

    key: str
    handle: str
    packages: Mapping[str, str]
    python: str
    reused: bool


@dataclass(frozen=True)
class ProcessState:
    """`exit_code` is None while running; `oom` tells that the memory limit ended it."""

    running: bool
    exit_code: int | None = None
    oom: bool = False


class Channel(Protocol):
    """Framed JSON lines to and from the prober."""

    def send(self, frame: Mapping[str, Any]) -> None:
        """Write one frame.

        Raises:
            EnvironmentFault: the prober is gone.
        """

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """The next frame, or None when the prober has closed its side.

        Raises:
            TimeoutError: nothing arrived within `timeout_s` seconds.
            HarnessFault: what arrived is no frame, or is longer than 4 MiB.
        """


class Pod(Protocol):
    """One submission's containers (or processes). Everything raises EnvironmentFault when the engine fails."""

    addresses: Addresses

    def describe(self) -> str:
        """One line that tells a person where to look into the pod."""

    def grader_folders(self) -> list[str]:
        """Where the prober finds the suites."""

    def start_prober(self) -> Channel:
        """Start the prober; it is first, so that no stranger can take a stub's port."""

    def start_postgres(self) -> None:
        """Start PostgreSQL and return when it answers."""

    def start_candidate(self) -> None:
        """Start (or start again) the candidate's app; returns at once."""

    def stop(self, target: Target, grace_s: float) -> tuple[int | None, bool]:
        """SIGTERM, wait up to `grace_s` seconds, then SIGKILL. Returns the exit code and whether it was killed."""

    def start(self, target: Target) -> None:
        """Start what was stopped."""

    def restart(self, target: Target) -> None:
        """Stop with a grace of 10 s and start; PostgreSQL answers again on return."""

    def signal(self, target: Target, name: str) -> None:
        """Send a signal (`SIGTERM`, …) to the main process of the target."""

    def state(self, target: Target) -> ProcessState:
        """Whether it runs."""

    def logs(self, target: Target, tail: int) -> list[str]:
        """The last `tail` lines that it printed, each cut at 2,000 characters."""

    def memory(self) -> int | None:
        """What the candidate's processes hold in memory now, in bytes, without the page cache."""

    def prober_log(self) -> str:
        """What the prober printed to stderr (for our own faults)."""

    def analyse(self, deadline_s: float) -> dict[str, Any]:
        """Run mypy and ruff over the submission in its environment and return the analysis document."""

    def trial(self, environment: Environment, deadline_s: float) -> dict[str, Any]:
        """Run the candidate's own tests, apart from the pod's services, and return the document about them."""

    def peak_memory(self) -> int | None:
        """The candidate's peak memory in bytes, where the runtime can tell."""


class Runtime(Protocol):
    name: RuntimeName

    def describe(self) -> EnvironmentRef:
        """What this runtime runs on, for the record."""

    def environment(self, plan: Plan, listener: Listener) -> Environment:
        """Build or reuse the environment.

        Raises:
            SubmissionError: the dependencies can't be had (no such release, no wheel, conflict).
            EnvironmentFault: the engine, the disk or the registry failed.
        """

    def own_image(self, plan: Plan) -> OwnImage:
        """Build the submission's Dockerfile; what there is to say when it has none, or when nothing can be built.

        Raises:
            EnvironmentFault: the engine failed.
        """

    def pod(self, plan: Plan, environment: Environment) -> AbstractContextManager[Pod]:
        """A pod that is removed on every way out of the context."""
