"""Proofs: kept by case, valid until something that they depend on changes, and sampled by a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.challenge import Challenge, load_challenge
from harness.errors import UsageError
from harness.kill_matrix import draw_matrix
from harness.proofs import (
    Proof,
    differences,
    missing_proofs,
    proof_file,
    proof_key,
    proof_of,
    read_proofs,
    sample,
    write_proofs,
)
from harness.skeleton import write_skeleton
from harness.verify import Case, Role, Verdict

NAMES: tuple[tuple[Role, str], ...] = (
    ("reference", "reference"),
    ("starter", "starter"),
    ("mutant", "greeting"),
)


@pytest.fixture
def challenge(tmp_path: Path) -> Challenge:
    return load_challenge(write_skeleton("my_task", tmp_path))


def verdict(role: Role, name: str, **outcomes: str) -> Verdict:
    value = {"reference": 100.0, "starter": 0.0}.get(role, 40.0)
    return Verdict(Case(role, name, 1), outcomes or {"greeting": "pass"}, value, (), 1.0)


@pytest.fixture
def proven(challenge: Challenge) -> Challenge:
    """A challenge all of whose cases have a proof."""
    proofs = {}
    for role, name in NAMES:
        one = verdict(role, name, greeting="pass" if role == "reference" else "fail")
        found = proof_of(challenge, one, proof_key(challenge, one.case), quick=True)
        assert found is not None
        proofs[name] = found
    write_proofs(challenge, proofs)
    return challenge


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_without_a_file_every_case_is_missing(challenge: Challenge) -> None:
    assert missing_proofs(challenge) == dict.fromkeys(("reference", "starter", "greeting"), "never proven")


def test_what_was_kept_is_valid_as_long_as_nothing_changes(proven: Challenge) -> None:
    assert missing_proofs(proven) == {}


def test_a_line_holds_what_failed_and_nothing_that_passed(proven: Challenge) -> None:
    proofs = read_proofs(proven)
    assert proofs["greeting"].failed == {"greeting": "fail"}
    assert proofs["reference"].failed == {}
    assert [line.split('"')[3] for line in proof_file(proven).read_text().splitlines()] == [name for _, name in NAMES]


@pytest.mark.parametrize(
    ("file", "old", "new", "stale"),
    [
        ("mutants/greeting.patch", "A name", "Every name", {"greeting": "mutant"}),
        ("starter/app/main.py", "import", "import  ", {"starter": "starter"}),
        (
            "graders/test_greeting.py",
            "import",
            "import ",
            dict.fromkeys(("reference", "starter", "greeting"), "graders"),
        ),
        ("challenge.toml", "version", "version ", dict.fromkeys(("reference", "starter", "greeting"), "challenge")),
    ],
)
def test_a_change_makes_stale_what_depends_on_it(
    proven: Challenge, file: str, old: str, new: str, stale: dict[str, str]
) -> None:
    edit(proven.folder / file, old, new)
    assert missing_proofs(proven) == {case: f"changed since: {part}" for case, part in stale.items()}


def test_prose_makes_nothing_stale(proven: Challenge) -> None:
    edit(proven.folder / "BRIEF.md", "a", "e")
    assert missing_proofs(proven) == {}


def test_a_proof_of_a_case_that_is_gone_is_told(proven: Challenge) -> None:
    (proven.folder / "mutants/greeting.patch").unlink()
    assert missing_proofs(proven) == {"greeting": "there is no such case any more"}


def test_what_was_not_as_expected_is_no_proof(challenge: Challenge) -> None:
    wrong = Verdict(Case("mutant", "greeting", 1), {"greeting": "pass"}, 100.0, ("greeting does not fail",), 1.0)
    assert proof_of(challenge, wrong, proof_key(challenge, wrong.case), quick=True) is None


def test_what_has_changed_while_it_was_verified_is_no_proof(challenge: Challenge) -> None:
    found = verdict("mutant", "greeting", greeting="fail")
    key = proof_key(challenge, found.case)
    edit(challenge.folder / "graders/test_greeting.py", "import", "import ")
    assert proof_of(challenge, found, key, quick=True) is None


def test_a_proof_says_what_was_left_out(challenge: Challenge) -> None:
    edit(challenge.folder / "challenge.toml", "[checks.greeting]", "[checks.lint]")
    listed = load_challenge(challenge.folder)
    failed = verdict("mutant", "greeting", greeting="fail")
    found = proof_of(listed, failed, proof_key(listed, failed.case), quick=True)
    assert found is not None
    assert found.left_out == ("lint",)


def test_a_line_that_is_no_proof_is_refused_with_its_number(proven: Challenge) -> None:
    path = proof_file(proven)
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(UsageError) as caught:
        read_proofs(proven)
    assert f"{path}:4" in str(caught.value)


def test_an_outcome_other_than_the_kept_one_is_told() -> None:
    proof = Proof(case="a", score=1.0, failed={"a": "fail", "b": "blocked"}, left_out=("d",), key={})
    found = verdict("mutant", "a", a="fail", b="pass", c="fail", d="fail")
    assert differences(proof, found) == [
        "b: pass, the kept proof says blocked",
        "c: fail, the kept proof says pass",
    ]
    assert differences(proof, verdict("mutant", "a", a="fail", b="blocked", c="pass")) == []


def test_a_sample_is_a_share_that_the_key_chooses() -> None:
    names = [f"case-{number}" for number in range(75)]
    first = sample(names, 5, "one commit")
    assert len(first) == 4
    assert first == sample(reversed(names), 5, "one commit")
    assert first != sample(names, 5, "another commit")
    assert set(first) < set(names)


def test_a_sample_has_one_case_at_least_where_there_is_any() -> None:
    assert len(sample(["a", "b"], 1, "key")) == 1
    assert sample([], 5, "key") == []


def test_in_the_long_run_every_case_is_sampled() -> None:
    names = [f"case-{number}" for number in range(20)]
    assert {name for key in range(400) for name in sample(names, 5, str(key))} == set(names)


def test_the_matrix_has_a_row_for_each_mutant(proven: Challenge) -> None:
    page = draw_matrix([proven])
    assert "1 checks, 1 mutants, 1 proven. The reference scores 100. The starter scores 0." in page
    assert "| `greeting` | A name may be as long as it likes. | `greeting` |  | 40.0 |" in page


def test_a_mutant_without_a_proof_is_in_the_matrix_as_that(challenge: Challenge) -> None:
    assert "| `greeting` | A name may be as long as it likes. | not proven |" in draw_matrix([challenge])
