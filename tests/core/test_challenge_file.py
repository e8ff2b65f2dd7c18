from __future__ import annotations

from pathlib import Path

import pytest

from harness.challenge import load_challenge
from harness.errors import UsageError
from harness.packs import find_challenge
from harness.skeleton import write_skeleton

GOOD = """
id = "small"
version = "1.0.0"
title = "Small"
graders = ["common"]
[rubric]
must = 100
should = 0
bonus = 0
[checks.create]
tier = "must"
skill = "data"
level = "junior"
title = "Creates"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "challenge.toml").write_text(text)
    return folder


def test_a_good_file_loads(tmp_path: Path) -> None:
    assert load_challenge(write(tmp_path, GOOD)).id == "small"


def test_a_misspelt_key_is_named_with_the_file_and_the_nearest_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_challenge(write(tmp_path, GOOD.replace('title = "Creates"', 'titel = "Creates"')))
    text = str(caught.value)
    assert "challenge.toml" in text
    assert "checks.create.titel: unknown key, did you mean 'title'?" in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("must = 100", "must = 90", "100"),
        ('tier = "must"', 'tier = "most"', "checks.create.tier"),
        ('version = "1.0.0"', 'version = "one"', "version"),
        ("[checks.create]", "[checks.create", "not valid TOML"),
        ('tier = "must"', 'tier = "must"\npoints = 30', "30"),
    ],
)
def test_a_wrong_value_is_told_where_it_stands(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_challenge(write(tmp_path, GOOD.replace(old, new)))
    assert told in str(caught.value)


def test_an_unknown_challenge_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="no challenge 'user_api'") as caught:
        find_challenge("user_api")
    assert "users_api" in str(caught.value)


def test_a_missing_grader_folder_is_named(tmp_path: Path) -> None:
    challenge = load_challenge(write(tmp_path, GOOD.replace('["common"]', '["commons"]')))
    with pytest.raises(UsageError, match="no graders 'commons'"):
        challenge.grader_folders()


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("challenge.toml", True),
        ("graders/test_greeting.py", True),
        ("graders/support/new.py", True),
        ("contract.json", True),
        ("BRIEF.md", False),
        ("graders/human.toml", False),
        ("graders/__pycache__/test_greeting.cpython-311.pyc", False),
        ("graders/.mypy_cache/3.11/cache.json", False),
        ("reference/app/main.py", False),
    ],
)
def test_the_digest_is_of_what_decides_of_a_grade(name: str, counts: bool, tmp_path: Path) -> None:
    folder = write_skeleton("mine", tmp_path)
    before = load_challenge(folder).digest()
    assert load_challenge(folder).digest() == before
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("a") as file:
        file.write("\n")
    assert (load_challenge(folder).digest() != before) == counts
