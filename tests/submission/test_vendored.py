"""The challenge's own packages in a submission: always the challenge's copy, wherever the candidate has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.submission import lay_vendored
from tests.submission.trees import write


@pytest.fixture
def layers(tmp_path: Path) -> list[Path]:
    plain = write(tmp_path / "plain", {"__init__.py": "from ._hook import told", "_hook.py": "told = 1"})
    return [plain, write(tmp_path / "over", {"_hook.py": "told = 2"})]


def test_the_graders_files_lie_over_what_candidates_got(tmp_path: Path, layers: list[Path]) -> None:
    root = write(tmp_path / "s", {"digits/__init__.py": "mine", "digits/extra.py": "mine", "app/main.py": "kept"})
    lay_vendored(root, "digits", layers)
    assert {p.name: p.read_text() for p in (root / "digits").iterdir()} == {
        "__init__.py": "from ._hook import told",
        "_hook.py": "told = 2",
    }
    assert (root / "app/main.py").read_text() == "kept"


def test_a_submission_without_the_package_gets_it(tmp_path: Path, layers: list[Path]) -> None:
    root = write(tmp_path / "s", {"app/main.py": "import digits"})
    lay_vendored(root, "digits", layers)
    assert (root / "digits/_hook.py").read_text() == "told = 2"


@pytest.mark.parametrize(
    "place", ["src/digits/__init__.py", "app/digits/__init__.py", "digits.py", "src/digits.py", "src/digits/x"]
)
def test_no_other_copy_is_left_to_import(tmp_path: Path, layers: list[Path], place: str) -> None:
    root = write(tmp_path / "s", {place: "mine"})
    lay_vendored(root, "digits", layers)
    assert not (root / place).exists()


def test_a_plain_file_of_that_name_gives_way(tmp_path: Path, layers: list[Path]) -> None:
    root = write(tmp_path / "s", {"digits": "a file", "app/main.py": ""})
    lay_vendored(root, "digits", layers)
    assert (root / "digits/_hook.py").read_text() == "told = 2"


def test_a_link_is_removed_and_what_it_points_to_stays(tmp_path: Path, layers: list[Path]) -> None:
    outside = write(tmp_path / "outside", {"__init__.py": "not ours"})
    root = write(tmp_path / "s", {"app/main.py": ""})
    (root / "digits").symlink_to(outside, target_is_directory=True)
    lay_vendored(root, "digits", layers)
    assert (outside / "__init__.py").read_text() == "not ours"
    assert (root / "digits/_hook.py").read_text() == "told = 2"
