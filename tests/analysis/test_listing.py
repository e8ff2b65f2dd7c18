"""The code line by line, and the three parts of its types for each file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

Analyse = Callable[[Path], dict[str, Any]]
Submission = Callable[[str], Path]


def test_a_listing_tells_for_each_line_what_its_types_say(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "lines.py").write_text(
        "from typing import Any, no_type_check\n"
        "def typed(a: int) -> int: return a\n"
        "def vague(a: Any) -> int: return typed(a)\n"
        "def bare(a): return vague(a)\n"
        "@no_type_check\n"
        "def hidden(a: int) -> int:\n"
        "    return bare(a)\n"
        "hidden(1)\n"
    )
    listing = {item["path"]: item for item in analyse(folder)["sources"]}
    lines = listing["app/lines.py"]
    assert lines["types"][:4] == ".tau"
    assert "x" in lines["types"][5:7]
    assert len(lines["types"]) == len(lines["text"].split("\n")) == 8
    assert any(place["line"] == 4 and place["rule"] == "no-untyped-def" for place in lines["findings"])
    assert listing["app/main.py"]["text"].splitlines() == (folder / "app" / "main.py").read_text().splitlines()


def test_each_file_has_the_three_parts_of_its_own(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    (folder / "app" / "vague.py").write_text(
        "from typing import Any\n\n\ndef first(a: Any, b) -> int:\n    return first(a, b)\n"
    )
    per_file = analyse(folder)["types"]["per_file"]
    assert per_file["app/vague.py"] == {"lines": 3, "parameters": 3, "annotated": 2, "not_any": 0.5, "errors": 1}
    assert per_file["app/models.py"]["not_any"] == 1


def test_a_listing_has_an_end(analyse: Analyse, submission: Submission) -> None:
    folder = submission("good")
    for number in range(8):
        (folder / "app" / f"long_{number}.py").write_text(f"X = {'1' * 90}\n" * 600 + f"Y = '{'y' * 5000}'\n")
    sources = analyse(folder)["sources"]
    assert 100_000 < sum(len(item["text"]) for item in sources) <= 200_000
    assert max(len(line) for item in sources for line in item["text"].split("\n")) <= 400
