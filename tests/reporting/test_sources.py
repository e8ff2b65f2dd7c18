"""The submission's files with what was said of each line."""

from __future__ import annotations

from typing import Any

import pytest

from harness.record import CodeRef, EvidenceItems, Outcome, Signal, SourceFile
from harness.reporting.sources import File, Line, Remark, sources
from tests.reporting.records import make_check, make_record


def make_source(path: str, text: str = "a = 1\n", **rest: Any) -> SourceFile:
    return SourceFile(path=path, text=text, **({"types": "."} | rest))


def point(path: str, line: int = 1, message: str = "look here", **rest: str) -> CodeRef:
    return CodeRef(path=path, line=line, message=message, **rest)


def make_signal(*places: CodeRef, good: bool = False) -> Signal:
    return Signal(id="s", good=good, title="a habit", count=len(places), places=list(places))


def draw(*files: SourceFile, **rest: Any) -> list[File]:
    return list(sources(make_record([make_check("c")], sources=list(files), **rest)).files)


def read_remarks(*files: SourceFile, **rest: Any) -> list[Remark]:
    return [remark for file in draw(*files, **rest) for line in file.lines for remark in line.remarks]


def test_a_file_has_its_lines_with_their_letters_and_counts_them() -> None:
    file = make_source("app/a.py", "a\nb\nc\nd\n\n", types="tt?..", coverage="cccm.")
    assert draw(file, signals=[make_signal(point("app/a.py", 2))]) == [
        File(
            path="app/a.py",
            anchor="s1",
            lines=(
                Line(1, "a", "t", "c", "", ()),
                Line(2, "b", "t", "c", "s1-2", (Remark("signal", "look here"),)),
                Line(3, "c", "", "c", "", ()),
                Line(4, "d", "", "m", "", ()),
                Line(5, "", "", "", "", ()),
            ),
            tally={"t": 2},
            covered=3,
            coverable=4,
            remarks=1,
        )
    ]


def test_files_are_drawn_in_the_order_of_their_paths_even_where_nothing_is_said_of_the_first() -> None:
    files = draw(make_source("b.py"), make_source("a.py"), signals=[make_signal(point("b.py"))])
    assert [(file.path, file.anchor) for file in files] == [("a.py", "s1"), ("b.py", "s2")]


def test_files_of_which_something_is_said_come_first_where_there_is_no_room_for_all() -> None:
    record = make_record(
        [make_check("c")],
        sources=[make_source("a.py", "x" * 60_000), make_source("b.py", "x" * 60_000)],
        signals=[make_signal(point("b.py"))],
    )
    drawn = sources(record)
    assert ([file.path for file in drawn.files], drawn.left_out) == (["b.py"], ("a.py",))


def test_there_is_room_for_100000_characters_of_all_files_together() -> None:
    assert len(draw(make_source("a.py", "x" * 60_000), make_source("b.py", "x" * 40_000))) == 2
    assert len(draw(*(make_source(path, "x" * 40_000) for path in ("a.py", "b.py", "c.py")))) == 2


@pytest.mark.parametrize(("length", "shown"), [(400, "x" * 400), (401, "x" * 400 + "…")])
def test_a_long_line_is_cut_and_says_so(length: int, shown: str) -> None:
    (file,) = draw(make_source("a.py", "x" * length))
    assert file.lines[0].text == shown


def test_a_finding_belongs_to_the_file_that_has_it_and_keeps_its_rule() -> None:
    finding = point("/somewhere/else.py", rule="E501", url="https://docs.astral.sh/ruff/")
    assert read_remarks(make_source("a.py", findings=[finding])) == [
        Remark("finding", "look here", "E501", "https://docs.astral.sh/ruff/")
    ]


@pytest.mark.parametrize(("message", "text"), [("opens a client", "opens a client"), ("", "a habit")])
def test_a_signal_says_what_is_at_the_place_or_else_what_it_is(message: str, text: str) -> None:
    signal = make_signal(point("a.py", message=message), good=True)
    assert read_remarks(make_source("a.py"), signals=[signal]) == [Remark("signal", text, good=True)]


@pytest.mark.parametrize(
    ("outcome", "message", "said"),
    [
        ("fail", "blocks", [Remark("check", "blocks", "R1", "https://x.test")]),
        ("partial", "", [Remark("check", "Title", "R1", "https://x.test")]),
        ("pass", "blocks", []),
    ],
)
def test_a_check_that_was_lost_is_named_where_it_was_lost(outcome: Outcome, message: str, said: list[Remark]) -> None:
    place = point("a.py", message=message, rule="R1", url="https://x.test")
    check = make_check("c", outcome, title="Title", evidence=EvidenceItems(code=[place]))
    drawn = sources(make_record([check], sources=[make_source("a.py")]))
    assert [remark for line in drawn.files[0].lines for remark in line.remarks] == said


def test_a_line_has_at_most_eight_remarks_and_each_once() -> None:
    places = [point("a.py", message=f"remark {number}") for number in (1, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    said = read_remarks(make_source("a.py"), signals=[make_signal(*places)])
    assert [remark.text for remark in said] == [f"remark {number}" for number in range(1, 9)]
