"""What the Docker pod keeps a submission from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.events import ignore
from harness.runtime.base import Runtime
from harness.session import Session
from tests.runtime.conftest import PlanMaker, found

pytestmark = [pytest.mark.docker, pytest.mark.extended]


@pytest.fixture
def seen(docker_runtime: Runtime, plan_for: PlanMaker) -> Iterator[dict[str, Any]]:
    plan = plan_for("curious")
    with docker_runtime.pod(plan, docker_runtime.environment(plan, ignore)) as pod:
        Session(plan, pod, ignore).run()
        yield found(pod)


def test_a_submission_is_boxed_in(seen: dict[str, Any]) -> None:
    assert seen["uid"] != 0
    assert int(seen["capabilities"], 16) == 0
    assert not seen["root_writable"]
    assert not seen["source_writable"]
    assert seen["tmp_writable"]


def test_a_submission_reaches_nothing_outside_its_pod(seen: dict[str, Any]) -> None:
    assert not seen["egress"]
    assert "eth0" not in seen["interfaces"]
    assert not seen["engine_socket"]


def test_a_submission_sees_neither_graders_nor_the_provers_processes(seen: dict[str, Any]) -> None:
    assert not seen["graders"]
    assert seen["processes"] <= 4


def test_a_submission_is_given_only_what_the_challenge_promises(seen: dict[str, Any]) -> None:
    own = {"DATABASE_URL", "UPSTREAM_URL", "SECRET_KEY", "PORT"}
    neutral = {"HOME", "PATH", "LC_ALL", "LC_CTYPE", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "HOSTNAME", "PWD"}
    assert own <= set(seen["environment"])
    assert set(seen["environment"]) <= own | neutral


def test_a_submission_over_its_memory_limit_is_ended_and_told_so(docker_runtime: Runtime, plan_for: PlanMaker) -> None:
    plan = plan_for("greedy")
    with docker_runtime.pod(plan, docker_runtime.environment(plan, ignore)) as pod:
        evidence = Session(plan, pod, ignore).run()
    assert evidence.not_ready is not None
    assert "192 MB" in evidence.not_ready.reason


def test_nothing_is_left_after_a_pod(docker_runtime: Runtime, plan_for: PlanMaker) -> None:
    from harness.runtime.docker.engine import LABEL, connect

    plan = plan_for("curious")
    with docker_runtime.pod(plan, docker_runtime.environment(plan, ignore)) as pod:
        Session(plan, pod, ignore).run()
        name = getattr(pod, "id")  # noqa: B009
    client = connect()
    left = client.containers.list(all=True, filters={"label": f"{LABEL}={name}"}, ignore_removed=True)
    volumes = client.volumes.list(filters={"label": f"{LABEL}={name}"})
    assert [c.name for c in left] + [v.name for v in volumes] == []


def test_the_containers_of_a_pod_have_limits_and_bounded_logs(docker_runtime: Runtime, plan_for: PlanMaker) -> None:
    from harness.runtime.docker.engine import LABEL, connect

    plan = plan_for("curious")
    with docker_runtime.pod(plan, docker_runtime.environment(plan, ignore)) as pod:
        Session(plan, pod, ignore).run()
        name = getattr(pod, "id")  # noqa: B009
        for container in connect().containers.list(all=True, filters={"label": f"{LABEL}={name}"}):
            config = container.attrs["HostConfig"]
            assert config["Memory"] > 0, container.name
            assert config["MemorySwap"] == config["Memory"], container.name
            assert config["PidsLimit"] > 0, container.name
            assert config["ReadonlyRootfs"], container.name
            assert config["CapDrop"] == ["ALL"], container.name
            assert config["SecurityOpt"] == ["no-new-privileges"], container.name
            assert config["LogConfig"]["Config"]["max-size"], container.name
            assert not config["Binds"], container.name
            assert not config["PortBindings"], container.name
            assert all(mount["Type"] == "volume" for mount in container.attrs["Mounts"]), container.name
