"""The parts of the analysis, each by itself."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from harness.analysis.anys import aliases_of
from harness.analysis.framework import Framework
from harness.analysis.process import run
from harness.analysis.ruff_run import group_of
from harness.analysis.suppressions import neutralise, unchecked


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


@pytest.mark.parametrize(
    ("imports", "annotation", "rating"),
    [
        ("from prometheus_client import Counter", "Counter", 1),
        ("import prometheus_client", "prometheus_client.Counter", 1),
        ("class List: ...", "List", 1),
        ("from collections import Counter", "Counter", 0),
        ("import collections.abc", "collections.abc.Mapping", 0),
        ("from collections import abc", "abc.Mapping", 0),
        ("from typing import Dict as D", "D", 0),
        ("from typing import *", "Any", 0),
        ("from pydantic.main import Any", "Any", 0),
    ],
)
def test_a_name_is_worth_what_it_was_imported_as(imports: str, annotation: str, rating: float) -> None:
    aliases = aliases_of([("app/main.py", ast.parse(imports))])["app/main.py"]
    assert aliases.rate(ast.parse(annotation, mode="eval").body, "return") == rating


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ("if TYPE_CHECKING:\n  import a\n  import b\n", set()),
        ("if TYPE_CHECKING:\n  pass\nelse:\n  a()\n  b()\n", {4, 5}),
        ("if not t.TYPE_CHECKING and True:\n  a()\n  b()\n", {2, 3}),
        ("if TYPE_CHECKING:\n  raise SystemExit\na()\nb()\n", {3, 4}),
        ("assert not TYPE_CHECKING\na()\nb()\n", {2, 3}),
        ("while not TYPE_CHECKING:\n  a()\n  break\n", {1, 2, 3}),
        ("@no_type_check\ndef f():\n  a()\n", {2, 3}),
    ],
)
def test_code_that_is_hidden_from_type_checkers_is_counted(body: str, hidden: set[int]) -> None:
    tree = ast.parse(body)
    places, lines = unchecked("a.py", tree, frozenset(range(1, body.count("\n") + 1)))
    assert lines == hidden
    assert bool(places) == bool(hidden)


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
    result = 'Returning Any from function declared to return "bool"'
    assert framework.is_false("no-any-return", result, beside_untyped=True)
    assert not framework.is_false("no-any-return", result)


def test_only_the_submissions_own_functions_should_have_types() -> None:
    framework = Framework([ast.parse("def mine(x): ...\n")])
    assert framework.is_false("no-untyped-call", 'Call to untyped function "from_url" in typed context')
    assert not framework.is_false("no-untyped-call", 'Call to untyped function "mine" in typed context')


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        ("method-assign", "Cannot assign to a method", "app.openapi = document"),
        ("attr-defined", '"Result[*tuple[Any, ...]]" has no attribute "rowcount"', "return result.rowcount"),
        ("attr-defined", '"Dated" has no attribute "__name__"; maybe "__tablename__"?', "return cls.__name__.lower()"),
    ],
)
def test_what_the_frameworks_document_is_no_error(code: str, message: str, line: str) -> None:
    assert Framework([]).is_false(code, message, line=line)
    assert not Framework([]).is_false(code, message.replace("rowcount", "rows"), line="self.run = other")


def test_a_tool_is_ended_at_its_deadline_with_its_children(tmp_path: Path) -> None:
    done = run(["/bin/sh", "-c", "sleep 600 & yes"], cwd=tmp_path, deadline_s=0.5, cap=1000)
    assert "ran out of time" in done.problem
    assert len(done.output) == 1000


def test_a_tool_that_needs_too_much_processor_time_is_told_from_a_slow_machine(tmp_path: Path) -> None:
    busy = [sys.executable, "-c", "while True: pass"]
    done = run(busy, cwd=tmp_path, deadline_s=120, cpu_s=1)
    assert (done.costly, done.problem) == (True, "")


@pytest.mark.parametrize(
    ("rule", "group"),
    [("ASYNC210", "async"), ("RUF006", "async"), ("S324", "security"), ("F821", "correctness"), ("UP006", "style")],
)
def test_each_rule_has_its_group(rule: str, group: str) -> None:
    assert group_of(rule) == group
