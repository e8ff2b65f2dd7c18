"""The catalogue and its documentation: every threat has its row, every attack its place."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.attacks import ATTACKS, MYPY_CONFIG, RUFF_CONFIG, choose_attacks
from tests.hostile.submissions import CATALOGUE, HELPERS, add_code, add_files, make_repository, proof_of
from tests.packaging.tree import ROOT

_THREATS = range(1, 35)


def rows() -> dict[int, str]:
    text = (ROOT / "docs" / "security.md").read_text()
    return {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)$", text, re.MULTILINE)}


def test_every_threat_has_a_row() -> None:
    assert sorted(rows()) == list(_THREATS)


def test_every_attack_stands_in_the_row_of_each_of_its_threats() -> None:
    missing = [(a.name, number) for a in ATTACKS for number in a.threats if f"`{a.name}`" not in rows()[number]]
    assert missing == []


def test_every_attack_that_a_row_names_is_there() -> None:
    names = {attack.name for attack in ATTACKS}
    named = {
        name
        for row in rows().values()
        for name in re.findall(r"`([a-z0-9-]+)`", row.rpartition("|")[0].rpartition("|")[2])
    }
    assert named - names == set()


def test_every_file_of_tests_that_a_row_names_is_there() -> None:
    paths = {path for row in rows().values() for path in re.findall(r"(?:tests|docs)/[\w/-]+(?:\.\w+)?", row)}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_attack_of_the_catalogue_is_tried() -> None:
    files = {path.stem for path in (CATALOGUE / "attacks").glob("*.py")} - set(HELPERS)
    makers = {
        a.make.__closure__[0].cell_contents
        for a in ATTACKS
        if a.make.__qualname__ == add_code("x").__qualname__ and a.make.__closure__
    }
    assert files == makers


def test_every_attack_has_a_name_of_its_own() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_every_attack_says_which_traces_it_leaves() -> None:
    assert [attack.name for attack in ATTACKS if not attack.traces or not all(attack.traces)] == []


def test_six_attacks_stand_for_their_kinds() -> None:
    kinds = [attack.stands_for for attack in ATTACKS if attack.stands_for]
    assert len(kinds) == len(set(kinds)) == 6


def test_attacks_are_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEHOME_ATTACKS", "egress escape")
    assert [attack.name for attack in choose_attacks()] == ["egress", "escape"]
    monkeypatch.setenv("TAKEHOME_ATTACKS", "")
    assert choose_attacks() == ATTACKS


def test_a_name_that_no_attack_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEHOME_ATTACKS", "egress escapes")
    with pytest.raises(pytest.UsageError, match="no attack is called escapes"):
        choose_attacks()


def test_git_runs_what_the_repository_says_if_it_is_not_kept_from_it(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "repository")
    assert not proof_of(folder).exists()
    subprocess.run(["git", "-C", str(folder), "checkout", "-q", "-f", "-b", "other"], check=False, capture_output=True)
    assert proof_of(folder).exists()


def test_mypy_runs_the_plugin_of_the_submission_if_it_is_not_kept_from_it(tmp_path: Path) -> None:
    folder = add_files({"mypy.ini": MYPY_CONFIG["mypy.ini"], "evil.py": "print('the plugin runs')\n"})(tmp_path / "x")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "app/extra.py"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "the plugin runs" in found.stdout


def test_ruff_looks_away_if_it_reads_the_configuration_of_the_submission(tmp_path: Path) -> None:
    folder = add_files({"ruff.toml": RUFF_CONFIG["ruff.toml"], "app/bad.py": "import os\n"})(tmp_path / "x")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache"]
    obeying = subprocess.run([*command, "."], cwd=folder, capture_output=True, check=False)
    isolated = subprocess.run([*command, "--isolated", "."], cwd=folder, capture_output=True, check=False)
    assert (obeying.returncode, isolated.returncode) == (0, 1)
