"""Every attack of the catalogue, graded: it ends, blames the right party, reaches, changes and leaves nothing."""

from __future__ import annotations

import pytest

from harness.record import GradeRecord
from tests.hostile.attacks import ATTACKS, CODE, SERVICE, Attack, proof_of
from tests.hostile.campaign import Campaign, Told

pytestmark = [pytest.mark.docker, pytest.mark.late, pytest.mark.timeout(2400)]
# What would stand somewhere if an attack had worked.
_NEVER = ("PWNED", "root:x:0", "REACHED", "ESCAPED", "OWNED [", "FOUND [", "grader-secret", 'FORGED", "outcome')
_MEMORY = 200 * 1024**2
_REPORT = 2_500_000


@pytest.fixture(params=ATTACKS, ids=lambda attack: attack.name)
def attack(request: pytest.FixtureRequest) -> Attack:
    found: Attack = request.param
    return found


@pytest.fixture
def told(campaign: Campaign, attack: Attack) -> Told:
    if attack.name not in campaign.told:
        pytest.skip("not among TAKEHOME_ATTACKS")
    return campaign.told[attack.name]


def lost(record: GradeRecord) -> set[str]:
    return {c.id for c in record.checks if c.outcome not in ("pass", "not_applicable")}


def test_the_grade_ends_and_blames_the_right_party(attack: Attack, told: Told) -> None:
    assert told.code in attack.codes, told.text[-3000:]
    assert attack.says in told.text + told.document
    if told.record is None:
        assert told.code == 2
        return
    blamed = {c.fault for c in told.record.checks if c.outcome == "not_assessed"}
    if told.record.problem is not None:
        blamed.add(told.record.problem.fault)
    assert blamed <= {"submission"}, told.text[-3000:]


def test_it_earns_what_it_has_earned_and_nothing_else(attack: Attack, told: Told) -> None:
    if told.record is None or not told.record.checks:
        return
    if attack.loses is not None:
        assert lost(told.record) & SERVICE == attack.loses
    elif not told.record.gradable:
        assert told.record.score.value is None
    if attack.loses_code is not None:
        assert lost(told.record) & CODE == attack.loses_code


def test_nothing_that_it_was_after_stands_anywhere(told: Told) -> None:
    # Its own source is listed, and says what it would like to say.
    document = told.record.model_copy(update={"sources": []}).model_dump_json() if told.record else ""
    for never in _NEVER:
        assert never not in told.text
        assert never not in document


def test_the_report_shows_it_harmlessly(told: Told) -> None:
    if told.record is None:
        return
    assert "<script>alert" not in told.report
    assert "<img src=x" not in told.report
    assert "\x1b" not in told.report + told.text
    assert 'http-equiv="Content-Security-Policy" content="default-src' in told.report
    assert len(told.report) < _REPORT


def test_the_harness_needs_little_more_memory_than_for_the_honest(campaign: Campaign, told: Told) -> None:
    assert told.memory < campaign.honest[0].memory + _MEMORY


def test_an_honest_submission_beside_and_after_it_gets_its_usual_score(campaign: Campaign) -> None:
    assert {t.record.score.value if t.record else t.text for t in campaign.honest} == {100.0}


def test_nothing_outside_was_reached(campaign: Campaign) -> None:
    assert campaign.reached == []


def test_nothing_was_left_behind(campaign: Campaign) -> None:
    assert campaign.left == []


def test_nothing_was_changed(campaign: Campaign) -> None:
    assert campaign.after == campaign.before


def test_nothing_of_a_repository_was_run(campaign: Campaign) -> None:
    assert not proof_of(campaign.folder / "git-hooks").exists()
