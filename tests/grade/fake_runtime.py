"""A runtime in memory: `harness.runtime.base.Runtime`, with faults wherever a test wants them.

Nothing is run. A pod plays a `Scene`: what the prober sends, how the servers behave, what the tools find. Each method
of runtime and pod can be given a fault under its name. `FakeRuntime.pods` keeps every pod, with what was asked of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from harness.errors import EnvironmentFault, HarnessFault
from harness.events import Listener, Note
from harness.plan import Addresses, Plan, candidate_environment
from harness.record import EnvironmentRef, OwnImage, RuntimeName
from harness.runtime.base import Channel, Environment, Pod, ProcessState, Target
from tests.grade.fake_clock import FakeClock
from tests.grade.fake_prober import FakeChannel, Step

# An error that is raised, or what happens in the method (it may raise).
Fault = BaseException | Callable[[], object]
# A document of a tool, or why there is none, or how it is made.
Document = Mapping[str, Any] | BaseException | Callable[["FakePod"], Mapping[str, Any]]
_KILLED = 137
_LINE = 2000


def on_call(number: int, fault: Fault) -> Fault:
    """A fault that only strikes the `number`th call, counted from 1."""
    calls = 0

    def strike() -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            _strike(fault)

    return strike


def _strike(fault: Fault | None) -> None:
    if isinstance(fault, BaseException):
        raise fault
    if fault is not None:
        fault()


@dataclass
class Server:
    """A process of the pod. `deaf` ignores SIGTERM; `unnoticed` has died and the engine does not know it yet.

    `greeting` is what it prints when it starts for the given time.
    """

    state: ProcessState | None = None
    greeting: Callable[[int], list[str]] = lambda _number: []
    starts: int = 0
    lines: list[str] = field(default_factory=list)
    deaf: bool = False
    unnoticed: bool = False

    def begin(self) -> None:
        """It runs."""
        self.starts += 1
        self.lines.extend(self.greeting(self.starts))
        self.state = ProcessState(running=True)

    def end(self, exit_code: int, *, oom: bool = False) -> None:
        """It has ended."""
        self.state = ProcessState(running=False, exit_code=exit_code, oom=oom)


@dataclass
class Scene:
    """What happens in one pod."""

    steps: Iterable[Step]
    analysis: Document = field(default_factory=dict)
    trial: Document = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    candidate: Server = field(default_factory=Server)
    postgres: Server = field(default_factory=Server)
    prober_log: str = ""
    memory: int | None = 64 * 2**20


class FakePod(AbstractContextManager["FakePod"]):
    """See `harness.runtime.base.Pod`; it is its own context."""

    def __init__(self, plan: Plan, environment: Environment, scene: Scene, clock: FakeClock) -> None:
        self.plan, self.environment, self.scene = plan, environment, scene
        self._clock = clock
        self.addresses = Addresses(8000, 5432, {name: 9000 for name in plan.challenge.spec.stubs})
        self.channel: FakeChannel | None = None
        self.servers: dict[Target, Server] = {"candidate": scene.candidate, "postgres": scene.postgres}
        # What was asked of it, in order: the method and what tells its calls apart.
        self.calls: list[str] = []
        self.gone = threading.Event()
        self.opened = self.closed = 0
        self.tests_environment: Environment | None = None

    def __enter__(self) -> FakePod:
        self.opened += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1
        assert self.plan.snapshot.path.is_dir(), "the snapshot was removed before the pod that reads it"
        self.gone.set()
        if self.channel is not None:
            self.channel.gone = True

    def lose(self) -> None:
        """Everything in it has been removed by somebody: no method works any more."""
        self.scene.faults |= dict.fromkeys(_METHODS, EnvironmentFault("no such container"))
        if self.channel is not None:
            self.channel.gone = True

    def _enter(self, method: str, *about: object) -> None:
        self.calls.append(" ".join(map(str, (method, *about))))
        if self.gone.is_set():
            raise EnvironmentFault("the pod was removed")
        _strike(self.scene.faults.get(method))

    def describe(self) -> str:
        self._enter("describe")
        return "a pod in memory"

    def grader_folders(self) -> list[str]:
        self._enter("grader_folders")
        return ["/graders/shop"]

    def start_prober(self) -> Channel:
        self._enter("start_prober")
        self.channel = FakeChannel(self, self._clock, self.scene.steps)
        return self.channel

    def start_postgres(self) -> None:
        self._enter("start_postgres")
        assert self.channel is not None, "the prober has to be first: a stranger could take a stub's port"
        if self.plan.challenge.spec.services.postgres is not None:
            self.servers["postgres"].state = ProcessState(running=True)

    def start_candidate(self) -> None:
        self._enter("start_candidate")
        assert self.channel is not None, "the prober has to be first: a stranger could take a stub's port"
        candidate_environment(self.plan, self.addresses)
        self.servers["candidate"].begin()

    def stop(self, target: Target, grace_s: float) -> tuple[int | None, bool]:
        self._enter("stop", target, grace_s)
        return self._stop(target, grace_s)

    def _stop(self, target: Target, grace_s: float) -> tuple[int | None, bool]:
        server = self._started(target)
        if server.deaf:
            self._clock.advance(grace_s)
        server.end(_KILLED if server.deaf else 0)
        return self._state(target).exit_code, server.deaf

    def start(self, target: Target) -> None:
        self._enter("start", target)
        self._start(target)

    def _start(self, target: Target) -> None:
        server = self._started(target)
        if server.unnoticed:
            server.unnoticed = False
            server.end(_KILLED)
            raise EnvironmentFault(f"{target} could not start")
        server.begin()

    def restart(self, target: Target) -> None:
        self._enter("restart", target)
        self._stop(target, 10)
        self._start(target)

    def signal(self, target: Target, name: str) -> None:
        self._enter("signal", target, name)
        server = self._started(target)
        if name == "SIGKILL":
            server.end(_KILLED)
        elif name == "SIGTERM" and not server.deaf:
            server.end(143)

    def state(self, target: Target) -> ProcessState:
        self._enter("state", target)
        return self._state(target)

    def _state(self, target: Target) -> ProcessState:
        found = self._started(target).state
        assert found is not None
        return found

    def _started(self, target: Target) -> Server:
        server = self.servers[target]
        if server.state is None:
            raise HarnessFault(f"{target} was never started")
        return server

    def logs(self, target: Target, tail: int) -> list[str]:
        self._enter("logs", target, tail)
        return [line[:_LINE] for line in self.servers[target].lines[-tail:]] if tail > 0 else []

    def memory(self) -> int | None:
        self._enter("memory")
        return self.scene.memory

    def prober_log(self) -> str:
        self._enter("prober_log")
        return self.scene.prober_log

    def analyse(self, deadline_s: float) -> dict[str, Any]:
        self._enter("analyse", deadline_s)
        return self._made(self.scene.analysis)

    def trial(self, environment: Environment, deadline_s: float) -> dict[str, Any]:
        self._enter("trial", deadline_s)
        self.tests_environment = environment
        return self._made(self.scene.trial)

    def _made(self, document: Document) -> dict[str, Any]:
        if isinstance(document, BaseException):
            raise document
        return dict(document(self) if callable(document) else document)

    def peak_memory(self) -> int | None:
        self._enter("peak_memory")
        return self.scene.memory


class FakeRuntime:
    """See `harness.runtime.base.Runtime`. `scenes` are played in order, one for each pod.

    A pod whose plan has no checks plays `reference`: it is the start of the challenge's own solution, to be timed.
    """

    name: RuntimeName = "process"

    def __init__(self, clock: FakeClock, *scenes: Scene) -> None:
        self._clock = clock
        self.scenes = list(scenes)
        self.reference: Scene | None = None
        self.faults: dict[str, Fault] = {}
        self.pods: list[FakePod] = []
        # The plans of which an environment was made.
        self.environments: list[Plan] = []
        self.python = "3.12.4"
        self.image = OwnImage(path="Dockerfile", seconds=3.0, bytes=1000)

    def describe(self) -> EnvironmentRef:
        _strike(self.faults.get("describe"))
        return EnvironmentRef(platform="memory", isolation="total")

    def environment(self, plan: Plan, listener: Listener) -> Environment:
        self.environments.append(plan)
        listener(Note("installing the dependencies"))
        _strike(self.faults.get("environment"))
        requirements = plan.project.dependencies.requirements
        return Environment(
            key=f"key:{','.join(requirements)}",
            handle="memory",
            packages={name: "1.0" for name in requirements},
            python=self.python,
            reused=False,
        )

    def own_image(self, plan: Plan) -> OwnImage:
        _strike(self.faults.get("own_image"))
        return self.image

    def pod(self, plan: Plan, environment: Environment) -> AbstractContextManager[Pod]:
        _strike(self.faults.get("pod"))
        scene = self.reference if not plan.checks else self.scenes.pop(0) if self.scenes else None
        assert scene is not None, "a pod that the test did not expect"
        pod = FakePod(plan, environment, scene, self._clock)
        self.pods.append(pod)
        return pod

    def assert_all_closed(self) -> None:
        """Every pod that was opened has been closed, once."""
        assert [(pod.opened, pod.closed) for pod in self.pods] == [(1, 1)] * len(self.pods)


_METHODS = [name for name in vars(Pod) if not name.startswith("_")]
