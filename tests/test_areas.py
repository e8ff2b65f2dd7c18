"""The areas of the extended tier, and that each test is in one tier and, if extended, in one area."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import areas
from tests.areas import Area, Outcome, digest_inputs, keep_digest, list_files, read_areas, read_kept

AREA = Area("one", ("tests/one",), ("tests/one", "source", "single.txt", "some/*.py"))
FILES = {
    "tests/one/test_a.py": "a",
    "source/deep/b.py": "b",
    "single.txt": "c",
    "some/d.py": "d",
    "some/deep/e.py": "e",
    "other.txt": "f",
    "source_too.txt": "g",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=60)
    return tmp_path


def digest(root: Path) -> str:
    return digest_inputs(AREA, list_files(root), root)


@pytest.mark.parametrize("name", ["tests/one/test_a.py", "source/deep/b.py", "single.txt", "some/d.py"])
def test_another_content_of_an_input_is_another_digest(name: str, root: Path) -> None:
    before = digest(root)
    (root / name).write_text("changed")
    assert digest(root) != before


@pytest.mark.parametrize("name", ["some/deep/e.py", "other.txt", "source_too.txt"])
def test_what_is_no_input_is_not_in_the_digest(name: str, root: Path) -> None:
    before = digest(root)
    (root / name).write_text("changed")
    assert digest(root) == before


def test_a_file_that_is_new_or_renamed_is_another_digest(root: Path) -> None:
    before = digest(root)
    (root / "source" / "new.py").write_text("")
    new = digest(root)
    (root / "source" / "new.py").rename(root / "source" / "named.py")
    assert len({before, new, digest(root)}) == 3


def test_what_git_ignores_is_no_input(root: Path) -> None:
    before = digest(root)
    (root / ".gitignore").write_text("*.pyc\n")
    (root / "source" / "b.pyc").write_text("")
    assert digest(root) == before


def test_an_input_that_is_not_there_is_refused(root: Path) -> None:
    with pytest.raises(ValueError, match=r"one names source/no\.py"):
        digest_inputs(Area("one", (), ("source/no.py",)), list_files(root), root)


def test_digests_are_kept_a_sorted_line_each(root: Path) -> None:
    (root / "tests").mkdir(exist_ok=True)
    for name, kept in (("b", "2"), ("a", "1"), ("b", "3")):
        keep_digest(name, kept, root)
    assert (root / areas.KEPT).read_text() == "a 1\nb 3\n"
    assert read_kept(root) == {"a": "1", "b": "3"}


def test_keeping_a_digest_changes_none(root: Path) -> None:
    before = digest(root)
    keep_digest("one", before, root)
    assert digest(root) == before


class Runs:
    """Stands for pytest: which areas were run."""

    def __init__(self, *failing: str, skipped: int = 0) -> None:
        self.names: list[str] = []
        self._failing, self._skipped = failing, skipped

    def __call__(self, area: Area) -> Outcome:
        self.names.append(area.name)
        failed = area.name in self._failing
        counts = {"passed": 1, "failed": int(failed), "skipped": self._skipped}
        return Outcome(area.name, counts, 1.0, 2.0, not failed)


@pytest.fixture
def declared(root: Path) -> Path:
    """A repository with two areas."""
    (root / areas.DECLARED).write_text(
        'common = ["single.txt"]\n[areas.one]\ntests = ["tests/one"]\ninputs = ["source"]\n'
        '[areas.two]\ntests = ["tests/one/test_a.py"]\ninputs = ["some"]\n'
    )
    return root


Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(declared: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the program; returns its exit code and the areas that it has run."""

    def run_with(runs: Runs, *arguments: str) -> tuple[int, list[str]]:
        monkeypatch.setattr(areas, "run_area", runs)
        return areas.main(arguments, declared), runs.names

    return run_with


def test_all_areas_are_run_and_only_what_has_changed_since_is_run_again(declared: Path, run: Run) -> None:
    assert run(Runs(), "run") == (0, ["one", "two"])
    assert run(Runs(), "changed") == (0, [])
    (declared / "some" / "d.py").write_text("changed")
    assert run(Runs(), "changed") == (0, ["two"])
    # It has kept nothing.
    assert run(Runs(), "changed") == (0, ["two"])
    (declared / "single.txt").write_text("changed")
    assert run(Runs(), "changed") == (0, ["one", "two"])


@pytest.mark.parametrize("runs", [Runs("one"), Runs(skipped=1)], ids=["failed", "skipped"])
def test_what_failed_or_was_skipped_is_run_again(runs: Runs, run: Run) -> None:
    code, _ = run(runs, "run")
    assert code == int("one" in runs._failing)
    assert "one" in run(Runs(), "changed")[1]


def test_one_area_can_be_run_alone(run: Run) -> None:
    assert run(Runs(), "run", "two") == (0, ["two"])
    assert run(Runs(), "run", "three") == (2, [])


def test_a_table_tells_what_each_area_came_to(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run(Runs("two"), "run")
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[-2:]] == [
        "one passed 1.0 s 2.0 core-s 1 passed, 0 failed",
        "two FAILED 1.0 s 2.0 core-s 1 passed, 1 failed",
    ]


COLLECT = """
import json, sys
import pytest

class Collected:
    def pytest_collection_finish(self, session):
        self.found = [(item.nodeid, [mark.name for mark in item.iter_markers()]) for item in session.items]

collected = Collected()
code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider"], plugins=[collected])
print(json.dumps([int(code), collected.found]))
"""


@pytest.fixture(scope="module")
def marks() -> dict[str, set[str]]:
    """Every test of the suite and its markers."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECT], cwd=areas.ROOT, capture_output=True, text=True, timeout=300, check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
    )  # fmt: skip
    code, found = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stdout[-2000:]
    return {name: set(names) for name, names in found}


@pytest.mark.xdist_group("collects")
def test_a_test_that_needs_an_engine_or_a_browser_is_no_unit_test(marks: dict[str, set[str]]) -> None:
    tiers = {"integration", "extended"}
    assert [name for name, has in marks.items() if has & {"docker", "browser"} and not has & tiers] == []


@pytest.mark.xdist_group("collects")
def test_no_test_is_in_two_tiers(marks: dict[str, set[str]]) -> None:
    assert [name for name, has in marks.items() if has >= {"integration", "extended"}] == []


@pytest.mark.xdist_group("collects")
def test_every_extended_test_is_in_one_area_and_no_area_is_without_tests(marks: dict[str, set[str]]) -> None:
    extended = {name.partition("::")[0] for name, has in marks.items() if "extended" in has}
    found = {file: [area.name for area in read_areas() if area.covers(file)] for file in extended}
    assert {file: names for file, names in found.items() if len(names) != 1} == {}
    assert {area.name for area in read_areas()} == {name for names in found.values() for name in names}


def test_every_input_of_an_area_is_there() -> None:
    files = list_files()
    assert all(digest_inputs(area, files) for area in read_areas())
