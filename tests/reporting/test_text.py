"""Text from strangers."""

from __future__ import annotations

import pytest

from harness.reporting.text import clean, clip, one_line
from tests.reporting.records import HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b]8;;http://x\x1b\\", "\\x1b]8;;http://x\\x1b\\"),
        ("a\x00b\x07\x7f\x9b", "a\\x00b\\x07\\x7f\\x9b"),
        ("safe\u202egpj.exe", "safe\\u202egpj.exe"),
        ("\u2066\u2069\u200f\u061c", "\\u2066\\u2069\\u200f\\u061c"),
        ("ze\u200bro\ufeff", "ze\\u200bro\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("over\rwritten", "over\\x0dwritten"),
    ],
)
def test_what_is_invisible_or_steers_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_colours_are_dropped() -> None:
    assert clean("\x1b[1;31mred\x1b[0m") == "red"


def test_lines_tabs_and_other_alphabets_stay() -> None:
    text = "one\n\ttwo\n\u0645\u0631\u062d 日本語 é \U0001f469\u200d\U0001f4bb"
    assert clean(text) == text


def test_windows_lines_become_lines() -> None:
    assert clean("a\r\nb") == "a\nb"


def test_piled_marks_are_cut_down() -> None:
    assert clean("z" + "\u0301" * 500) == "z" + "\u0301" * 4


def test_cleaning_twice_changes_nothing_more() -> None:
    assert clean(clean(HOSTILE)) == clean(HOSTILE)


def test_taking_out_a_colour_does_not_make_another_sequence() -> None:
    assert "\x1b" not in clean("\x1b\x1b[0m[2J")


def test_cleaned_text_can_be_written_as_utf_8() -> None:
    clean(HOSTILE).encode("utf-8")


def test_one_line_has_no_breaks_and_a_limit() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("x" * 1000, 10) == "x" * 9 + "…"


def test_a_clipped_text_says_how_much_is_missing() -> None:
    assert clip("abcdef", 4) == "abcd\n… 2 more characters (result.json has them)"
    assert clip("abcd", 4) == "abcd"


def test_a_line_is_cut_where_it_is_longer_than_its_limit_and_not_after_a_blank() -> None:
    assert one_line("x" * 300) == "x" * 300
    assert one_line("x" * 301) == "x" * 299 + "…"
    assert one_line("abc", 3) == "abc"
    assert one_line("ab cd", 4) == "ab…"


def test_no_more_than_twenty_times_the_limit_is_read_for_a_line() -> None:
    assert one_line(" " * 59 + "x", 3) == "x"
    assert one_line(" " * 60 + "x", 3) == ""
