"""The parts of the analysis, each by itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.analysis.anys import aliases_of
from harness.analysis.framework import Framework
from harness.analysis.process import run
from harness.analysis.ruff_run import group_of
from harness.analysis.suppressions import neutralise


@pytest.mark.parametrize(
    ("annotation", "rating"),
    [
        ("int", 1),
        ("dict[str, int]", 1),
        ("list[tuple[int, ...]]", 1),
        ("Literal['Any']", 1),
        ("Annotated[int, Any]", 1),
        ("Any", 0),
        ("t.Any", 0),
        ("'Any'", 0),
        ("Any | None", 0),
        ("Optional[Any]", 0),
        ("dict", 0),
        ("Y", 0),
        ("X", 0),
        ("object", 0),
        ("dict[str, Any]", 0.5),
        ("Payload", 0.5),
        ("Callable[..., Any]", 0.5),
        ("Mapped[list]", 0.5),
    ],
)
def test_an_annotation_is_worth_what_it_says(annotation: str, rating: float) -> None:
    module = "import typing as t\nfrom typing import Any, Any as Y\nX = Any\nPayload = dict[str, Any]\n"
    aliases = aliases_of([("app/main.py", ast.parse(module))])["app/main.py"]
    assert aliases.rate(ast.parse(annotation, mode="eval").body, "return") == rating


def test_an_alias_of_any_is_seen_through_an_import() -> None:
    found = aliases_of(
        [
            ("app/kinds.py", ast.parse("from typing import Any\nJSON = Any\n")),
            ("app/main.py", ast.parse("from .kinds import JSON as J\n")),
        ]
    )
    assert found["app/main.py"].rate(ast.Name("J", ast.Load()), "parameter") == 0


def test_only_comments_are_neutralised_and_columns_stay() -> None:
    text = 'x = "# type: ignore"  # type: ignore[x]\n"""doc\n# mypy: ignore-errors"""\n# noqa here\ny = 1\n'
    neutral = neutralise("a.py", text, ast.parse(text))
    assert '"# type: ignore"  #-' in neutral.text
    assert "# mypy: ignore-errors" in neutral.text
    assert [len(line) for line in neutral.text.split("\n")] == [len(line) for line in text.split("\n")]
    assert (len(neutral.types), len(neutral.lint)) == (1, 1)
    assert neutral.code_lines == {1, 5}


def test_settings_without_arguments_are_no_error() -> None:
    tree = ast.parse("class Base(BaseSettings): ...\nclass Settings(Base):\n    url: str\nclass User(BaseModel): ...\n")
    framework = Framework([tree])
    assert framework.is_false("call-arg", 'Missing named argument "url" for "Settings"')
    assert not framework.is_false("call-arg", 'Missing named argument "url" for "User"')
    assert not framework.is_false("call-arg", 'Unexpected keyword argument "url" for "Settings"')


def test_a_library_without_types_costs_nothing() -> None:
    framework = Framework([])
    base = 'Class cannot subclass "Thing" (has type "Any")'
    assert framework.is_false("import-untyped", "Skipping analyzing")
    assert framework.is_false("misc", base, beside_untyped=True)
    assert not framework.is_false("misc", base)


def test_a_tool_is_ended_at_its_deadline_with_its_children(tmp_path: Path) -> None:
    done = run(["/bin/sh", "-c", "sleep 600 & yes"], cwd=tmp_path, deadline_s=0.5, cap=1000)
    assert "ran out of time" in done.problem
    assert len(done.output) == 1000


@pytest.mark.parametrize(
    ("rule", "group"),
    [("ASYNC210", "async"), ("RUF006", "async"), ("S324", "security"), ("F821", "correctness"), ("UP006", "style")],
)
def test_each_rule_has_its_group(rule: str, group: str) -> None:
    assert group_of(rule) == group
