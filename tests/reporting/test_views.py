"""From a record to what a reader wants to see first."""

from __future__ import annotations

from harness.record import CheckResult, EvidenceItems, Exchange, Outcome, Question
from harness.reporting import views
from tests.reporting import records
from tests.reporting.records import make_check, make_record


def ids(found: tuple[views.Item, ...]) -> list[str]:
    return [item.check.id for item in found]


def test_findings_are_ranked_by_lost_points_then_tier() -> None:
    checks = [
        make_check("bonus", "fail", tier="bonus", points=4),
        make_check("small", "fail", points=2),
        make_check("half", "partial", points=10, fraction=0.5),
        make_check("must", "fail", tier="must", points=4),
        make_check("should", "fail", points=4),
    ]
    found = views.groups(make_record(checks))
    assert ids(found.findings) == ["half", "must", "should", "bonus", "small"]
    assert ids(views.worst_findings(found)) == ["half", "must", "should"]


def test_what_a_failure_blocks_counts_for_its_rank() -> None:
    checks = [
        make_check("big", "fail", points=6),
        make_check("root", "fail", points=4),
        make_check("child", "blocked", points=4, blocked_by=["root"]),
    ]
    found = views.groups(make_record(checks))
    assert ids(found.findings) == ["root", "big"]


def test_a_blocked_check_stands_under_the_root_of_its_chain() -> None:
    checks = [
        make_check("grandchild", "blocked", blocked_by=["child"]),
        make_check("child", "blocked", blocked_by=["root"]),
        make_check("root", "fail"),
    ]
    (root,) = views.groups(make_record(checks)).findings
    assert ids(root.blocked) == ["grandchild", "child"]


def test_checks_that_block_each_other_are_still_shown_once() -> None:
    checks = [make_check("a", "blocked", blocked_by=["b"]), make_check("b", "blocked", blocked_by=["a"])]
    found = views.groups(make_record(checks))
    assert sorted(i.check.id for cause in found.causes for i in cause.blocked) == ["a", "b"]


def test_a_cause_that_is_no_check_has_a_heading_of_its_own() -> None:
    (cause,) = views.groups(records.never_started()).causes
    assert cause.title == "The app never started"
    assert len(cause.blocked) == len(records.never_started().checks)


def test_every_check_is_in_exactly_one_group() -> None:
    for make in records.ALL.values():
        record = make()
        found = views.groups(record)
        tops = [*found.findings, *found.unassessed, *found.passed, *found.inapplicable]
        under = [i for top in tops for i in top.blocked] + [i for cause in found.causes for i in cause.blocked]
        assert sorted(i.anchor for i in [*tops, *under]) == sorted(i.anchor for i in views.items(record))


def test_anchors_are_unique_and_plain() -> None:
    record = make_record([make_check('a"><b'), make_check("a-b"), make_check("A B"), make_check("☃")])
    anchors = [item.anchor for item in views.items(record)]
    assert anchors == ["check-a-b", "check-a-b--2", "check-a-b--3", "check-check"]


def test_strengths_are_senior_first_and_of_different_skills() -> None:
    checks = [
        make_check("junior", skill="craft", level="junior", points=20),
        make_check("first", skill="data", level="senior", points=5),
        make_check("second", skill="data", level="senior", points=4),
        make_check("mid", skill="errors", level="mid", points=1),
        make_check("failed", "fail", skill="async", level="senior"),
    ]
    assert ids(views.strengths(views.groups(make_record(checks)))) == ["first", "mid", "junior"]


def test_an_unassessed_must_have_is_not_called_missed() -> None:
    checks = [
        make_check("lost", "not_assessed", tier="must"),
        make_check("half", "partial", tier="must", fraction=0.5),
        make_check("stuck", "blocked", tier="must", blocked_by=["half"]),
        make_check("good", tier="must"),
    ]
    assert ids(views.missed_musts(make_record(checks))) == ["half", "stuck"]


def test_questions_come_from_failures_and_then_from_what_a_senior_gets_right() -> None:
    def question(ask: str) -> Question:
        return Question(ask=ask, junior="j", senior="s")

    checks = [
        make_check("easy", question=question("easy")),
        make_check("senior", level="senior", question=question("deep")),
        make_check("twin", level="senior", question=question("why")),
        make_check("failed", "fail", question=question("why")),
        make_check("blocked", "blocked", blocked_by=["failed"], question=question("never")),
    ]
    found = views.interview(views.groups(make_record(checks)))
    assert [a.question.ask for a in found.probe] == ["why"]
    assert [a.question.ask for a in found.deepen] == ["deep"]


def test_a_skill_row_says_what_was_tested_at_each_level() -> None:
    checks = [
        make_check("j", level="junior"),
        make_check("m", "partial", level="mid", fraction=0.5),
        make_check("n", "not_assessed", level="senior"),
    ]
    (row,) = views.skill_rows(make_record(checks))
    assert (row.level, row.judged, row.unassessed) == ("junior", 2, 1)
    assert [cell.state for cell in row.cells] == ["held", "partly", "untested"]


def test_a_skill_of_which_nothing_was_assessed_still_has_a_row() -> None:
    rows = views.skill_rows(make_record([make_check("a"), make_check("b", "not_assessed", skill="async")]))
    assert [(row.skill, row.judged) for row in rows] == [("data", 1), ("async", 0)]


def exchanged(outcome: Outcome, times: int) -> CheckResult:
    told = [Exchange(request=f"GET /{n}", response="200") for n in range(1, times + 1)]
    return make_check("a", outcome, evidence=EvidenceItems(transcript=told))


def test_of_a_pass_the_first_and_the_last_exchanges_are_shown_by_their_numbers() -> None:
    shown = views.transcript(exchanged("pass", 40))
    assert [number for number, _ in shown.exchanges] == [1, 2, 40]
    assert shown.left_out == 37
    assert views.transcript(exchanged("pass", 3)).left_out == 0


def test_of_a_loss_the_last_exchanges_are_shown() -> None:
    shown = views.transcript(exchanged("fail", 40))
    assert [number for number, _ in shown.exchanges] == list(range(34, 41))
    assert shown.left_out == 33


def test_of_a_loss_the_exchange_that_shows_it_is_never_left_out() -> None:
    check = exchanged("fail", 40)
    told = list(check.evidence.transcript)
    told[9] = told[9].model_copy(update={"shows": True})
    shown = views.transcript(
        check.model_copy(update={"evidence": check.evidence.model_copy(update={"transcript": told})})
    )
    assert [number for number, _ in shown.exchanges] == [4, 5, 6, 7, 8, 9, 10, 11]
    assert shown.left_out == 32


def test_headers_that_every_request_has_are_not_drawn() -> None:
    sent = 'GET /x HTTP/1.1\nHost: 127.0.0.1:8000\nAccept: */*\nUser-Agent: python-httpx/0.28.1\nIf-Match: "a"\n\nbody'
    came = 'HTTP/1.1 200 OK\nDate: Mon, 23 Nov 2026 23:35:19 GMT\nserver: uvicorn\netag: "b"\n\n{}'
    shown = views.brief(Exchange(request=sent, response=came))
    assert shown.request == 'GET /x HTTP/1.1\nIf-Match: "a"\n\nbody'
    assert shown.response == 'HTTP/1.1 200 OK\netag: "b"\n\n{}'
