"""Parts of a pod that are removed or killed under us: nobody's work is judged by that, and nothing stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from harness.record import GradeRecord
from harness.runtime.docker.engine import connect
from tests.faults.runs import (
    CATALOGUE,
    GENEROUS_S,
    TINY,
    Run,
    asked_again,
    candidate_runs,
    container,
    in_engine,
    on_host,
    start,
    until,
)

pytestmark = [pytest.mark.docker, pytest.mark.extended]


def removed(part: Container) -> None:
    part.remove(force=True, v=True)


def killed(part: Container) -> None:
    part.kill("SIGKILL")


def server_killed(part: Container) -> None:
    """The server alone, by its supervisor's user, who may.

    The container ends with the server and may take this command along before it could say that it did its work. So
    the container's end is what tells.
    """
    code = "import os,signal; os.kill(int(open('/var/lib/takehome-postgres/data/postmaster.pid').readline()), 9)"
    part.exec_run(["/opt/takehome/venv/bin/python", "-Ic", code], detach=True)
    with suppress(NotFound):  # the harness has seen its end, and removed it
        part.wait(timeout=GENEROUS_S)


@dataclass(frozen=True)
class Fault:
    what: str
    part: str
    inject: Callable[[Container], None]
    submission: Path = CATALOGUE / "patient"
    blamed: tuple[str, ...] = ("environment",)


FAULTS = [
    # First, as it takes as long as a service may take to get ready.
    Fault("the candidate's container removed before it answered", "candidate", removed, TINY / "silent"),
    Fault("the candidate's container removed during a check", "candidate", removed),
    Fault("the prober's container removed", "prober", removed),
    Fault("the prober killed", "prober", killed, blamed=("environment", "harness")),
    Fault("PostgreSQL's container removed", "postgres", removed),
    Fault("the server of PostgreSQL killed", "postgres", server_killed),
]


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    found = connect(timeout_s=300)
    yield found
    found.close()


@pytest.fixture(scope="module")
def runs(
    client: DockerClient, challenge: Path, base_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Run]]:
    """All the grades at once, each with its fault."""
    begun: dict[str, Run] = {}
    try:
        for fault in FAULTS:
            folder = tmp_path_factory.mktemp("run")
            begun[fault.what] = start(fault.submission, challenge, folder, base_image)
        for fault in FAULTS:
            run = begun[fault.what]
            condition = candidate_runs if fault.submission.name == "silent" else asked_again
            until(partial(condition, client, run), run)
            part = container(client, run, fault.part)
            assert part is not None
            fault.inject(part)
        yield begun
    finally:
        for run in begun.values():
            run.process.kill()
            run.process.wait()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_lost_part_of_the_pod_is_never_the_submissions_fault(
    client: DockerClient, runs: dict[str, Run], fault: Fault
) -> None:
    run = runs[fault.what]
    printed = run.end()
    record = run.record()
    assert record is not None, printed
    assert run.process.returncode in (3, 4), printed
    assert blamed_in(record) <= set(fault.blamed), record.model_dump_json(indent=1)
    assert not record.gradable
    assert record.problem is not None
    assert "Traceback" not in printed
    assert in_engine(client, [run.pid]) == []
    assert on_host(run) == []


def test_a_pause_container_removed_while_the_pod_starts_is_an_environment_fault(
    client: DockerClient, challenge: Path, base_image: str, tmp_path: Path
) -> None:
    # Later nobody would notice: the namespace lives on in those who have joined it.
    run = start(TINY / "curious", challenge, tmp_path, base_image)
    until(lambda: container(client, run, "pause") is not None, run)
    part = container(client, run, "pause")
    assert part is not None
    removed(part)
    printed = run.end()
    record = run.record()
    assert record is not None, printed
    assert blamed_in(record) <= {"environment"}
    assert in_engine(client, [run.pid]) == []
    assert on_host(run) == []


def blamed_in(record: GradeRecord) -> set[str]:
    """Everybody that the record blames."""
    named = {check.fault for check in record.checks if check.fault is not None}
    named |= {"submission" for check in record.checks if check.outcome in ("fail", "partial", "blocked")}
    return named | ({record.problem.fault} if record.problem else set())
