"""What is marked in two texts that differ."""

from __future__ import annotations

import pytest

from harness.reporting.marks import Piece, marked, pointed


@pytest.mark.parametrize(
    ("text", "actual", "differs"),
    [
        ("version 3.1", "it is 3.1.", ["3.1"]),
        ("header X-1", "got X-1", ["X-1"]),
        ("42 rows", "42", []),
        ("v6/a", "v1/a v2/a v3/a v4/a v5/a v6/a", ["v6/a"]),
        ("201 201 201", "201", ["201", "201", "201"]),
        ("GET /users/1", "/users and /users/1", ["/users/1"]),
    ],
)
def test_telling_words_of_what_happened_are_marked(text: str, actual: str, differs: list[str]) -> None:
    pieces = pointed(text, "nothing", actual)
    assert [piece.text for piece in pieces if piece.differs] == differs
    assert "".join(piece.text for piece in pieces) == text


def test_texts_that_share_half_of_their_words_are_marked() -> None:
    assert marked("a-", "a+") == (
        (Piece("a", False), Piece("-", True)),
        (Piece("a", False), Piece("+", True)),
    )


@pytest.mark.parametrize(("expected", "actual"), [("a", "b c"), ("", "201"), ("201", "")])
def test_texts_that_share_too_little_are_one_piece_each(expected: str, actual: str) -> None:
    assert marked(expected, actual) == ((Piece(expected, False),), (Piece(actual, False),))


def test_what_is_the_same_stays_in_one_piece() -> None:
    expected, actual = marked("201 with a Location", "200 with a Location")
    assert expected == (Piece("201", True), Piece(" with a Location", False))
    assert actual == (Piece("200", True), Piece(" with a Location", False))


SAME = " abcdefg" * 187  # 1496 characters


def test_texts_up_to_1500_characters_are_marked() -> None:
    expected, actual = marked("1111" + SAME, "2222" + SAME)
    assert [piece.text for piece in (*expected, *actual) if piece.differs] == ["1111", "2222"]


@pytest.mark.parametrize(("expected_start", "actual_start"), [("11111", "2222"), ("1111", "22222")])
def test_longer_texts_are_one_piece_each(expected_start: str, actual_start: str) -> None:
    expected, actual = expected_start + SAME, actual_start + SAME
    assert marked(expected, actual) == ((Piece(expected, False),), (Piece(actual, False),))
