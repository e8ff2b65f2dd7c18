"""`takehome init` into folders of every kind of name."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from harness.cli.declared import declared_challenge
from harness.errors import UsageError
from harness.kit import write_kit
from harness.packs import find_challenge
from tests.cli.command import takehome

PACK = Path(__file__).parents[1] / "packaging" / "catalogue" / "counting_pack" / "counting_challenges"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x" * 300, "File name too long"),
        ("", "no folder is named"),
        ("   ", "no folder is named"),
        ("a\x1b[31mb", "can't be seen"),
        ("a\nb", "can't be seen"),
        ("a\u202eb", "can't be seen"),
        ("taken", "that is a file"),
        ("taken/below", "can't be written"),
    ],
)
def test_a_folder_that_can_not_be_is_bad_input_and_nothing_is_written(name: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    done = takehome("init", "users_api", name, cwd=tmp_path)
    assert (done.code, says in done.text, "\x1b" in done.text) == (2, True, False)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("name", ["my kit", "-kit", "it's"])
def test_the_command_that_comes_next_can_be_typed(name: str, tmp_path: Path) -> None:
    done = takehome("init", "users_api", "--", name, cwd=tmp_path)
    assert done.code == 0, done.text
    command = shlex.split(done.out.split("`")[1])
    assert command[:2] == ["takehome", "check"]
    assert not command[2].startswith("-")
    assert declared_challenge(tmp_path / command[2]) == "users_api"


def test_a_repository_without_a_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert takehome("init", "users_api", tmp_path).code == 0
    assert (tmp_path / "BRIEF.md").is_file()


@pytest.mark.parametrize("new", [True, False])
def test_a_kit_that_can_not_be_written_whole_is_not_there_at_all(
    new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kit"
    if not new:
        (folder / ".git").mkdir(parents=True)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(UsageError) as error:
        write_kit(find_challenge("users_api"), folder, "takehome==1")
    assert error.value.detail == "[Errno 28] No space left on device"
    assert [path.name for path in folder.glob("*")] == ([] if new else [".git"])


def test_a_kit_says_how_to_get_takehome(tmp_path: Path) -> None:
    assert takehome("init", "users_api", tmp_path / "kit", "--package", "takehome==9.9").code == 0
    assert "\n    takehome==9.9\n" in (tmp_path / "kit" / "CHECKS.md").read_text()


@pytest.mark.parametrize("command", [["init", "users_api", "kité"], ["explain", "create-user", "-c", "users_api"]])
def test_a_console_that_has_few_letters_is_no_fault(command: list[str], tmp_path: Path) -> None:
    done = takehome(*command, cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.code, done.err) == (0, "")


def test_an_unknown_challenge_is_told_by_the_name_of_the_argument(tmp_path: Path) -> None:
    done = takehome("init", "user_api", tmp_path / "kit")
    assert (done.code, "where: CHALLENGE" in done.text, "did you mean 'users_api'?" in done.text) == (2, True, True)


def test_a_kit_says_that_a_check_counts_otherwise(tmp_path: Path) -> None:
    assert takehome("init", "users_api", tmp_path / "kit").code == 0
    assert "weighs these up to 100" in " ".join((tmp_path / "kit" / "CHECKS.md").read_text().split())


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["users_api", "kit"], "check kit"),
        (["count_words", "kit", "--challenges", str(PACK)], f"check kit -c count_words --challenges {PACK}"),
        ([f"{PACK}/count_words", "kit"], f"check kit -c {PACK}/count_words"),
    ],
)
def test_the_next_command_finds_the_challenge(arguments: list[str], printed: str, tmp_path: Path) -> None:
    done = takehome("init", *arguments, cwd=tmp_path)
    assert f"then `takehome {printed} --watch`" in done.text
    checked = takehome(*shlex.split(printed), "--runtime", "nonsense", cwd=tmp_path)
    # The challenge has been found before what was put there to end it.
    assert "no runtime 'nonsense'" in checked.text
