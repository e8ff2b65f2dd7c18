"""The bundled challenges prove themselves, on a real engine; solutions written from the brief alone score well."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.grade import GradeRequest, grade
from harness.packs import challenge_folders, find_challenge, unlisted
from harness.record import GradeRecord
from harness.runtime.base import Runtime
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.verify import verify

ALTERNATIVES = Path(__file__).parent / "catalogue" / "alternatives"
IDS = sorted(challenge_folders())
# Each by somebody who had nothing but the brief, in a style of their own.
SOLUTIONS = sorted(path.name for path in ALTERNATIVES.iterdir()) if ALTERNATIVES.is_dir() else []
HONEST = 95


def lost(record: GradeRecord) -> dict[str, str]:
    return {c.id: f"{c.outcome}: {c.summary} {c.reason}" for c in record.checks if c.outcome != "pass"}


def on_processes(challenge: str, source: Path) -> GradeRecord:
    runtime = ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    return grade(GradeRequest(str(source), find_challenge(challenge)), lambda: runtime)


@pytest.fixture(scope="module")
def docker_runtime(base_image: str) -> Runtime:
    from harness.runtime.docker import DockerRuntime
    from harness.runtime.docker.build import BuildOptions

    return DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None)))


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


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(2000)
@pytest.mark.parametrize("challenge", IDS)
def test_the_reference_scores_100_and_each_variant_loses_exactly_its_check(
    challenge: str, docker_runtime: Runtime
) -> None:
    found = verify(
        find_challenge(challenge), lambda: docker_runtime, jobs=2, on_verdict=lambda v: print(v.case, v.complaints)
    )
    complaints = {v.case.name: v.complaints for v in found.verdicts if v.complaints}
    assert complaints == {}
    assert found.unproven == []
    assert next(v for v in found.verdicts if v.case.role == "reference").value == 100


@pytest.mark.slow
@pytest.mark.parametrize("challenge", IDS)
def test_the_reference_scores_100_without_an_engine(challenge: str) -> None:
    record = on_processes(challenge, find_challenge(challenge).reference)
    assert lost(record) == {}
    assert record.score.value == 100
    assert record.band == "exceeds"


@pytest.mark.slow
@pytest.mark.parametrize("challenge", SOLUTIONS)
def test_an_honest_alternative_scores_at_least_95(challenge: str) -> None:
    record = on_processes(challenge, ALTERNATIVES / challenge)
    assert (record.score.value or 0) >= HONEST, lost(record)


@pytest.mark.slow
def test_the_sample_is_honest_and_not_perfect() -> None:
    record = on_processes("users_api", find_challenge("users_api").folder / "sample")
    assert record.gradable
    assert 50 <= (record.score.value or 0) < 95
    assert "not_assessed" not in {c.outcome for c in record.checks}
