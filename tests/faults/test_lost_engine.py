"""An engine that dies, comes back, stays away or has no room: our fault in the record, and nothing that stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from harness.challenge import load_challenge
from harness.events import ignore
from harness.plan import make_plan
from harness.record import GradeRecord
from harness.runtime.docker import DockerRuntime
from harness.runtime.docker.build import BuildOptions
from harness.runtime.docker.engine import KIND, LABEL
from harness.runtime.docker.tools_image import REPOSITORY, pins
from harness.runtime.install import content_key
from harness.runtime.trust import ca_bundle
from harness.submission import ingest, read_project
from tests.cli.command import takehome
from tests.faults.private_engine import PrivateEngine, connect_normal, copy_images, private_engine, why_none
from tests.faults.runs import CATALOGUE, TINY, Run, asked_again, in_engine, on_host, start, until

pytestmark = [pytest.mark.docker, pytest.mark.extended, pytest.mark.xdist_group("private-engine")]


def names_of_images(client: DockerClient, challenge: Path, base_image: str, folder: Path) -> list[str]:
    """All that a grade of the catalogue needs, made here if it isn't: a private engine has no network to make it."""
    runtime = DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None)), client=client)
    snapshot = ingest(str(TINY / "silent"), ref=None, workdir=folder)
    try:
        plan = make_plan(load_challenge(challenge), snapshot, read_project(snapshot.path, app=None), seed=7)
        environment = runtime.environment(plan, ignore)
    finally:
        snapshot.remove()
    base, tools = runtime.prepare(ignore)
    # Without the harness in them, so that one that is edited meanwhile can still be put on top.
    lower = f"{REPOSITORY}:{content_key([str(client.images.get(base).id), *pins()])}"
    return [base, tools, lower, *client.images.get(environment.handle).tags]


@pytest.fixture(scope="module")
def engine(challenge: Path, base_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    if why := why_none():
        pytest.skip(why)
    normal = connect_normal()
    names = names_of_images(normal, challenge, base_image, tmp_path_factory.mktemp("snapshot"))
    bridges = [p.name for p in Path("/sys/class/net").iterdir()]
    with private_engine() as found:
        client = DockerClient(found.host, timeout=600)
        copy_images(normal, client, names)
        for name in names:
            assert client.images.get(name).id == normal.images.get(name).id
        client.close()
        assert set(bridges) - {p.name for p in Path("/sys/class/net").iterdir()} <= {
            name for name in bridges if name.startswith("veth")
        }, "the private engine took away what is another's"
        yield found


@pytest.fixture
def client(engine: PrivateEngine) -> Iterator[DockerClient]:
    found = DockerClient(engine.host, timeout=300)
    yield found
    found.close()


@pytest.fixture
def patient(engine: PrivateEngine, challenge: Path, base_image: str, tmp_path: Path) -> Iterator[Run]:
    """A grade in the private engine, in the middle of its check."""
    run = start(CATALOGUE / "patient", challenge, tmp_path / "patient", base_image, engine.host)
    client = DockerClient(engine.host, timeout=300)
    try:
        until(lambda: asked_again(client, run), run)
        client.close()
        yield run
    finally:
        run.process.kill()
        run.process.wait()


def ours_alone(record: GradeRecord | None) -> bool:
    """Whether there is a record that blames nobody but us."""
    assert record is not None
    assert record.problem is not None
    assert not record.gradable
    blamed = {record.problem.fault, *(check.fault for check in record.checks)}
    return blamed <= {"environment", "harness"} and {c.outcome for c in record.checks} <= {"not_assessed"}


def graded_next(engine: PrivateEngine, challenge: Path, base_image: str, folder: Path) -> GradeRecord:
    """The next grade in that engine, which has to go well and to leave nothing of anybody."""
    run = start(TINY / "stubborn", challenge, folder, base_image, engine.host)
    printed = run.end()
    record = run.record()
    assert record is not None, printed
    assert record.score.value == 100, printed
    assert in_whole_engine(engine) == []
    assert on_host(run) == []
    return record


def swept(engine: PrivateEngine, run: Run) -> None:
    """What every run sweeps first, by itself: nothing of anybody is left then."""
    done = takehome("clean", env={"DOCKER_HOST": engine.host, "TMPDIR": str(run.scratch)})
    assert done.code == 0, done.text
    assert in_whole_engine(engine) == []


def in_whole_engine(engine: PrivateEngine) -> list[str]:
    """All containers, and the volumes of pods: here nobody else has any."""
    client = DockerClient(engine.host, timeout=300)
    try:
        names = [str(c.name) for c in client.containers.list(all=True, ignore_removed=True)]
        return names + [str(v.name) for v in client.volumes.list(filters={"label": LABEL})]
    finally:
        client.close()


def test_an_engine_that_is_killed_and_comes_back_is_our_fault(engine: PrivateEngine, patient: Run) -> None:
    engine.kill()
    engine.start().close()
    printed = patient.end()
    assert ours_alone(patient.record()), printed
    assert on_host(patient) == []
    swept(engine, patient)


def test_an_engine_that_stays_away_is_an_environment_fault_and_swept_once_it_is_back(
    engine: PrivateEngine, challenge: Path, base_image: str, patient: Run, tmp_path: Path
) -> None:
    engine.kill()
    try:
        printed = patient.end()
        record = patient.record()
        assert ours_alone(record), printed
        assert record is not None
        assert record.problem is not None
        assert record.problem.fault == "environment"
        assert on_host(patient) == []
        late = start(TINY / "stubborn", challenge, tmp_path / "late", base_image, engine.host)
        printed = late.end()
        assert "no Docker engine answers" in printed
        assert ours_alone(late.record()), printed
    finally:
        back = engine.start()
    assert in_engine(back, [patient.pid]) != []
    back.close()
    graded_next(engine, challenge, base_image, tmp_path / "next")


def test_a_full_disk_of_the_engine_is_an_environment_fault(
    engine: PrivateEngine, challenge: Path, base_image: str, tmp_path: Path
) -> None:
    try:
        engine.fill()
        run = start(TINY / "stubborn", challenge, tmp_path / "full", base_image, engine.host)
        printed = run.end()
    finally:
        engine.make_room()
    assert "no space left" in printed.lower()
    assert ours_alone(run.record()), printed
    assert on_host(run) == []
    swept(engine, run)


def test_a_disk_that_fills_up_during_a_check_never_blames_the_submission(
    engine: PrivateEngine, client: DockerClient, patient: Run
) -> None:
    try:
        engine.fill()
        # Its check ends when its database is gone, which is all that the full disk leaves to us.
        found = next(c for c in client.containers.list(filters={"label": LABEL}) if str(c.name).endswith("-postgres"))
        found.kill("SIGKILL")
        printed = patient.end()
    finally:
        engine.make_room()
    assert ours_alone(patient.record()), printed
    assert in_engine(client, [patient.pid]) == []


def test_a_tools_volume_that_a_killed_run_left_empty_is_filled_by_the_next(
    engine: PrivateEngine, client: DockerClient, challenge: Path, base_image: str, tmp_path: Path
) -> None:
    if not client.volumes.list(filters={"label": f"{KIND}=tools"}):
        graded_next(engine, challenge, base_image, tmp_path / "first")
    tools = [v for v in client.volumes.list() if str(v.name).startswith("takehome-tools-")]
    assert tools
    for volume in tools:
        volume.remove()
    # As after a kill between the making and the filling.
    whole = min((str(volume.name) for volume in tools), key=len)
    client.volumes.create(whole, labels=tools[0].attrs["Labels"])
    record = graded_next(engine, challenge, base_image, tmp_path / "next")
    assert record.sources, "the analysis could not run"
