"""The warm runtime: pods of processes that share what takes long to start. For proving challenges, not for strangers.

A pod of it has a prober, a service, a database and a folder of its own, like any other. What it shares with those
before it: an interpreter that has imported the prober, one that has imported the service's dependencies, and the
server of PostgreSQL. What can't be trusted any more after a pod is closed, and made anew for the next.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from harness.errors import EnvironmentFault, TakehomeError
from harness.plan import Plan, uvicorn_arguments
from harness.runtime.base import Environment
from harness.runtime.forked import ForkServer
from harness.runtime.fresh_database import keep_pristine, renew
from harness.runtime.inner import database_settings
from harness.runtime.local_postgres import LocalPostgres
from harness.runtime.process import ProcessPod, ProcessRuntime, pod_folder
from harness.runtime.processes import POD_PREFIX, record_group, sign
from harness.runtime.subprocesses import Subprocess, free_ports
from harness.runtime.venv import VenvBuilder

_PROBER = (
    "harness.prober.__main__",
    "harness.prober.fixtures",
    "harness.authoring.fuzzing",
    "anyio.pytest_plugin",
    "anyio._backends._asyncio",
    "asyncpg",
    "httpx_sse",
    "openapi_spec_validator",
    "websockets.asyncio.client",
)


class WarmPostgres:
    """One server for many pods, each with a fresh database."""

    def __init__(self, folder: Path, environment: Mapping[str, str], max_connections: int) -> None:
        self._folder = folder
        self._max_connections = max_connections
        (self.port,) = free_ports(1)
        self.local = LocalPostgres(folder, self.port, environment)
        self._process: Subprocess | None = None
        self._password = ""

    def serve(self, settings: Mapping[str, str]) -> Subprocess:
        """The server, with a fresh database for `settings`.

        Raises:
            EnvironmentFault: it doesn't start.
        """
        if self._process is not None:
            try:
                self.local.control("start")
                renew(self.port, self._password, settings)
            except EnvironmentFault:
                self.close()
        if self._process is None:
            self._process = self.local.start(self._max_connections)
            record_group(self._folder, self._process.popen.pid)
            self.local.ready(self._process, settings)
            keep_pristine(self.port, settings)
        self._password = settings["superuser_password"]
        return self._process

    def close(self) -> None:
        """End the server and remove its data; never raises."""
        if self._process is not None:
            self._process.stop(10)
            self._process = None
        shutil.rmtree(self._folder / "postgres", ignore_errors=True)


class Bench:
    """What the pods of one challenge and environment share, one pod after the other."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=POD_PREFIX))
        sign(self.folder)
        self.prober: ForkServer | None = None
        self.service: ForkServer | None = None
        self.postgres: WarmPostgres | None = None

    def keep(self, server: ForkServer) -> ForkServer:
        """Note a server for whoever cleans up after a killed run."""
        record_group(self.folder, server.pid)
        return server

    def close(self) -> None:
        """End everything; never raises."""
        for server in (self.prober, self.service):
            if server is not None:
                server.close()
        if self.postgres is not None:
            self.postgres.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class WarmPod(ProcessPod):
    """A pod of processes whose prober, service and database come from a bench."""

    def __init__(self, plan: Plan, environment: Environment, folder: Path, bench: Bench) -> None:
        super().__init__(plan, environment, folder)
        self._bench = bench
        service = plan.challenge.spec.services.postgres
        if service is not None:
            if bench.postgres is None:
                bench.postgres = WarmPostgres(bench.folder, self._own_environment(), service.max_connections)
            self._postgres = bench.postgres.local
            self.addresses = replace(self.addresses, postgres=bench.postgres.port)

    def start_postgres(self) -> None:
        if self._bench.postgres is not None:
            self._processes["postgres"] = self._bench.postgres.serve(database_settings(self._plan))

    def _launch_prober(self) -> Subprocess:
        bench = self._bench
        if bench.prober is None:
            environment = {**self._own_environment(), "TMPDIR": str(bench.folder), "HOME": str(bench.folder)}
            bench.prober = bench.keep(ForkServer(sys.executable, bench.folder, environment))
            bench.prober.preload(_PROBER, bench.folder, environment, path=False)
        return bench.prober.start("harness.prober", [], self._folder, self._own_environment(), path=False, piped=True)

    def _launch_candidate(self) -> Subprocess:
        bench, source, environment = self._bench, self._plan.snapshot.path, self._candidate_environment()
        _, module, *arguments = uvicorn_arguments(self._plan.project, self.addresses.candidate)
        if bench.service is None:
            app = self._plan.project.app.partition(":")[0]
            folder = source / self._plan.project.app_dir if self._plan.project.app_dir else source
            bench.service = bench.keep(ForkServer(str(self._python()), bench.folder, environment))
            bench.service.preload(["uvicorn.__main__", "uvicorn.main", app], folder, environment, path=True)
        return bench.service.start(module, arguments, source, environment, path=True, piped=False)

    def _candidate_environment(self) -> dict[str, str]:
        return {**super()._candidate_environment(), **self._plan.challenge.spec.proof.environment}

    def close(self) -> None:
        # The server outlives the pod.
        self._processes.pop("postgres", None)
        super().close()


class WarmRuntime(ProcessRuntime):
    """See `harness.runtime.base.Runtime`. Whoever makes it closes it."""

    def __init__(self, builder: VenvBuilder) -> None:
        super().__init__(builder)
        self._idle: dict[tuple[str, str], list[Bench]] = {}
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def pod(self, plan: Plan, environment: Environment) -> Iterator[ProcessPod]:
        key = (str(plan.challenge.folder), environment.handle)
        with pod_folder() as folder:
            bench = self._take(key)
            sound = False
            try:
                pod = WarmPod(plan, environment, folder, bench)
                try:
                    yield pod
                    sound = True
                finally:
                    pod.close()
            finally:
                self._give_back(key, bench, sound)

    def _take(self, key: tuple[str, str]) -> Bench:
        with self._lock:
            idle = self._idle.setdefault(key, [])
            return idle.pop() if idle else Bench()

    def _give_back(self, key: tuple[str, str], bench: Bench, sound: bool) -> None:
        with self._lock:
            kept = sound and not self._closed
            if kept:
                self._idle[key].append(bench)
        if not kept:
            bench.close()

    def close(self) -> None:
        """End what waits for further pods; never raises."""
        with self._lock:
            self._closed = True
            benches = [bench for idle in self._idle.values() for bench in idle]
            self._idle.clear()
        for bench in benches:
            with suppress(TakehomeError):
                bench.close()
