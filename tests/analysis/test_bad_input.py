"""Sources that no tool should be asked to read, and those that none can."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

Analyse = Callable[[Path], dict[str, Any]]
Submission = Callable[[str], Path]


def test_ten_thousand_files_are_a_finding_and_no_work(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    for number in range(100):
        (folder / "app" / f"p{number}").mkdir()
        for other in range(100):
            (folder / "app" / f"p{number}" / f"m{other}.py").write_text("X = 1\n")
    document = analyse(folder)
    assert document["files"] == 10_005
    told = [place["message"] for place in document["types"]["strict"]["findings"]]
    assert any("more than 1000 files" in message for message in told)
    assert len(json.dumps(document)) < 2_000_000


def test_a_file_of_five_megabytes_is_a_finding_and_not_read(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "large.py").write_text("X = [\n" + "    1,\n" * 700_000 + "]\n")
    findings = analyse(folder)["types"]["strict"]["findings"]
    assert [place["message"] for place in findings if place["path"] == "app/large.py"] == [
        "too large to be read: more than 256 KiB"
    ]


def test_modules_that_import_each_other_are_read(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "one.py").write_text("from app.two import two\n\ndef one() -> int:\n    return two()\n")
    (folder / "app" / "two.py").write_text("from app.one import one\n\ndef two() -> int:\n    return one()\n")
    document = analyse(folder)
    assert document["types"]["strict"]["problem"] == ""
    assert document["types"]["per_file"]["app/two.py"]["errors"] == 0


def test_python_2_and_bytes_that_are_no_utf_8_are_told_with_their_line(
    analyse: Analyse, submission: Submission
) -> None:
    folder = submission("good")
    (folder / "app" / "old.py").write_text("import os\nprint 'hello'\n")
    (folder / "app" / "latin.py").write_bytes("X = 1\nNAME = 'caf\xe9'\n".encode("latin-1"))
    findings = {place["path"]: place for place in analyse(folder)["types"]["strict"]["findings"]}
    assert findings["app/old.py"]["line"] == 2
    assert "SyntaxError" in findings["app/old.py"]["message"]
    assert findings["app/latin.py"]["line"] == 2
    assert "utf-8" in findings["app/latin.py"]["message"]
