"""Packages that the challenge hands out lie in the submission, are imported by it, and are not judged with it."""

from __future__ import annotations

from pathlib import Path

from harness.analysis.sources import read_sources


def test_a_vendored_package_is_copied_for_mypy_and_not_judged(tmp_path: Path) -> None:
    root, copy = tmp_path / "s", tmp_path / "copy"
    copy.mkdir()
    for name, text in {"app/main.py": "import digits\n", "digits/__init__.py": "def load(x): return x\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert [source.path for source in read_sources(root, copy, frozenset({"digits"})).files] == ["app/main.py"]
    assert (copy / "digits/__init__.py").read_text() == "def load(x): return x\n"


def test_a_package_of_that_name_elsewhere_is_judged(tmp_path: Path) -> None:
    root, copy = tmp_path / "s", tmp_path / "copy"
    copy.mkdir()
    (root / "app/digits").mkdir(parents=True)
    (root / "app/digits/__init__.py").write_text("x = 1\n")
    found = read_sources(root, copy, frozenset({"digits"}))
    assert [source.path for source in found.files] == ["app/digits/__init__.py"]
