"""Which submissions a batch has: names become folders that are safe anywhere, and bad lists are told by their line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harness.batch.sources import _identified, read_sources, remembered
from harness.errors import UsageError

ROOT = Path(__file__).parents[2]


def folder(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).mkdir(parents=True)
    return root


def ids(where: Path, out: Path | None = None) -> list[str]:
    return [source.id for source in read_sources(where, out=out or where / "nowhere")[0]]


def test_folders_and_archives_are_submissions_in_natural_order(tmp_path: Path) -> None:
    folder(tmp_path, "c10", "c9", ".git")
    (tmp_path / "b.tar.gz").touch()
    (tmp_path / "notes.txt").touch()
    found, passed = read_sources(tmp_path, out=tmp_path / "out")
    assert [source.id for source in found] == ["b.tar.gz", "c9", "c10"]
    assert passed == ["notes.txt is neither a folder nor an archive"]


def test_the_folder_of_results_is_no_submission(tmp_path: Path) -> None:
    folder(tmp_path, "a", "out")
    assert ids(tmp_path, tmp_path / "out") == ["a"]


@pytest.mark.parametrize(
    "name",
    [
        "näme & co",
        "a b",
        "x..",
        "-rf",
        "journal.jsonl",
        "x" * 200,
        "日本",
        "a\nb",
        "ad\udcff",
        "%2e",
        "cohort.html",
        "a'\"b",
    ],
)
def test_an_odd_name_becomes_one_that_is_safe(name: str, tmp_path: Path) -> None:
    (found,) = read_sources(folder(tmp_path, name), out=tmp_path / "nowhere")[0]
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,90}", found.id)
    assert found.name == name
    assert found.id not in ("journal.jsonl", "cohort.html")


def test_names_that_differ_in_case_alone_do_not_share_a_folder(tmp_path: Path) -> None:
    found = ids(folder(tmp_path, "Ada", "ada"))
    assert len({id_.casefold() for id_ in found}) == 2


def test_the_same_names_get_the_same_ids_again(tmp_path: Path) -> None:
    folder(tmp_path, "näme & co", "a", "A")
    assert ids(tmp_path) == ids(tmp_path)


def test_one_submission_is_no_folder_of_them(tmp_path: Path) -> None:
    folder(tmp_path, "app")
    (tmp_path / "pyproject.toml").touch()
    with pytest.raises(UsageError, match="one submission"):
        read_sources(tmp_path, out=tmp_path / "out")


@pytest.mark.parametrize("empty", [True, False])
def test_nothing_to_grade_is_told(empty: bool, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no submission in it" if empty else "no such folder"):
        read_sources(tmp_path if empty else tmp_path / "x", out=tmp_path / "out")


def listed(root: Path, text: str) -> Path:
    path = root / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_names_ids_sources_and_refs(tmp_path: Path) -> None:
    folder(tmp_path, "work")
    text = '\ufeffID, source ,ref\nada,work,\n"b o",https://example.com/x.git,v1\n\n'
    found, _ = read_sources(listed(tmp_path, text), out=tmp_path / "out")
    assert [(s.name, s.source, s.ref) for s in found] == [
        ("ada", str(tmp_path / "work"), None), ("b o", "https://example.com/x.git", "v1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("name,source\na,b\n", ":1", "no column 'id', unknown column 'name'"),
        ("id,source,source\na,b,c\n", ":1", "twice"),
        ("", ":1", "no column 'id'"),
        ("id,source\na\n", ":2", "1 cells under 2 columns"),
        ("id,source\na,b\n,c\n", ":3: id", "without id"),
        ("id,source\na,b\na,c\n", ":3: id", "twice"),
        ('id,source\n"a,b\n', ":2", "no CSV"),
    ],
)
def test_a_wrong_list_is_told_by_its_line(text: str, where: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_sources(listed(tmp_path, text), out=tmp_path / "out")
    assert error.value.where.endswith(where)
    assert says in str(error.value)


def test_a_list_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"id,source\n\xff,x\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_sources(tmp_path / "list.csv", out=tmp_path / "out")


def test_a_folder_and_an_archive_of_one_name_are_two_submissions(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").touch()
    before = ids(tmp_path)
    folder(tmp_path, "ada")
    assert before == ["ada.zip"]
    assert sorted(ids(tmp_path)) == ["ada", "ada.zip"]


def test_ids_are_of_the_names_whatever_the_way_to_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "s", "a b", "näme")
    monkeypatch.chdir(tmp_path)
    assert ids(Path("s")) == ids(tmp_path / "s")


def test_a_source_that_was_corrected_keeps_its_id(tmp_path: Path) -> None:
    before = ids(listed(tmp_path, "id,source\na b,nowhere\n"))
    assert before == ids(listed(tmp_path, "id,source\na b,elsewhere\n"))


def test_an_id_is_readable_where_its_name_is_latin(tmp_path: Path) -> None:
    (found,) = ids(folder(tmp_path, "Ünal Özdemir"))
    assert found.startswith("Unal-Ozdemir-")


@pytest.mark.parametrize("name", ["CON", "nul.txt", "com1"])
def test_the_name_of_a_device_is_no_id(name: str, tmp_path: Path) -> None:
    assert ids(folder(tmp_path, name)) != [name]


def test_ids_that_were_given_before_stay_whoever_has_come_or_gone(tmp_path: Path) -> None:
    first, _ = read_sources(folder(tmp_path / "s", "ADA", "ada"), out=tmp_path / "out")
    names = {source.id: source.name for source in first}
    (tmp_path / "s" / "ADA").rmdir()
    folder(tmp_path / "s", "Ada")
    later = remembered(read_sources(tmp_path / "s", out=tmp_path / "out")[0], names)
    known = {source.name: source.id for source in later}
    assert known["ada"] == {source.name: source.id for source in first}["ada"]
    assert known["Ada"].casefold() not in {id_.casefold() for id_ in names}


def test_a_hidden_folder_is_passed_over_and_told(tmp_path: Path) -> None:
    found, passed = read_sources(folder(tmp_path, "a", ".ada"), out=tmp_path / "out")
    assert ([source.id for source in found], passed) == (["a"], [".ada is hidden"])


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_list_may_be_separated_as_spreadsheets_of_other_languages_do(separator: str, tmp_path: Path) -> None:
    text = "id,source,ref\na,x,\n".replace(",", separator)
    assert ids(listed(tmp_path, text)) == ["a"]


def test_all_rows_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_sources(listed(tmp_path, "id,source\na\nb,c\n,d\n"), out=tmp_path / "out")
    assert error.value.where.endswith(":2")
    assert error.value.detail == "line 4: id: a row without id"


def test_results_of_a_batch_are_no_submission(tmp_path: Path) -> None:
    folder(tmp_path, "a", "old", "res/one")
    (tmp_path / "old" / "journal.jsonl").touch()
    found, passed = read_sources(tmp_path, out=tmp_path / "res" / "one")
    assert [source.id for source in found] == ["a"]
    assert passed == ["old holds results", "res holds results"]


def test_a_link_onto_itself_harms_no_other(tmp_path: Path) -> None:
    folder(tmp_path, "a")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert ids(tmp_path) == ["a", "loop"]


def test_a_source_that_no_file_can_be_called_harms_no_other(tmp_path: Path) -> None:
    assert ids(listed(tmp_path, f"id,source\na,{'x' * 300}\nb,y\n")) == ["a", "b"]


def test_a_relative_source_is_never_that_of_the_folder_that_we_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path, "lists", "ada")
    monkeypatch.chdir(tmp_path)
    found, _ = read_sources(listed(Path("lists"), "id,source\nada,ada\n"), out=Path("out"))
    assert [source.source for source in found] == [os.path.join("lists", "ada")]


def test_a_folder_that_may_not_be_looked_into_harms_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As for somebody who is not root.
    stat = os.stat

    def refused(path: str | Path, *rest: object, **named: object) -> os.stat_result:
        if os.fspath(path).startswith(f"{tmp_path}/closed/"):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *rest, **named)  # type: ignore[arg-type]

    folder(tmp_path, "a", "closed/app")
    monkeypatch.setattr(os, "stat", refused)
    assert ids(tmp_path) == ["a", "closed"]


def test_the_document_names_the_id_that_is_given() -> None:
    (said,) = re.findall(r"\(`Ünal Özdemir` is `(.+?)`\)", (ROOT / "docs" / "batch.md").read_text())
    assert [source.id for source in _identified([("Ünal Özdemir", "x", None)])] == [said]
