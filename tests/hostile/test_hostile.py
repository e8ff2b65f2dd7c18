"""Every attack of the catalogue, graded: it is tried, it ends, and it reaches, changes and leaves nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.record import GradeRecord
from tests.hostile.attacks import ATTACKS, CODE, SERVICE, Attack, choose_attacks
from tests.hostile.conftest import ROW
from tests.hostile.grades import FinishedGrade, GradeProcess, list_traces
from tests.hostile.submissions import CATALOGUE, HELPERS, copy_honest, proof_of
from tests.hostile.surroundings import Surroundings, list_leftovers, list_processes_in

pytestmark = [pytest.mark.docker, pytest.mark.timeout(2400)]
# What would stand somewhere if an attack had worked.
_NEVER = ("PWNED", "root:x:0", "REACHED", "ESCAPED", "OWNED [", "FOUND [", "grader-secret", 'FORGED", "outcome')
# The harness holds about 70 MB for an honest submission.
_MEMORY = 270 * 1024**2
_REPORT = 2_500_000


def list_cases(*, hole: bool) -> list[object]:
    """The chosen attacks, each with the mark of its tier: those that succeed so far, or all others."""
    return [
        pytest.param(a, id=a.name, marks=pytest.mark.integration if a.stands_for else pytest.mark.extended)
        for a in choose_attacks()
        if bool(a.hole) is hole
    ]


def start_grade(attack: Attack, folder: Path, surroundings: Surroundings) -> GradeProcess:
    source = attack.make(folder / attack.name)
    if isinstance(source, Path) and (source / "app").is_dir():
        (source / "app" / "target.json").write_text(surroundings.sentinel.target())
    arguments = [*attack.arguments, *(["--index-url", surroundings.index.url] if attack.index else [])]
    return GradeProcess(str(source), folder / "out", surroundings.base_image, *arguments, prelude=attack.prelude)


def start_honest(folder: Path, surroundings: Surroundings) -> GradeProcess:
    return GradeProcess(str(copy_honest(folder / "honest")), folder / "out-honest", surroundings.base_image)


def grade_attack(
    attack: Attack, folder: Path, surroundings: Surroundings
) -> tuple[FinishedGrade, FinishedGrade | None]:
    """The grade of an attack, and of an honest submission beside or after it, where it wants one."""
    asked = len(surroundings.index.requests)
    honest: FinishedGrade | None = None
    with ExitStack() as running:
        hostile = running.enter_context(start_grade(attack, folder, surroundings))
        if attack.honest == "beside":
            neighbour = running.enter_context(start_honest(folder, surroundings))
            honest = neighbour.finish()
        found = hostile.finish()
    found.requests = surroundings.index.requests[asked:]
    if attack.honest == "after":
        with start_honest(folder, surroundings) as next_one:
            honest = next_one.finish()
    return found, honest


def list_lost(record: GradeRecord) -> set[str]:
    return {check.id for check in record.checks if check.outcome not in ("pass", "not_applicable")}


def list_missing_traces(attack: Attack, traces: str) -> list[str]:
    return [trace for trace in attack.traces if not re.search(trace, traces, re.MULTILINE)]


def make_row(attack: Attack, found: FinishedGrade) -> str:
    """The cells of the attack's row in the table, as JSON."""
    record = found.record
    score = "-" if record is None or record.score.value is None else f"{record.score.value:.1f}"
    blame = "refused" if record is None else record.problem.fault if record.problem else "-"
    numbers = (f"{found.seconds:.0f}", f"{found.memory / 1e6:.0f}")
    return json.dumps(
        [attack.name, ",".join(map(str, attack.threats)), found.code, score, blame, *numbers, attack.what]
    )


@pytest.mark.parametrize("attack", list_cases(hole=False))
def test_an_attack_is_tried_and_fails(
    attack: Attack,
    surroundings: Surroundings,
    tmp_path: Path,
    subtests: pytest.Subtests,
    record_property: Callable[[str, object], None],
) -> None:
    reached = len(surroundings.sentinel.reached)
    found, honest = grade_attack(attack, tmp_path, surroundings)
    record_property(ROW, make_row(attack, found))
    record = found.record
    with subtests.test("it has left the traces that show that it was tried"):
        assert list_missing_traces(attack, traces := list_traces(found)) == [], traces
    with subtests.test("its grade ends with the right exit code"):
        assert found.code in attack.codes, found.printed[-3000:]
        assert (record is None) == (found.code == 2)
    with subtests.test("the submission is blamed, if anything is"):
        assert record is None or list_blamed(record) <= {"submission"}, found.printed[-3000:]
    with subtests.test("it earns what it deserves and nothing else"):
        expect_deserved(attack, record)
    with subtests.test("nothing that it was after stands anywhere"):
        # Its own source is listed, and has the words that it would print.
        document = record.model_copy(update={"sources": []}).model_dump_json() if record else ""
        assert [never for never in _NEVER if never in found.printed + document] == []
    with subtests.test("the report shows it harmlessly"):
        assert record is None or list_harms(found) == []
    with subtests.test("the harness needs little more memory than for an honest submission"):
        assert found.memory < _MEMORY
    with subtests.test("nothing outside was reached"):
        assert surroundings.sentinel.reached[reached:] == []
        assert not proof_of(tmp_path / attack.name).exists()
    with subtests.test("nothing was left behind"):
        assert [*found.left, *list_left(found, surroundings)] == []
    with subtests.test("no shared image was changed"):
        assert surroundings.images.list_changed(record.environment.image if record else "") == []
    if attack.honest:
        with subtests.test(f"an honest submission {attack.honest} it gets its usual score"):
            assert honest is not None
            assert honest.record is not None, honest.printed
            assert honest.record.score.value == 100.0, honest.printed
            assert list_left(honest, surroundings) == []


def list_blamed(record: GradeRecord) -> set[str | None]:
    blamed: set[str | None] = {check.fault for check in record.checks if check.outcome == "not_assessed"}
    return blamed | ({record.problem.fault} if record.problem else set())


def expect_deserved(attack: Attack, record: GradeRecord | None) -> None:
    if record is None or not record.checks:
        return
    if attack.loses is not None:
        assert list_lost(record) & SERVICE == attack.loses
    elif not record.gradable:
        assert record.score.value is None
    if attack.loses_code is not None:
        assert list_lost(record) & CODE == attack.loses_code


def list_harms(found: FinishedGrade) -> list[str]:
    """What a report must not have, or lacks."""
    harms = [text for text in ("<script>alert", "<img src=x") if text in found.report]
    if "\x1b" in found.report + found.printed:
        harms.append("terminal codes")
    if 'http-equiv="Content-Security-Policy" content="default-src' not in found.report:
        harms.append("no policy")
    return [*harms, *(["too large"] if len(found.report) >= _REPORT else [])]


def list_left(found: FinishedGrade, surroundings: Surroundings) -> list[str]:
    """What a grade has left in the engine and of its containers' processes."""
    left = list_leftovers(surroundings.client, found.pid)
    # Not every grade gets as far as a container.
    if found.record is None or not found.record.environment.image:
        return left
    return left + list_processes_in(surroundings.watch.containers_of(found.pid))


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="see `hole` of the attack and docs/security.md")
@pytest.mark.parametrize("attack", list_cases(hole=True))
def test_an_attack_that_succeeds_so_far_fails(attack: Attack, surroundings: Surroundings, tmp_path: Path) -> None:
    found, _ = grade_attack(attack, tmp_path, surroundings)
    assert list_missing_traces(attack, list_traces(found)) == []
    assert found.record is not None
    assert list_blamed(found.record) <= {"submission"}


@pytest.mark.extended
def test_a_submission_that_tries_nothing_leaves_no_trace(surroundings: Surroundings, tmp_path: Path) -> None:
    """So a trace that is found shows something, for each attack."""
    source = copy_honest(tmp_path / "nothing")
    for helper in HELPERS:
        (source / "app" / f"{helper}.py").write_text((CATALOGUE / "attacks" / f"{helper}.py").read_text())
    (source / "app" / "target.json").write_text(surroundings.sentinel.target())
    with GradeProcess(str(source), tmp_path / "out", surroundings.base_image) as running:
        traces = list_traces(running.finish())
    assert "check alive: pass" in traces
    assert [attack.name for attack in ATTACKS if not list_missing_traces(attack, traces)] == []
