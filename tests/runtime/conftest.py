"""Pods of the smallest challenge, under every runtime."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.challenge import Challenge, load_challenge
from harness.events import ignore
from harness.evidence import Evidence
from harness.plan import Plan, make_plan
from harness.runtime.base import Pod, Runtime
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.session import Session
from harness.submission import ingest, read_project

CATALOGUE = Path(__file__).parent / "catalogue"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Challenge:
    folder = tmp_path_factory.mktemp("challenges") / "tiny"
    shutil.copytree(CATALOGUE / "challenge", folder)
    return load_challenge(folder)


@pytest.fixture(scope="session")
def docker_runtime(base_image: str) -> Runtime:
    from harness.runtime.docker import DockerRuntime
    from harness.runtime.docker.build import BuildOptions

    return DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None)))


@pytest.fixture(
    params=[
        pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.integration]),
        pytest.param("process", marks=pytest.mark.integration),
    ]
)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    if request.param == "docker":
        found: Runtime = request.getfixturevalue("docker_runtime")
        return found
    return ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))


PlanMaker = Callable[[str], Plan]


@pytest.fixture
def plan_for(tiny: Challenge, tmp_path: Path) -> Iterator[PlanMaker]:
    """A plan for a submission of the catalogue."""
    made = []

    def make(name: str) -> Plan:
        snapshot = ingest(str(CATALOGUE / name), ref=None, workdir=tmp_path / name)
        made.append(snapshot)
        return make_plan(tiny, snapshot, read_project(snapshot.path, app=None), seed=7)

    (tmp_path / "x").mkdir()
    yield make
    for snapshot in made:
        snapshot.remove()


PodOpener = Callable[[str], AbstractContextManager[tuple[Pod, Evidence]]]


@pytest.fixture
def probed(runtime: Runtime, plan_for: PlanMaker) -> PodOpener:
    """A pod in which the session has already run; it is removed when the context ends."""

    @contextmanager
    def open_pod(name: str) -> Iterator[tuple[Pod, Evidence]]:
        plan = plan_for(name)
        with runtime.pod(plan, runtime.environment(plan, ignore)) as pod:
            yield pod, Session(plan, pod, ignore).run()

    return open_pod


def found(pod: Pod) -> dict[str, Any]:
    """What the curious submission saw."""
    line = next(line for line in pod.logs("candidate", 200) if line.startswith("FOUND "))
    document: dict[str, Any] = json.loads(line.removeprefix("FOUND "))
    return document


def is_root() -> bool:
    return os.geteuid() == 0
