"""The Docker pod: pause, prober, PostgreSQL and candidate in one network namespace that leads nowhere."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests
from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Ulimit

from harness.errors import EnvironmentFault, HarnessFault
from harness.plan import Addresses, Plan
from harness.runtime.base import OPEN_FILES, Environment, ProcessState, Target
from harness.runtime.channel import StreamChannel
from harness.runtime.docker.build import folder_archive
from harness.runtime.docker.containers import decoded, remove_container, remove_surely, stdout_chunks
from harness.runtime.docker.engine import engine_faults, labels
from harness.runtime.docker.layout import GRADERS, SOURCE, VOLUMES, Layout, Recipe
from harness.runtime.docker.tools_image import tools_volume
from harness.runtime.inner import database_settings, printed_document

_LINE = 2000


@dataclass
class DockerPod:
    """See `harness.runtime.base.Pod`. `close` removes all that carries the pod's label, and never raises."""

    client: DockerClient
    layout: Layout
    isolation_runtime: str | None = None
    id: str = field(init=False)
    plan: Plan = field(init=False)
    addresses: Addresses = field(init=False)
    _containers: dict[str, Container] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False
    _analyses: int = 0
    _channel: StreamChannel | None = None
    _socket: Any = None

    def __post_init__(self) -> None:
        self.id = self.layout.id
        self.plan = self.layout.plan
        self.addresses = self.layout.addresses

    def open(self) -> None:
        """Start the pause container, whose namespace the others join, and load the volumes."""
        with engine_faults("starting the pod"):
            for name in VOLUMES:
                self.client.volumes.create(self.layout.name(name), labels=labels(self.id, "volume"))
            pause = self._create(self.layout.pause())
            pause.put_archive(SOURCE, folder_archive(self.plan.snapshot.path))
            for folder in self.plan.challenge.grader_folders():
                pause.put_archive(GRADERS, folder_archive(folder, prefix=f"{folder.name}/"))
            pause.start()

    def _create(self, recipe: Recipe) -> Container:
        settings = dict(recipe.settings)
        if recipe.kind != "pause":
            settings.setdefault("network_mode", f"container:{self._containers['pause'].id}")
        with self._lock:
            if self._closed:
                raise EnvironmentFault("the pod is being removed")
            container = self.client.containers.create(
                recipe.image,
                recipe.command,
                name=self.layout.name(recipe.kind),
                labels=labels(self.id, recipe.kind),
                read_only=True,
                init=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                mem_limit=recipe.memory,
                memswap_limit=recipe.memory,
                pids_limit=recipe.pids,
                log_config=LogConfig(type="json-file", config={"max-size": "2m", "max-file": "2"}),
                ulimits=[Ulimit(name="nofile", soft=OPEN_FILES, hard=OPEN_FILES), Ulimit(name="core", soft=0, hard=0)],
                runtime=self.isolation_runtime,
                **settings,
            )
            self._containers[recipe.kind] = container
        return container

    def describe(self) -> str:
        name = self.layout.name("candidate")
        return f"docker exec -it {name} sh; docker logs {name}"

    def grader_folders(self) -> list[str]:
        return [f"{GRADERS}/{p.name}" for p in self.plan.challenge.grader_folders()]

    def start_prober(self) -> StreamChannel:
        with engine_faults("starting the prober"):
            prober = self._create(self.layout.prober())
            self._socket = prober.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 0, "stream": 1})
            raw: socket.socket = getattr(self._socket, "_sock", self._socket)
            # The client's own time-out is meant for calls; a prober may be silent for as long as a check takes.
            raw.settimeout(None)
            prober.start()
        self._channel = StreamChannel(raw.sendall, stdout_chunks(self._socket))
        return self._channel

    def start_postgres(self) -> None:
        service = self.plan.challenge.spec.services.postgres
        if service is None:
            return
        settings = database_settings(self.plan)
        with engine_faults("starting PostgreSQL"):
            container = self._create(self.layout.postgres(service.max_connections))
            stdin: Any = container.attach_socket(params={"stdin": 1, "stream": 1})
            try:
                container.start()
                getattr(stdin, "_sock", stdin).sendall(json.dumps(settings).encode() + b"\n")
                self._control("start")
            finally:
                stdin.close()

    def _control(self, what: str) -> None:
        with engine_faults(f"PostgreSQL: {what}"):
            result = self._containers["postgres"].exec_run(self.layout.postgres_control(what))
        if result.exit_code:
            raise EnvironmentFault(
                f"PostgreSQL could not {what}",
                detail="\n".join([decoded(result.output), *self.logs("postgres", 10)])[-1500:],
            )

    def start_candidate(self) -> None:
        with engine_faults("starting the candidate's app"):
            (self._containers.get("candidate") or self._create(self.layout.candidate())).start()

    def _container(self, target: Target) -> Container:
        if target not in self._containers:
            raise HarnessFault(f"{target} was never started")
        return self._containers[target]

    def stop(self, target: Target, grace_s: float) -> tuple[int | None, bool]:
        if target == "postgres":
            self._control("stop")
            return 0, False
        container = self._container(target)
        killed = False
        with engine_faults(f"stopping the {target}"):
            with suppress(APIError):  # it may have ended by itself
                container.kill("SIGTERM")
            state = self._await_exit(container, grace_s)
            if state is None:
                killed = True
                with suppress(APIError):
                    container.kill("SIGKILL")
                state = self._await_exit(container, 20)
        return state, killed

    def _await_exit(self, container: Container, deadline_s: float) -> int | None:
        limit = time.monotonic() + deadline_s
        while True:
            container.reload()
            if not container.attrs["State"]["Running"]:
                return int(container.attrs["State"]["ExitCode"])
            if time.monotonic() > limit:
                return None
            time.sleep(0.05)

    def start(self, target: Target) -> None:
        if target == "postgres":
            self._control("start")
        else:
            self.start_candidate()

    def restart(self, target: Target) -> None:
        if target == "postgres":
            self._control("restart")
        else:
            self.stop(target, 10)
            self.start_candidate()

    def signal(self, target: Target, name: str) -> None:
        with engine_faults(f"sending {name}"), suppress(APIError):
            self._container(target).kill(name)

    def state(self, target: Target) -> ProcessState:
        container = self._container(target)
        with engine_faults(f"looking at the {target}"):
            try:
                container.reload()
            except NotFound as error:
                raise _removed(target) from error
        state = container.attrs["State"]
        if state.get("Status") in ("removing", "dead"):
            raise _removed(target)
        if state["Running"]:
            return ProcessState(running=True)
        return ProcessState(running=False, exit_code=int(state["ExitCode"]), oom=bool(state["OOMKilled"]))

    def logs(self, target: Target, tail: int) -> list[str]:
        if target not in self._containers or tail <= 0:
            return []
        with engine_faults("reading a log"):
            raw = self._containers[target].logs(tail=tail)
        return [line[:_LINE] for line in raw.decode("utf-8", "replace").splitlines()][-tail:]

    def prober_log(self) -> str:
        if "prober" not in self._containers:
            return ""
        with engine_faults("reading the prober's log"):
            return str(self._containers["prober"].logs(stdout=False, tail=60).decode("utf-8", "replace"))

    def analyse(self, deadline_s: float) -> dict[str, Any]:
        self._analyses += 1
        recipe = self.layout.analysis(self._analyses, deadline_s, tools_volume(self.client, self.layout.tools))
        return self._printed("the analysis", recipe, deadline_s + 20)

    def trial(self, environment: Environment, deadline_s: float) -> dict[str, Any]:
        recipe = self.layout.trial(environment, deadline_s, tools_volume(self.client, self.layout.tools))
        return self._printed("the run of the candidate's own tests", recipe, deadline_s + 30)

    def _printed(self, what: str, recipe: Recipe, deadline_s: float) -> dict[str, Any]:
        """The document that a container prints before it ends."""
        with engine_faults(f"starting {what}"):
            container = self._create(recipe)
            container.start()
            try:
                container.wait(timeout=deadline_s)
            except requests.exceptions.RequestException as error:
                raise HarnessFault(f"{what} ran out of time", detail=f"{deadline_s:.0f} s") from error
            output, errors = container.logs(stderr=False), container.logs(stdout=False, tail=40)
        return printed_document(output, errors, what)

    def memory(self) -> int | None:
        """The candidate's anonymous memory in bytes: `rss` of cgroup v1, `anon` of v2."""
        with suppress(APIError, requests.RequestException, KeyError):
            stats: Any = self._containers["candidate"].stats(stream=False, one_shot=True)
            detail = stats["memory_stats"]["stats"]
            return int(detail["rss"] if "rss" in detail else detail["anon"])
        return None

    def peak_memory(self) -> int | None:
        """The candidate's peak memory in bytes (cgroup v1's high-water mark; None where the engine has none)."""
        with suppress(APIError, requests.RequestException, KeyError):
            stats: Any = self._containers["candidate"].stats(stream=False)
            value = stats["memory_stats"].get("max_usage")
            return int(value) if value else None
        return None

    def close(self) -> None:
        """Remove the containers, the stranger first and the namespace's owner last, then the volumes."""
        # Under the lock, as a thread may be making one more container: after this there is none that we don't know.
        with self._lock:
            self._closed = True
        if self._channel is not None:
            self._channel.close()
        with suppress(OSError, AttributeError):
            self._socket.close()
        last = ["prober", "postgres", "pause"]
        first = [kind for kind in self._containers if kind not in last]
        for kind in [*first, *(kind for kind in last if kind in self._containers)]:
            remove_container(self._containers[kind])
        for name in VOLUMES:
            remove_surely(partial(self._remove_volume, self.layout.name(name)))

    def _remove_volume(self, name: str) -> None:
        self.client.volumes.get(name).remove(force=True)


def _removed(target: Target) -> EnvironmentFault:
    """None of ours is ever removed while its pod is open, however it ends."""
    return EnvironmentFault(f"the {target}'s container was removed by somebody else", next_step="run again")
