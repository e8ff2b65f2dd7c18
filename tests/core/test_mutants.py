"""Mutants: patches that apply to the reference and change it, or are refused with the file that is at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.mutants import Mutant, read_mutants

MAIN = "first\nsecond\nthird\n"
CHANGE = """\
Second is gone.

diff --git a/app/main.py b/app/main.py
--- a/app/main.py
+++ b/app/main.py
@@ -1,3 +1,2 @@
 first
-second
 third
"""
ADDITION = """\
diff --git a/app/more.py b/app/more.py
new file mode 100644
--- /dev/null
+++ b/app/more.py
@@ -0,0 +1 @@
+more
"""
REMOVAL = """\
diff --git a/app/main.py b/app/main.py
deleted file mode 100644
--- a/app/main.py
+++ /dev/null
@@ -1,3 +0,0 @@
-first
-second
-third
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/main.py").write_text(MAIN)
    return tmp_path


def mutant(text: str, name: str = "greeting") -> Mutant:
    return Mutant(name, name, "what", Path("mutants") / f"{name}.patch", text)


def contents(tree: Path) -> dict[str, str]:
    return {path.relative_to(tree).as_posix(): path.read_text() for path in tree.rglob("*") if path.is_file()}


def refusal(tree: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        mutant(text).apply(tree)
    assert contents(tree) == {"app/main.py": MAIN}
    assert "mutants/greeting.patch" in str(caught.value)
    return str(caught.value)


def test_a_patch_changes_a_file(tree: Path) -> None:
    mutant(CHANGE).apply(tree)
    assert contents(tree) == {"app/main.py": "first\nthird\n"}


def test_a_patch_adds_a_file(tree: Path) -> None:
    mutant(CHANGE + ADDITION).apply(tree)
    assert contents(tree) == {"app/main.py": "first\nthird\n", "app/more.py": "more\n"}


def test_a_patch_removes_a_file(tree: Path) -> None:
    mutant(REMOVAL).apply(tree)
    assert contents(tree) == {}


def test_a_patch_that_does_not_apply_is_refused(tree: Path) -> None:
    assert "doesn't apply to app/main.py" in refusal(tree, CHANGE.replace("-second", "-2nd"))


def test_a_patch_without_a_diff_is_refused(tree: Path) -> None:
    assert "changes nothing" in refusal(tree, "Only words.\n")


def test_a_patch_that_leaves_a_file_as_it_is_is_refused(tree: Path) -> None:
    same = CHANGE.replace("+1,2", "+1,3").replace("-second\n", "-second\n+second\n")
    assert "changes nothing in app/main.py" in refusal(tree, same)


def test_a_patch_of_a_file_that_is_not_there_is_refused(tree: Path) -> None:
    assert "app/other.py" in refusal(tree, CHANGE.replace("main.py", "other.py"))


def test_a_patch_that_adds_what_is_there_is_refused(tree: Path) -> None:
    assert "is there already" in refusal(tree, ADDITION.replace("more.py", "main.py"))


@pytest.mark.parametrize("path", ["../outside.py", "/etc/outside.py"])
def test_a_patch_that_leaves_the_reference_is_refused(tree: Path, path: str) -> None:
    assert "is no path below" in refusal(tree, ADDITION.replace("b/app/more.py", path).replace("a/app/more.py", path))


def test_a_patch_is_applied_whole_or_not_at_all(tree: Path) -> None:
    refusal(tree, CHANGE + ADDITION.replace("more.py", "main.py"))


def test_mutants_are_named_after_their_file_and_the_check_before_its_first_dot(tmp_path: Path) -> None:
    (tmp_path / "greeting.patch").write_text(CHANGE)
    (tmp_path / "greeting.too-long.patch").write_text(CHANGE)
    found = read_mutants(tmp_path)
    assert {name: one.check for name, one in found.items()} == {"greeting": "greeting", "greeting.too-long": "greeting"}
    assert found["greeting"].what == "Second is gone."


def test_a_mutant_has_to_say_what_it_breaks(tmp_path: Path) -> None:
    (tmp_path / "greeting.patch").write_text(CHANGE.partition("\n\n")[2])
    with pytest.raises(UsageError, match="doesn't say what it breaks"):
        read_mutants(tmp_path)


def test_a_mutant_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "greeting.patch").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError) as caught:
        read_mutants(tmp_path)
    assert "greeting.patch" in str(caught.value)


def test_a_challenge_without_mutants_has_none(tmp_path: Path) -> None:
    assert read_mutants(tmp_path / "mutants") == {}
