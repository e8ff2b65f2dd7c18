"""Finding challenges, and what is said of one that is not whole."""

from __future__ import annotations

import shutil
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from harness import packs
from harness.errors import UsageError
from harness.packs import challenge_folders, find_challenge, unlisted
from harness.skeleton import write_skeleton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one challenge, `my_task`, that is whole."""
    write_skeleton("my_task", tmp_path)
    return tmp_path


def complaint(folder: Path, name: str = "my_task") -> str:
    with pytest.raises(UsageError) as caught:
        find_challenge(name, folder, whole=True)
    return f"{caught.value} {caught.value.where} {caught.value.next_step}"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def installs(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint("mine", value, packs.ENTRY_POINTS)
    monkeypatch.setattr(packs, "entry_points", lambda group: [point] if group == packs.ENTRY_POINTS else [])


def test_a_whole_challenge_is_found(folder: Path) -> None:
    assert find_challenge("my_task", folder).id == "my_task"


def test_the_skeleton_itself_is_no_challenge() -> None:
    assert not any("skeleton" in name for name in challenge_folders())


def test_a_check_without_a_test_is_named_with_the_nearest(folder: Path) -> None:
    edit(folder / "my_task/challenge.toml", "[checks.greeting]", "[checks.greetings]")
    text = complaint(folder)
    assert "challenge.toml: checks.greetings" in text
    assert "did you mean 'greeting'?" in text


def test_a_mutant_of_no_check_is_named_with_the_nearest(folder: Path) -> None:
    (folder / "my_task/mutants/greeting.patch").rename(folder / "my_task/mutants/greting.patch")
    text = complaint(folder)
    assert "mutants/greting.patch" in text
    assert "did you mean 'greeting'?" in text


def test_a_mutant_that_does_not_apply_is_refused_before_anything_starts(folder: Path) -> None:
    edit(folder / "my_task/reference/app/main.py", "max_length=100", "max_length=99")
    text = complaint(folder)
    assert "mutants/greeting.patch" in text
    assert "doesn't apply to app/main.py" in text


def test_a_folder_of_broken_variants_is_refused_with_what_to_write_instead(folder: Path) -> None:
    (folder / "my_task/broken/greeting").mkdir(parents=True)
    assert "mutants/CHECK.patch" in complaint(folder)


@pytest.mark.parametrize("part", ["BRIEF.md", "starter", "reference"])
def test_a_missing_part_is_named(folder: Path, part: str) -> None:
    path = folder / "my_task" / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert part in complaint(folder)


def test_a_suite_that_is_no_python_is_named(folder: Path) -> None:
    (folder / "my_task/graders/test_greeting.py").write_text("def (")
    assert "test_greeting.py" in complaint(folder)


def test_a_vendored_package_that_is_not_there_is_named(folder: Path) -> None:
    edit(folder / "my_task/challenge.toml", "[environment]", 'vendored = ["digits"]\n\n[environment]')
    assert "digits" in complaint(folder)


def test_a_test_that_no_entry_lists_is_told(folder: Path) -> None:
    edit(folder / "my_task/graders/test_greeting.py", '"greeting",', '"parting",')
    shutil.copy(folder / "my_task/graders/test_greeting.py", folder / "my_task/graders/test_parting.py")
    edit(folder / "my_task/graders/test_greeting.py", '"parting",', '"greeting",')
    assert unlisted(find_challenge("my_task", folder)) == ["parting"]


def test_two_challenges_of_one_name_are_an_error(tmp_path: Path) -> None:
    write_skeleton("users_api", tmp_path)
    assert "two challenges" in complaint(tmp_path, "users_api")


def test_an_entry_point_may_name_a_path(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine_paths.py").write_text(f"from pathlib import Path\nFOLDER = Path({str(folder)!r})\n")
    monkeypatch.syspath_prepend(tmp_path)
    installs(monkeypatch, "mine_paths:FOLDER")
    assert find_challenge("my_task").folder == folder / "my_task"


@pytest.mark.parametrize("value", ["not_there_at_all", "json:dumps"])
def test_an_entry_point_that_leads_nowhere_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    installs(monkeypatch, value)
    with pytest.raises(UsageError) as caught:
        challenge_folders()
    assert f"mine = {value}" in str(caught.value.where)


def test_a_folder_of_challenges_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert "no such folder" in complaint(tmp_path / "none")


def test_a_quote_that_the_brief_does_not_hold_is_named(folder: Path) -> None:
    edit(folder / "my_task/challenge.toml", "visible = true", 'visible = true\nbrief = "Never said."')
    text = complaint(folder)
    assert "the brief doesn't say" in text
    assert ".brief" in text


def test_white_space_and_emphasis_do_not_count_in_a_quote(folder: Path) -> None:
    brief = folder / "my_task/BRIEF.md"
    brief.write_text(brief.read_text() + "\nIt **always**\n   says so.\n")
    edit(folder / "my_task/challenge.toml", "visible = true", 'visible = true\nbrief = "It always says so."')
    assert find_challenge("my_task", folder).id == "my_task"


@pytest.mark.parametrize("name", sorted(challenge_folders()))
def test_every_check_of_ours_quotes_its_brief(name: str) -> None:
    checks = find_challenge(name).spec.checks
    assert [id_ for id_, entry in checks.items() if not entry.brief] == []
