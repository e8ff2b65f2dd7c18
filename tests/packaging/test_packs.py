"""Challenges of other people: a folder of them, and a package that is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.cli.command import takehome

PACK = Path(__file__).parent / "catalogue" / "counting_pack"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Python that has the pack as well."""
    folder = tmp_path_factory.mktemp("pack")
    uv = find_uv_bin()
    subprocess.run([uv, "build", "--wheel", "--out-dir", folder, PACK], check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    subprocess.run(
        [uv, "pip", "install", "--target", target, "--no-deps", wheel], check=True, capture_output=True, timeout=300
    )
    return {"PYTHONPATH": str(target)}


@pytest.mark.integration
def test_the_challenges_of_an_installed_pack_are_listed(installed: dict[str, str]) -> None:
    assert "count_words" in takehome("challenge", "list", env=installed).out
    assert "count_words" not in takehome("challenge", "list").out


@pytest.mark.extended
def test_a_challenge_of_an_installed_pack_verifies(installed: dict[str, str]) -> None:
    done = takehome("challenge", "verify", "count_words", "--runtime", "process", "--matrix", env=installed)
    assert done.code == 0, done.text
    assert "5 of 5 cases as expected" in done.text


def test_the_challenges_of_a_folder_are_listed() -> None:
    folder = PACK / "counting_challenges"
    assert "count_words" in takehome("challenge", "list", "--challenges", folder).out


@pytest.mark.extended
def test_a_new_challenge_verifies_as_it_is(tmp_path: Path) -> None:
    assert takehome("challenge", "new", "my_task", "--into", tmp_path).code == 0
    done = takehome("challenge", "verify", "my_task", "--challenges", ".", "--runtime", "process", cwd=tmp_path)
    assert done.code == 0, done.text
    assert "3 of 3 cases as expected" in done.text


@pytest.mark.parametrize("name", ["users-api", "Users", "9lives", "x"])
def test_a_new_challenge_needs_an_id(tmp_path: Path, name: str) -> None:
    done = takehome("challenge", "new", name, "--into", tmp_path)
    assert done.code == 2
    assert name in done.text
    assert list(tmp_path.iterdir()) == []


def test_a_new_challenge_takes_the_place_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "my_task").mkdir()
    done = takehome("challenge", "new", "my_task", "--into", tmp_path)
    assert (done.code, "nothing was written" in done.text) == (2, True)


def test_verify_wants_one_challenge_or_all() -> None:
    assert takehome("challenge", "verify").code == 2
    assert takehome("challenge", "verify", "users_api", "--all").code == 2
