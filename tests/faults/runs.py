"""Grades as processes of their own, watched from outside: what they made, what they left and what they wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from pydantic import ValidationError

from harness.record import GradeRecord
from harness.runtime.docker.engine import LABEL, OWNER

GENEROUS_S = 300.0
CATALOGUE = Path(__file__).parent / "catalogue"
TINY = Path(__file__).parents[1] / "runtime" / "catalogue"


@dataclass(frozen=True)
class Run:
    """One `takehome grade` with folders of its own: `out` for the results, `scratch` for what is temporary."""

    process: subprocess.Popen[str]
    out: Path
    scratch: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self) -> str:
        """What it printed, once it has ended."""
        out, err = self.process.communicate(timeout=GENEROUS_S)
        return out + err

    def record(self) -> GradeRecord | None:
        """The record; None when there is none.

        Raises:
            ValidationError: it is half-written.
        """
        path = self.out / "result.json"
        return GradeRecord.model_validate_json(path.read_bytes()) if path.exists() else None


def record_of(run: Run) -> str:
    """Whether a run's record is `whole`, `absent` or `half-written`."""
    try:
        return "absent" if run.record() is None else "whole"
    except ValidationError:
        return "half-written"


def start(submission: Path, challenge: Path, folder: Path, base_image: str, host: str | None = None) -> Run:
    """Begin to grade, in the engine at `host` if one is named."""
    out, scratch = folder / "out", folder / "tmp"
    for made in (out, scratch):
        made.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "COLUMNS": "200", "TMPDIR": str(scratch), "TAKEHOME_BASE_IMAGE": base_image}
    if host is not None:
        environment["DOCKER_HOST"] = host
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from harness.cli import main; main()", "grade", str(submission)),
            *("-c", str(challenge), "--out", str(out), "--no-baseline"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    return Run(process, out, scratch)


def until(condition: Callable[[], bool], run: Run | None = None) -> None:
    """Wait for it, for as long as the run lives."""
    limit = time.monotonic() + GENEROUS_S
    while not condition():
        if run is not None and run.process.poll() is not None:
            raise AssertionError(f"ended early: {run.end()}")
        assert time.monotonic() < limit
        time.sleep(0.05)


def container(client: DockerClient, run: Run, kind: str) -> Container | None:
    """The run's container of that kind, if there is one by now."""
    found = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    return next((c for c in found if _pid(c.labels) == run.pid and str(c.name).endswith(f"-{kind}")), None)


def candidate_runs(client: DockerClient, run: Run) -> bool:
    """Whether the run's submission has been started."""
    found = container(client, run, "candidate")
    return found is not None and found.status == "running"


def asked_again(client: DockerClient, run: Run) -> bool:
    """Whether the `patient` submission has been asked by the check, and lets it wait."""
    found = container(client, run, "candidate")
    try:
        return found is not None and b"ASKED AGAIN" in found.logs()
    except NotFound:
        return False


def in_engine(client: DockerClient, pids: Sequence[int]) -> list[str]:
    """The labelled containers, volumes and networks that these processes made and that are still there."""
    containers = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    things = [(f"container {c.name}", c.labels) for c in containers]
    for kind, found in (
        ("volume", client.volumes.list(filters={"label": LABEL})),
        ("network", client.networks.list(filters={"label": LABEL})),
    ):
        things += [(f"{kind} {one.name}", one.attrs.get("Labels") or {}) for one in found]
    return [name for name, labels in things if _pid(labels) in pids]


def on_host(run: Run) -> list[str]:
    """Processes that work in the run's temporary folder, what is in there, and what is beside the results."""
    left = [f"folder {p.name}" for p in run.scratch.iterdir()]
    left += [f"file {p.name}" for p in run.out.iterdir() if p.name not in ("result.json", "report.html")]
    for process in psutil.process_iter(["pid", "name", "environ"]):
        if (process.info["environ"] or {}).get("TMPDIR") == str(run.scratch):
            left.append(f"process {process.info['pid']} {process.info['name']}")
    return left


def _pid(labels: dict[str, str]) -> int:
    text = labels.get(OWNER, "").split(":")[1:2]
    return int(text[0]) if text and text[0].isdigit() else 0
