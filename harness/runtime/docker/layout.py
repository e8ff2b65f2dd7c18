"""The layout of a pod: its addresses, and how each of its containers is made. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from docker.types import Mount

from harness.plan import Addresses, Plan, candidate_environment, uvicorn_arguments
from harness.runtime.base import Environment
from harness.runtime.docker import environment as environment_image
from harness.runtime.docker.containers import tmpfs
from harness.runtime.docker.tools_image import POSTGRES_UID, PYTHON, ROOT, TEMPLATE
from harness.runtime.inner import trial_settings

SOURCE, GRADERS = "/srv/app", "/srv/graders"
VOLUMES = {"source": SOURCE, "graders": GRADERS}
PROBER_UID, ANALYSIS_UID = 10003, 10004
_DATA = "/var/lib/takehome-postgres/data"
_STUB_PORT = 9101


class Recipe(NamedTuple):
    """How a container is made; `settings` are the engine's own."""

    kind: str
    image: str
    command: list[str]
    memory: str
    pids: int
    settings: dict[str, Any]


@dataclass(frozen=True)
class Layout:
    """What is laid out for a plan, in the pod `id`."""

    plan: Plan
    environment: Environment
    base: str
    tools: str
    id: str

    @cached_property
    def addresses(self) -> Addresses:
        """The ports inside the pod."""
        stubs = {name: _STUB_PORT + n for n, name in enumerate(self.plan.challenge.spec.stubs)}
        return Addresses(candidate=8000, postgres=5432, stubs=stubs)

    def name(self, what: str) -> str:
        """The engine's name of a container or volume of this pod."""
        return f"takehome-{self.id}-{what}"

    def _mount(self, volume: str, *, read_only: bool = True) -> Mount:
        return Mount(VOLUMES[volume], self.name(volume), type="volume", read_only=read_only)

    def pause(self) -> Recipe:
        """The owner of the network namespace; the volumes are filled through it."""
        return Recipe(
            "pause", self.base, ["sleep", "86400"], "32m", 8,
            {
                "network_mode": "none",
                "user": "65534:65534",
                "mounts": [self._mount(volume, read_only=False) for volume in VOLUMES],
            },
        )  # fmt: skip

    def prober(self) -> Recipe:
        """Speaks with us over its stdin and stdout."""
        return Recipe(
            "prober", self.tools, [PYTHON, "-I", "-m", "harness.prober"], "1g", 512,
            {
                "user": f"{PROBER_UID}:{PROBER_UID}",
                "stdin_open": True,
                "working_dir": "/tmp",
                "tmpfs": tmpfs(PROBER_UID, 128),
                "mounts": [self._mount("graders")],
                "environment": {"HOME": "/tmp", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            },
        )  # fmt: skip

    def postgres(self, max_connections: int) -> Recipe:
        """Reads its settings from stdin, in a line of JSON."""
        server = ["serve", "--template", TEMPLATE, *self._server(), "--max-connections", str(max_connections)]
        return Recipe(
            "postgres", self.tools, [PYTHON, "-I", "-m", "harness.postgres", *server],
            "768m", max_connections + 64,
            {
                "user": f"{POSTGRES_UID}:{POSTGRES_UID}",
                "stdin_open": True,
                "environment": {"LC_ALL": "C.UTF-8"},
                "tmpfs": {
                    "/var/lib/takehome-postgres": f"size=512m,mode=700,uid={POSTGRES_UID},gid={POSTGRES_UID}",
                    **tmpfs(POSTGRES_UID, 16),
                },
                "shm_size": "64m",
            },
        )  # fmt: skip

    def postgres_control(self, what: str) -> list[str]:
        """The command that starts, stops or restarts PostgreSQL, in its container."""
        return ["timeout", "90", PYTHON, "-I", "-m", "harness.postgres", "control", what, *self._server()]

    def _server(self) -> list[str]:
        return ["--data", _DATA, "--port", str(self.addresses.postgres)]

    def candidate(self) -> Recipe:
        """The submission's app."""
        limits = self.plan.challenge.spec.limits
        uid = environment_image.CANDIDATE_UID
        arguments = uvicorn_arguments(self.plan.project, self.addresses.candidate)
        return Recipe(
            "candidate", self.environment.handle, [environment_image.PYTHON, *arguments],
            f"{limits.memory_mb}m", limits.pids,
            {
                "nano_cpus": int(limits.cpus * 1e9),
                "user": f"{uid}:{uid}",
                "working_dir": SOURCE,
                "tmpfs": tmpfs(uid, limits.tmp_mb),
                "mounts": [self._mount("source")],
                "environment": {
                    "HOME": "/tmp",
                    "PATH": f"{environment_image.VENV}/bin:/usr/local/bin:/usr/bin:/bin",
                    "LC_ALL": "C.UTF-8",
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    **candidate_environment(self.plan, self.addresses),
                },
                "oom_score_adj": 500,
            },
        )  # fmt: skip

    def analysis(self, number: int, deadline_s: float, tools_volume: str) -> Recipe:
        """Reads the submission's code, with a copy of the environment's mypy cache."""
        command = (
            f"cp -r {environment_image.CACHE} /tmp/cache && exec timeout {deadline_s:.0f} {PYTHON} -I "
            f"-m harness.analysis --source {SOURCE} --python {environment_image.PYTHON} --cache /tmp/cache"
            + "".join(f" --vendored={name}" for name in self.plan.challenge.spec.vendored)
        )
        settings = self._beside(ANALYSIS_UID, tools_volume)
        return Recipe(f"analysis-{number}", self.environment.handle, ["sh", "-c", command], "2g", 256, settings)

    def trial(self, environment: Environment, deadline_s: float, tools_volume: str) -> Recipe:
        """Runs the candidate's own tests, in an environment that has what they declare."""
        service = self.plan.challenge.spec.services.postgres
        server = ["--template", TEMPLATE, "--max-connections", str(service.max_connections)] if service else None
        command = [
            *("timeout", "--kill-after=5", f"{deadline_s + 15:.0f}", PYTHON, "-I", "-m", "harness.trial"),
            *("--source", SOURCE, "--python", environment_image.PYTHON, "--deadline", str(deadline_s)),
            *("--settings", json.dumps(trial_settings(self.plan, self.addresses, server))),
        ]
        settings = {
            # The user who may read the server's template; this is a container of its own.
            **self._beside(POSTGRES_UID, tools_volume),
            # They run on what the probing leaves over: an eighth of a share.
            "cpu_shares": 128,
            "shm_size": "64m",
        }
        return Recipe("trial", environment.handle, command, "1g", 512, settings)

    def _beside(self, uid: int, tools_volume: str) -> dict[str, Any]:
        """Our tools beside the submission's interpreter, without a network."""
        return {
            "network_mode": "none",
            "user": f"{uid}:{uid}",
            "working_dir": "/tmp",
            "tmpfs": tmpfs(uid, 768, noexec=False),
            "environment": {"HOME": "/tmp", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"},
            "mounts": [self._mount("source"), Mount(ROOT, tools_volume, type="volume", read_only=True)],
        }
