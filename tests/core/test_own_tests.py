"""What the record says of the candidate's own tests, whatever was printed about them."""

from __future__ import annotations

import pytest

from harness.own_tests import own_tests_of, with_coverage
from harness.record import SourceFile

DOCUMENT = {
    "problem": "",
    "seconds": 2.5,
    "counts": {"passed": 3, "failed": 1, "error": 0, "skipped": 2},
    "failures": [{"id": "tests/test_a.py::test_b", "message": "assert 1 == 2"}],
    "coverage": {"app/main.py": [[1, 3], [4]], "app/other.py": [[], [1]]},
    "faults": [{"id": "row", "title": "a row is missing", "outcome": "noticed", "by": "tests/test_a.py::test_c"}],
}


def test_coverage_is_the_share_of_all_statements() -> None:
    tests, _ = own_tests_of(2, DOCUMENT, "")
    assert (tests.files, tests.passed, tests.failed, tests.skipped, tests.coverage) == (2, 3, 1, 2, 50.0)
    assert tests.faults[0].outcome == "noticed"


def test_each_line_has_a_letter_in_the_listing() -> None:
    _, letters = own_tests_of(2, DOCUMENT, "")
    files = [
        SourceFile(path="app/main.py", text="a\nb\nc\nd\ne", types="....."),
        SourceFile(path="app/none.py", text="a", types="."),
    ]
    assert [file.coverage for file in with_coverage(files, letters)] == ["c.cm.", ""]


def test_without_a_document_the_reason_is_kept() -> None:
    tests, letters = own_tests_of(2, None, "what they need can't be installed: no such release")
    assert tests.problem == "what they need can't be installed: no such release"
    assert (tests.passed, tests.coverage, letters) == (0, None, {})


@pytest.mark.parametrize(
    "change",
    [
        {"counts": {"passed": "many"}},
        {"counts": {"passed": -1}},
        {"faults": [{"id": "x", "title": "x", "outcome": "won"}]},
        {"coverage": {"a.py": [1]}},
        {"failures": "none"},
    ],
)
def test_a_document_that_does_not_fit_is_said_to_be_none(change: dict[str, object]) -> None:
    tests, letters = own_tests_of(1, {**DOCUMENT, **change}, "")
    assert tests.problem.startswith("what was printed about them does not fit")
    assert letters == {}


def test_a_line_far_beyond_the_file_costs_nothing() -> None:
    _, letters = own_tests_of(1, {"coverage": {"a.py": [[10**12], []]}}, "")
    assert len(letters["a.py"]) == 100_000
