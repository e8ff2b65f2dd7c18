"""`takehome challenge verify` and `proofs`, as somebody who writes a challenge uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Done, takehome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert takehome("challenge", "new", "my_task", "--into", tmp_path).code == 0
    return tmp_path


def challenge(folder: Path, *arguments: str) -> Done:
    return takehome("challenge", arguments[0], "my_task", "--challenges", ".", *arguments[1:], cwd=folder)


def keep(folder: Path, **failed: str) -> None:
    """As if these outcomes had been proven, whatever the keys are."""
    lines = [
        json.dumps({"case": case, "score": None, "failed": {"greeting": outcome} if outcome else {}, "key": {}})
        for case, outcome in failed.items()
    ]
    (folder / "my_task" / "proofs.jsonl").write_text("".join(f"{line}\n" for line in lines))


def test_without_proofs_each_case_is_named_with_the_command_that_proves_it(folder: Path) -> None:
    done = challenge(folder, "proofs")
    assert done.code == 1
    assert "my_task: 3 cases, 3 without a valid proof" in done.out
    assert "greeting: never proven" in done.out
    assert "takehome challenge verify my_task --missing --write --quick" in done.out


def test_a_proof_of_something_else_is_named_with_what_has_changed(folder: Path) -> None:
    keep(folder, reference="", starter="fail", greeting="fail")
    done = challenge(folder, "proofs")
    assert done.code == 1
    assert "starter: changed since: challenge, graders, common, prober, tools, starter, analysis" in done.out


def test_a_file_of_proofs_that_can_not_be_read_is_bad_input_with_its_line(folder: Path) -> None:
    (folder / "my_task" / "proofs.jsonl").write_text("nonsense\n")
    done = challenge(folder, "proofs")
    assert done.code == 2
    assert "proofs.jsonl:1" in done.text


@pytest.mark.parametrize("other", ["--write", "--missing", "--only=greeting"])
def test_a_sample_is_of_what_is_proven_and_keeps_nothing(folder: Path, other: str) -> None:
    done = challenge(folder, "verify", "--sample", "5", other)
    assert done.code == 2
    assert "--sample" in done.text


def test_a_case_that_is_none_is_bad_input(folder: Path) -> None:
    done = challenge(folder, "verify", "--only", "greting")
    assert done.code == 2
    assert "greeting" in done.text


@pytest.mark.integration
def test_what_is_proven_is_kept_until_it_changes_and_a_sample_is_compared_with_it(folder: Path) -> None:
    done = challenge(folder, "verify", "--write", "--quick", "--matrix")
    assert done.code == 0, done.text
    assert "3 of 3 cases as expected" in done.out
    assert challenge(folder, "proofs").code == 0
    assert "nothing to verify" in challenge(folder, "verify", "--missing", "--write").out

    sampled = challenge(folder, "verify", "--quick", "--sample", "100", "--sample-key", "a commit")
    assert sampled.code == 0, sampled.text
    assert "3 of 3 cases as expected" in sampled.out
    proofs = folder / "my_task" / "proofs.jsonl"
    proofs.write_text(proofs.read_text().replace('"failed":{"greeting":"fail"}', '"failed":{"greeting":"blocked"}'))
    sampled = challenge(folder, "verify", "--quick", "--sample", "100")
    assert sampled.code == 1
    assert "greeting: greeting: fail, the kept proof says blocked" in sampled.out

    patch = folder / "my_task" / "mutants" / "greeting.patch"
    patch.write_text(patch.read_text().replace("A name", "Any name"))
    assert "greeting: changed since: mutant" in challenge(folder, "proofs").out


@pytest.mark.integration
def test_a_mutant_that_survives_is_not_kept_and_exits_with_1(folder: Path) -> None:
    keep(folder, greeting="fail")
    patch = folder / "my_task" / "mutants" / "greeting.patch"
    patch.write_text(patch.read_text().replace("min_length=1)]", "min_length=1, max_length=100, title='t')]"))
    done = challenge(folder, "verify", "--write", "--quick", "--only", "greeting")
    assert done.code == 1
    assert "greeting does not fail" in done.out
    assert (folder / "my_task" / "proofs.jsonl").read_text() == ""


def test_the_kill_matrix_is_printed_as_markdown(folder: Path) -> None:
    done = challenge(folder, "proofs", "--markdown")
    assert done.code == 0
    assert "| `greeting` | A name may be as long as it likes. | not proven |" in done.out
