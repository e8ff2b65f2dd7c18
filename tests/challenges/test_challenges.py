"""The bundled challenges prove themselves, on a real engine; solutions written from the brief alone score well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.grade import GradeRequest, grade
from harness.packs import challenge_folders, find_challenge, unlisted
from harness.record import GradeRecord
from harness.runtime.base import Runtime
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.verify import Case, Verdict, Verification, lay_out, verify

ALTERNATIVES = Path(__file__).parent / "catalogue" / "alternatives"
IDS = sorted(challenge_folders())
# Each by somebody who had nothing but the brief, in a style of their own.
SOLUTIONS = sorted(path.name for path in ALTERNATIVES.iterdir()) if ALTERNATIVES.is_dir() else []
HONEST = 95
# The reference of users_api is graded so by an installed wheel: tests/packaging/test_wheel.py.
HERE = [name for name in IDS if name != "users_api"]
# Those whose grades wait for most of their time have a lane of their own, and several fit into one core.
PATIENT = {"order_service"}
TRIES = 3
# As `verify` says it.
UNSURE = "not assessed: "
JOBS = {"order_service": 4, "live_feed": 3}


def lost(record: GradeRecord) -> dict[str, str]:
    return {c.id: f"{c.outcome}: {c.summary} {c.reason}" for c in record.checks if c.outcome != "pass"}


def on_processes(challenge: str, source: Path) -> GradeRecord:
    """A grade in which everything could be judged, if the machine is fast enough for that in one of a few."""
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    for _ in range(TRIES):
        record = grade(GradeRequest(str(source), find_challenge(challenge)), lambda: runtime)
        if all(check.outcome != "not_assessed" for check in record.checks):
            break
    return record


def complaints(found: Verification, again: Callable[[list[str]], Verification]) -> dict[str, tuple[str, ...]]:
    """What is complained of. What a busy machine was too slow to judge, and says so, is tried again, alone.

    What was judged, and wrongly, is not.
    """
    said = {verdict.case.name: verdict.complaints for verdict in found.verdicts}
    for _ in range(TRIES - 1):
        unsure = [name for name, lines in said.items() if lines and all(line.startswith(UNSURE) for line in lines)]
        if not unsure:
            break
        said |= {verdict.case.name: verdict.complaints for verdict in again(unsure).verdicts}
    return {name: lines for name, lines in said.items() if lines}


class Lane:
    """Work that is done one after the other, beside other lanes; it begins with the first test that asks for any."""

    def __init__(self, work: dict[str, Callable[[], object]]) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._done = {key: self._pool.submit(job) for key, job in work.items()}

    def result(self, key: str) -> Any:
        return self._done[key].result()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def selected(request: pytest.FixtureRequest, test: Callable[..., object]) -> list[str]:
    """The challenges that a test of this run is about."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    return [str(item.callspec.params["challenge"]) for item in items if item.obj is test]


@pytest.fixture(scope="session")
def docker_runtime(base_image: str) -> Runtime:
    from harness.runtime.docker import DockerRuntime
    from harness.runtime.docker.build import BuildOptions

    return DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None)))


def verifying(request: pytest.FixtureRequest, *, patient: bool) -> Lane:
    wanted = selected(request, test_the_reference_scores_100_and_each_variant_loses_exactly_its_check)
    wanted = [name for name in wanted if (name in PATIENT) is patient]
    if not wanted or request.getfixturevalue("no_engine"):
        return Lane({})
    runtime: Runtime = request.getfixturevalue("docker_runtime")

    def work(challenge: str) -> Verification:
        jobs = JOBS.get(challenge, 2)
        return verify(find_challenge(challenge), lambda: runtime, jobs=jobs, quick=True)

    return Lane({name: partial(work, name) for name in wanted})


@pytest.fixture(scope="session", autouse=True)
def patient(request: pytest.FixtureRequest) -> Iterator[Lane]:
    """Verifications that wait for most of their time: under way from the start."""
    lane = verifying(request, patient=True)
    yield lane
    lane.close()


@pytest.fixture(scope="session", autouse=True)
def busy(request: pytest.FixtureRequest) -> Iterator[Lane]:
    """The other verifications: they take what the quick tests, one after the other, leave of the cores."""
    lane = verifying(request, patient=False)
    yield lane
    lane.close()


@pytest.fixture(scope="session")
def graded(request: pytest.FixtureRequest) -> Iterator[Lane]:
    """What is graded without an engine: references and alternatives."""
    references = selected(request, test_the_reference_scores_100_without_an_engine)
    solutions = selected(request, test_an_honest_alternative_scores_at_least_95)
    work: dict[str, Callable[[], object]] = {
        f"reference {name}": partial(on_processes, name, find_challenge(name).reference) for name in references
    }
    work |= {f"alternative {name}": partial(on_processes, name, ALTERNATIVES / name) for name in solutions}
    lane = Lane(work)
    yield lane
    lane.close()


@pytest.mark.parametrize("challenge", IDS)
def test_every_part_of_a_challenge_is_there_and_every_check_has_a_variant(challenge: str) -> None:
    found = find_challenge(challenge, whole=True)
    assert unlisted(found) == []
    assert sorted(found.variants()) == sorted(found.spec.checks)


@pytest.mark.parametrize("challenge", IDS)
def test_a_brief_names_every_check_and_what_is_visible_and_scored(challenge: str) -> None:
    found = find_challenge(challenge)
    text = found.brief.read_text("utf-8")
    assert [check for check in found.spec.checks if f"`{check}`" not in text] == []
    assert [name for name in found.spec.environment if f"`{name}`" not in text] == []


def verdict(name: str, *lines: str) -> Verdict:
    return Verdict(Case("variant", name, 1), {}, None, lines, 0.0)


def test_what_could_not_be_judged_is_tried_again_and_what_was_judged_wrongly_is_not() -> None:
    asked: list[list[str]] = []

    def again(names: list[str]) -> Verification:
        asked.append(names)
        return Verification([verdict("slow"), verdict("never", UNSURE + "slow")])

    found = Verification([
        verdict("fine"), verdict("slow", UNSURE + "slow"), verdict("never", UNSURE + "slow"),
        verdict("wrong", "wrong does not fail"), verdict("both", UNSURE + "slow", "other is lost too"),
    ])  # fmt: skip
    assert set(complaints(found, again)) == {"never", "wrong", "both"}
    assert asked == [["slow", "never"], ["never"]]


@pytest.mark.docker
def test_the_engine_isolates_what_is_verified(docker_runtime: Runtime, graded: Lane) -> None:
    """The first test that needs an engine, by name: with it the grades begin that the last tests wait for."""
    assert docker_runtime.name == "docker"


@pytest.mark.docker
@pytest.mark.late
@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("challenge", IDS)
def test_the_reference_scores_100_and_each_variant_loses_exactly_its_check(
    challenge: str, patient: Lane, busy: Lane, docker_runtime: Runtime
) -> None:
    found: Verification = (patient if challenge in PATIENT else busy).result(challenge)

    def again(names: list[str]) -> Verification:
        return verify(find_challenge(challenge), lambda: docker_runtime, jobs=1, only=names, quick=True)

    assert complaints(found, again) == {}
    assert found.unproven == []
    assert next(v for v in found.verdicts if v.case.role == "reference").value == 100


@pytest.mark.late
@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("challenge", HERE)
def test_the_reference_scores_100_without_an_engine(challenge: str, graded: Lane) -> None:
    record: GradeRecord = graded.result(f"reference {challenge}")
    assert lost(record) == {}
    assert record.score.value == 100
    assert record.band == "exceeds"


@pytest.mark.late
@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("challenge", SOLUTIONS)
def test_an_honest_alternative_scores_at_least_95(challenge: str, graded: Lane) -> None:
    record: GradeRecord = graded.result(f"alternative {challenge}")
    assert (record.score.value or 0) >= HONEST, lost(record)


@pytest.mark.slow
def test_the_sample_is_honest_and_not_perfect() -> None:
    record = on_processes("users_api", find_challenge("users_api").folder / "sample")
    assert record.gradable
    assert 50 <= (record.score.value or 0) < 95
    assert "not_assessed" not in {c.outcome for c in record.checks}


@pytest.mark.slow
def test_a_failed_gate_points_to_the_blocking_call_behind_a_helper(tmp_path: Path) -> None:
    challenge = find_challenge("model_serving")
    source = lay_out(challenge, Case("variant", "off-the-loop", 1), tmp_path)
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    record = grade(GradeRequest(str(source), challenge, only=("predict", "off-the-loop")), lambda: runtime)
    (failed,) = [check for check in record.checks if check.outcome == "fail"]
    places = [(place.rule, place.message) for place in failed.evidence.code]
    assert failed.id == "off-the-loop"
    assert [rule for rule, _ in places] == ["blocking-call"]
    assert "through read_digits()" in places[0][1]
    assert {signal.id for signal in record.signals if not signal.good} == {"blocking-call"}
    listing = {file.path: file for file in record.sources}
    assert "def read_digits" in listing["app/batching.py"].text
