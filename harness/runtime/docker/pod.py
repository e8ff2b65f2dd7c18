"""The Docker pod: pause, prober, PostgreSQL and candidate in one network namespace that leads nowhere."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount, Ulimit

from harness.errors import EnvironmentFault, HarnessFault
from harness.plan import Addresses, Plan, candidate_environment, uvicorn_arguments
from harness.runtime.base import OPEN_FILES, Environment, ProcessState, Target
from harness.runtime.channel import StreamChannel
from harness.runtime.docker import environment as environment_image
from harness.runtime.docker.build import folder_archive
from harness.runtime.docker.containers import decoded, remove_container, stdout_chunks, tmpfs
from harness.runtime.docker.engine import engine_faults, labels
from harness.runtime.docker.tools_image import POSTGRES_UID, PYTHON, ROOT, TEMPLATE, tools_volume
from harness.runtime.inner import database_settings, printed_document, trial_settings

SOURCE, GRADERS = "/srv/app", "/srv/graders"
PROBER_UID, ANALYSIS_UID = 10003, 10004
_DATA = "/var/lib/takehome-postgres/data"
_LINE = 2000
_STUB_PORT = 9101


@dataclass
class DockerPod:
    """See `harness.runtime.base.Pod`. `close` removes all that carries the pod's label, and never raises."""

    client: DockerClient
    plan: Plan
    environment: Environment
    base: str
    tools: str
    id: str
    isolation_runtime: str | None = None
    addresses: Addresses = field(init=False)
    _containers: dict[str, Container] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False
    _analyses: int = 0
    _channel: StreamChannel | None = None
    _socket: Any = None

    def __post_init__(self) -> None:
        stubs = {name: _STUB_PORT + n for n, name in enumerate(self.plan.challenge.spec.stubs)}
        self.addresses = Addresses(candidate=8000, postgres=5432, stubs=stubs)

    def open(self) -> None:
        """Start the pause container, whose namespace the others join, and load the volumes."""
        volumes = {"source": SOURCE, "graders": GRADERS}
        with engine_faults("starting the pod"):
            for name in volumes:
                self.client.volumes.create(self._name(name), labels=labels(self.id, "volume"))
            pause = self._create(
                "pause",
                self.base,
                ["sleep", "86400"],
                network_mode="none",
                user="65534:65534",
                memory="32m",
                pids=8,
                mounts=[Mount(path, self._name(name), type="volume") for name, path in volumes.items()],
            )
            pause.put_archive(SOURCE, folder_archive(self.plan.snapshot.path))
            for folder in self.plan.challenge.grader_folders():
                pause.put_archive(GRADERS, folder_archive(folder, prefix=f"{folder.name}/"))
            pause.start()

    def _name(self, what: str) -> str:
        return f"takehome-{self.id}-{what}"

    def _create(self, kind: str, image: str, command: list[str], *, memory: str, pids: int, **more: Any) -> Container:  # noqa: ANN401
        if kind != "pause":
            more.setdefault("network_mode", f"container:{self._containers['pause'].id}")
        with self._lock:
            if self._closed:
                raise EnvironmentFault("the pod is being removed")
            container = self.client.containers.create(
                image,
                command,
                name=self._name(kind),
                labels=labels(self.id, kind),
                read_only=True,
                init=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                mem_limit=memory,
                memswap_limit=memory,
                pids_limit=pids,
                log_config=LogConfig(type="json-file", config={"max-size": "2m", "max-file": "2"}),
                ulimits=[Ulimit(name="nofile", soft=OPEN_FILES, hard=OPEN_FILES), Ulimit(name="core", soft=0, hard=0)],
                runtime=self.isolation_runtime,
                **more,
            )
            self._containers[kind] = container
        return container

    def describe(self) -> str:
        return f"docker exec -it {self._name('candidate')} sh; docker logs {self._name('candidate')}"

    def grader_folders(self) -> list[str]:
        return [f"{GRADERS}/{p.name}" for p in self.plan.challenge.grader_folders()]

    def start_prober(self) -> StreamChannel:
        with engine_faults("starting the prober"):
            prober = self._create(
                "prober",
                self.tools,
                [PYTHON, "-I", "-m", "harness.prober"],
                memory="1g",
                pids=512,
                user=f"{PROBER_UID}:{PROBER_UID}",
                stdin_open=True,
                working_dir="/tmp",
                tmpfs=tmpfs(PROBER_UID, 128),
                mounts=[Mount(GRADERS, self._name("graders"), type="volume", read_only=True)],
                environment={"HOME": "/tmp", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            )
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
            container = self._create(
                "postgres",
                self.tools,
                [
                    PYTHON,
                    "-I",
                    "-m",
                    "harness.postgres",
                    "serve",
                    "--template",
                    TEMPLATE,
                    "--data",
                    _DATA,
                    "--port",
                    str(self.addresses.postgres),
                    "--max-connections",
                    str(service.max_connections),
                ],
                memory="768m",
                pids=service.max_connections + 64,
                user=f"{POSTGRES_UID}:{POSTGRES_UID}",
                stdin_open=True,
                environment={"LC_ALL": "C.UTF-8"},
                tmpfs={
                    "/var/lib/takehome-postgres": f"size=512m,mode=700,uid={POSTGRES_UID},gid={POSTGRES_UID}",
                    **tmpfs(POSTGRES_UID, 16),
                },
                shm_size="64m",
            )
            stdin: Any = container.attach_socket(params={"stdin": 1, "stream": 1})
            try:
                container.start()
                getattr(stdin, "_sock", stdin).sendall(json.dumps(settings).encode() + b"\n")
                self._control("start")
            finally:
                stdin.close()

    def _control(self, what: str) -> None:
        with engine_faults(f"PostgreSQL: {what}"):
            result = self._containers["postgres"].exec_run(
                [
                    "timeout",
                    "90",
                    PYTHON,
                    "-I",
                    "-m",
                    "harness.postgres",
                    "control",
                    what,
                    "--data",
                    _DATA,
                    "--port",
                    str(self.addresses.postgres),
                ],
            )
        if result.exit_code:
            raise EnvironmentFault(
                f"PostgreSQL could not {what}",
                detail="\n".join([decoded(result.output), *self.logs("postgres", 10)])[-1500:],
            )

    def start_candidate(self) -> None:
        if "candidate" in self._containers:
            with engine_faults("starting the candidate's app"):
                self._containers["candidate"].start()
            return
        limits = self.plan.challenge.spec.limits
        arguments = uvicorn_arguments(self.plan.project, self.addresses.candidate)
        with engine_faults("starting the candidate's app"):
            self._create(
                "candidate",
                self.environment.handle,
                [environment_image.PYTHON, *arguments],
                memory=f"{limits.memory_mb}m",
                pids=limits.pids,
                nano_cpus=int(limits.cpus * 1e9),
                user=f"{environment_image.CANDIDATE_UID}:{environment_image.CANDIDATE_UID}",
                working_dir=SOURCE,
                tmpfs=tmpfs(environment_image.CANDIDATE_UID, limits.tmp_mb),
                mounts=[Mount(SOURCE, self._name("source"), type="volume", read_only=True)],
                environment={
                    "HOME": "/tmp",
                    "PATH": f"{environment_image.VENV}/bin:/usr/local/bin:/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8",
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    **candidate_environment(self.plan, self.addresses),
                },
                oom_score_adj=500,
            ).start()

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
        command = (
            f"cp -r {environment_image.CACHE} /tmp/cache && exec timeout {deadline_s:.0f} {PYTHON} -I "
            f"-m harness.analysis --source {SOURCE} --python {environment_image.PYTHON} --cache /tmp/cache"
            + "".join(f" --vendored={name}" for name in self.plan.challenge.spec.vendored)
        )
        return self._beside(
            "the analysis",
            f"analysis-{self._analyses}",
            self.environment,
            ["sh", "-c", command],
            deadline_s + 20,
            uid=ANALYSIS_UID,
            memory="2g",
            pids=256,
        )

    def trial(self, environment: Environment, deadline_s: float) -> dict[str, Any]:
        service = self.plan.challenge.spec.services.postgres
        server = ["--template", TEMPLATE, "--max-connections", str(service.max_connections)] if service else None
        settings = trial_settings(self.plan, self.addresses, server)
        return self._beside(
            "the run of the candidate's own tests",
            "trial",
            environment,
            [
                *("timeout", "--kill-after=5", f"{deadline_s + 15:.0f}", PYTHON, "-I", "-m", "harness.trial"),
                *("--source", SOURCE, "--python", environment_image.PYTHON, "--deadline", str(deadline_s)),
                *("--settings", json.dumps(settings)),
            ],
            deadline_s + 30,
            # The user who may read the server's template; this is a container of its own.
            uid=POSTGRES_UID,
            memory="1g",
            pids=512,
            # They run on what the probing leaves over: an eighth of a share.
            cpu_shares=128,
            shm_size="64m",
        )

    def _beside(
        self,
        what: str,
        kind: str,
        environment: Environment,
        command: list[str],
        deadline_s: float,
        *,
        uid: int,
        **limits: Any,  # noqa: ANN401 - see _create
    ) -> dict[str, Any]:
        """The document printed by our tools beside their interpreter, in a container without a network."""
        with engine_faults(f"starting {what}"):
            container = self._create(
                kind,
                environment.handle,
                command,
                network_mode="none",
                user=f"{uid}:{uid}",
                working_dir="/tmp",
                tmpfs=tmpfs(uid, 768, noexec=False),
                environment={"HOME": "/tmp", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"},
                mounts=[
                    Mount(SOURCE, self._name("source"), type="volume", read_only=True),
                    Mount(ROOT, tools_volume(self.client, self.tools), type="volume", read_only=True),
                ],
                **limits,
            )
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
        for name in ("source", "graders"):
            with suppress(APIError, NotFound, requests.RequestException):
                self.client.volumes.get(self._name(name)).remove(force=True)


def _removed(target: Target) -> EnvironmentFault:
    """None of ours is ever removed while its pod is open, however it ends."""
    return EnvironmentFault(f"the {target}'s container was removed by somebody else", next_step="run again")
