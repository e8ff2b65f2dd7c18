"""What people say of a grade, next to the machine's score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.human import Agreement, Criterion, Rating
from harness.record import Problem
from harness.reporting.reviews import Beside, Row, agreed, beside, told
from harness.review_log import Amended, Override, Review, Submitted
from tests.reporting.records import make_check, make_record

RECORD = make_record([make_check("types"), make_check("race", "fail")])
NAMING = Criterion(id="naming", title="Names say what things are", anchors=list("abcde"))
TESTS = Criterion(id="tests", title="Tests would notice", anchors=list("abcde"))
CRITERIA = [NAMING, TESTS]
ADA = Submitted(by="Ada", ratings={"naming": Rating(level=1, comment="x1,\nx2"), "tests": Rating(level=3)})
BO = Submitted(by="Bo", ratings={"naming": Rating(level=3), "tests": Rating(skip="no time")})
AMENDED = Amended(by="Ada", criterion="naming", rating=Rating(level=2), reason="We\ntalked.")
OVERRIDE = Override(by="Bo", check="race", to="pass", reason="The\nbrief is unclear.")
BOTH = Review(reviews=(ADA, BO), amended=(AMENDED,), overrides=(OVERRIDE,), stale=True)


def test_nothing_is_shown_before_all_reviews_are_in() -> None:
    assert beside(RECORD, Review(reviews=(ADA,)), CRITERIA) is None


def test_one_reviewer_who_works_alone_has_nobody_to_agree_with() -> None:
    alone = ADA.model_copy(update={"alone": True})
    assert beside(RECORD, Review(reviews=(alone,)), CRITERIA) == Beside(
        reviewers=("Ada",),
        rows=(Row(NAMING, (ADA.ratings["naming"],), False), Row(TESTS, (ADA.ratings["tests"],), False)),
        agreement=None,
        amended=(),
        overrides=(),
        outcomes={"types": "passed", "race": "failed"},
        stale=False,
    )


def test_two_reviews_stand_side_by_side_and_gaps_are_named() -> None:
    assert beside(RECORD, BOTH, CRITERIA) == Beside(
        reviewers=("Ada", "Bo"),
        rows=(
            Row(NAMING, (ADA.ratings["naming"], BO.ratings["naming"]), True),
            Row(TESTS, (ADA.ratings["tests"], BO.ratings["tests"]), False),
        ),
        agreement=Agreement(pairs=1, exact=0, gaps=("naming",), kappa=None),
        amended=(AMENDED,),
        overrides=(OVERRIDE,),
        outcomes={"types": "passed", "race": "failed"},
        stale=True,
    )


def test_a_criterion_that_only_one_rated_has_an_empty_place() -> None:
    found = beside(RECORD, Review(reviews=(ADA, replace_ratings(BO, "tests"))), CRITERIA)
    assert found is not None
    assert found.rows[0].ratings == (ADA.ratings["naming"], None)


def replace_ratings(review: Submitted, *kept: str) -> Submitted:
    return review.model_copy(update={"ratings": {name: review.ratings[name] for name in kept}})


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Agreement(pairs=0, exact=0, gaps=(), kappa=None), "There is nothing that both rated."),
        (Agreement(pairs=1, exact=1, gaps=(), kappa=None), "The same level for 1 of 1 criterion."),
        (
            Agreement(pairs=6, exact=4, gaps=(), kappa=0.5),
            "The same level for 4 of 6 criteria; weighted kappa 0.5, over so few no more than a hint.",
        ),
    ],
)
def test_agreement_is_one_sentence(found: Agreement, says: str) -> None:
    assert agreed(found) == says


def test_a_terminal_is_told_everything_in_lines() -> None:
    assert list(told(RECORD, BOTH, CRITERIA)) == [
        "Machine: Partly meets the brief, 50 of 100",
        "People: Ada, Bo",
        "  1 and 3      Names say what things are   more than a level apart: talk about it",
        "      Ada: x1, x2",
        "  3 and skipped Tests would notice",
        "      Bo: no time",
        "The same level for 0 of 1 criterion.",
        "Ada on naming afterwards: 2. We talked.",
        "race: failed by machine, passed to Bo. The brief is unclear.",
        "Some of this was said of another result.json than the one that lies there now.",
    ]


def test_a_terminal_is_told_of_one_reviewer_without_agreement_and_of_a_check_that_is_gone() -> None:
    alone = replace_ratings(ADA, "tests").model_copy(update={"alone": True})
    gone = OVERRIDE.model_copy(update={"check": "gone", "to": "not_assessed"})
    assert list(told(RECORD, Review(reviews=(alone,), overrides=(gone,)), CRITERIA)) == [
        "Machine: Partly meets the brief, 50 of 100",
        "People: Ada",
        "  skipped      Names say what things are",
        "  3            Tests would notice",
        "gone: not there by machine, not assessed to Bo. The brief is unclear.",
    ]


def test_before_all_reviews_are_in_a_terminal_is_told_the_machines_word_alone() -> None:
    problem = Problem(fault="environment", what="the engine is gone")
    record = make_record([make_check("a", "not_assessed")], problem=problem)
    assert list(told(record, Review(reviews=(ADA,)), CRITERIA)) == ["Machine: Not gradable, run again"]


def test_long_names_and_texts_are_cut() -> None:
    long = "y" * 700
    ada = ADA.model_copy(update={"by": "A" * 41, "ratings": {"naming": Rating(level=1, comment=long)}})
    review = replace(
        BOTH,
        reviews=(ada, BO),
        amended=(AMENDED.model_copy(update={"by": "B" * 41, "reason": long}),),
        overrides=(OVERRIDE.model_copy(update={"by": "C" * 41, "reason": long}),),
    )
    name, text = "{0}" * 39 + "…", "y" * 599 + "…"
    lines = list(told(RECORD, review, [NAMING]))
    assert lines[1] == f"People: {name.format('A')}, Bo"
    assert lines[3] == f"      {name.format('A')}: {text}"
    assert lines[5] == f"{name.format('B')} on naming afterwards: 2. {text}"
    assert lines[6] == f"race: failed by machine, passed to {name.format('C')}. {text}"
