"""The bundled challenges: whole, proven, and fair to solutions that were written from the brief alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.grade import GradeRequest, grade
from harness.kill_matrix import draw_matrix
from harness.packs import challenge_folders, find_challenge, unlisted
from harness.proofs import COMMAND, missing_proofs, read_proofs
from harness.record import GradeRecord
from harness.runtime.base import Runtime
from harness.runtime.process import ProcessRuntime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.runtime.warm import WarmRuntime
from harness.verify import Case, lay_out, verify
from tests.packaging.tree import ROOT

ALTERNATIVES = Path(__file__).parent / "catalogue" / "alternatives"
IDS = sorted(challenge_folders())
# Each by somebody who had nothing but the brief, in a style of their own.
SOLUTIONS = sorted(path.name for path in ALTERNATIVES.iterdir())
HONEST = 95
# What is graded whole, to see that a warm verification says the same.
WHOLE = [("users_api", "cursor-pages"), ("model_serving", "off-the-loop"), ("live_feed", "rooms")]


def lost(record: GradeRecord) -> dict[str, str]:
    return {c.id: f"{c.outcome}: {c.summary} {c.reason}" for c in record.checks if c.outcome != "pass"}


def processes() -> Runtime:
    return ProcessRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))


def on_processes(challenge: str, source: Path) -> GradeRecord:
    return grade(GradeRequest(str(source), find_challenge(challenge)), processes)


@pytest.fixture(scope="session")
def docker_runtime(base_image: str) -> Runtime:
    from harness.runtime.docker import DockerRuntime
    from harness.runtime.docker.build import BuildOptions

    return DockerRuntime(base_image=base_image, options=BuildOptions(ca_bundle(None)))


@pytest.fixture
def warm_runtime() -> Iterator[WarmRuntime]:
    runtime = WarmRuntime(VenvBuilder(ca_bundle=ca_bundle(None)))
    yield runtime
    runtime.close()


@pytest.mark.parametrize("challenge", IDS)
def test_every_part_of_a_challenge_is_there_and_every_check_has_a_mutant(challenge: str) -> None:
    found = find_challenge(challenge, whole=True)
    assert unlisted(found) == []
    assert sorted({mutant.check for mutant in found.mutants().values()}) == sorted(found.spec.checks)


@pytest.mark.parametrize("challenge", IDS)
def test_every_case_has_a_valid_proof(challenge: str) -> None:
    missing = missing_proofs(find_challenge(challenge))
    assert missing == {}, f"renew them: {COMMAND.format(id=challenge)}, or make prove"


@pytest.mark.parametrize("challenge", IDS)
def test_a_kept_proof_is_of_a_mutant_that_fails_its_check_and_only_it(challenge: str) -> None:
    found = find_challenge(challenge)
    proofs = read_proofs(found)
    assert proofs["reference"].score == 100
    assert proofs["reference"].failed == {}
    for name, mutant in found.mutants().items():
        failed = {check for check, outcome in proofs[name].failed.items() if outcome != "blocked"}
        assert failed == {mutant.check}, name


def test_the_published_kill_matrix_is_drawn_from_the_kept_proofs() -> None:
    page = (ROOT / "docs" / "kill-matrix.md").read_text("utf-8")
    assert page == draw_matrix([find_challenge(name) for name in IDS]), "renew it: make prove"


@pytest.mark.parametrize("challenge", IDS)
def test_a_brief_names_every_check_and_what_is_visible_and_scored(challenge: str) -> None:
    found = find_challenge(challenge)
    text = found.brief.read_text("utf-8")
    assert [check for check in found.spec.checks if f"`{check}`" not in text] == []
    assert [name for name in found.spec.environment if f"`{name}`" not in text] == []


@pytest.mark.docker
@pytest.mark.integration
@pytest.mark.timeout(900)
@pytest.mark.parametrize("challenge", IDS)
def test_the_reference_scores_100(challenge: str, docker_runtime: Runtime) -> None:
    found = find_challenge(challenge)
    record = grade(GradeRequest(str(found.reference), found), lambda: docker_runtime)
    assert lost(record) == {}
    assert record.score.value == 100
    assert record.band == "exceeds"


@pytest.mark.extended
@pytest.mark.timeout(900)
@pytest.mark.parametrize("challenge", IDS)
def test_the_reference_scores_100_without_an_engine(challenge: str) -> None:
    record = on_processes(challenge, find_challenge(challenge).reference)
    assert lost(record) == {}
    assert record.score.value == 100


@pytest.mark.docker
@pytest.mark.extended
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("challenge", "mutant"), WHOLE)
def test_a_warm_verification_says_what_a_whole_grade_says(
    challenge: str, mutant: str, docker_runtime: Runtime, warm_runtime: WarmRuntime
) -> None:
    found = find_challenge(challenge)
    outcomes = []
    for runtime in (docker_runtime, warm_runtime):
        result = verify(found, lambda made=runtime: made, only=[mutant])  # type: ignore[misc]
        assert [verdict.complaints for verdict in result.verdicts] == [()]
        outcomes.append(result.verdicts[0].outcomes)
    assert outcomes[0] == outcomes[1]


@pytest.mark.extended
@pytest.mark.timeout(900)
@pytest.mark.parametrize("challenge", SOLUTIONS)
def test_an_honest_alternative_scores_at_least_95(challenge: str) -> None:
    record = on_processes(challenge, ALTERNATIVES / challenge)
    assert (record.score.value or 0) >= HONEST, lost(record)


@pytest.mark.extended
def test_the_sample_is_honest_and_not_perfect() -> None:
    record = on_processes("users_api", find_challenge("users_api").folder / "sample")
    assert record.gradable
    assert 50 <= (record.score.value or 0) < 95
    assert "not_assessed" not in {c.outcome for c in record.checks}


@pytest.mark.extended
def test_a_failed_gate_points_to_the_blocking_call_behind_a_helper(tmp_path: Path) -> None:
    challenge = find_challenge("model_serving")
    source = lay_out(challenge, Case("mutant", "off-the-loop", 1), tmp_path)
    record = grade(GradeRequest(str(source), challenge, only=("predict", "off-the-loop")), processes)
    (failed,) = [check for check in record.checks if check.outcome == "fail"]
    places = [(place.rule, place.message) for place in failed.evidence.code]
    assert failed.id == "off-the-loop"
    assert [rule for rule, _ in places] == ["blocking-call"]
    assert "through read_digits()" in places[0][1]
    assert {signal.id for signal in record.signals if not signal.good} == {"blocking-call"}
    listing = {file.path: file for file in record.sources}
    assert "def read_digits" in listing["app/batching.py"].text
