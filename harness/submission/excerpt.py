"""Excerpt: the line that is wrong as a compiler shows it, with its number and a caret under the place."""

from __future__ import annotations

# As much as stands in one row of a terminal that is 80 wide: a caret points to nothing where its line is wrapped.
_MOST, _BEFORE = 60, 40


def excerpt(text: str, line: int, column: int = 0) -> str:
    """Two lines of plain text: what `text` is, as its line `line`, and a caret under `column`, which counts from 1.

    Without a column there is no caret. Of a long line it is the part around the caret; what can't be seen is a blank.
    """
    start = max(0, column - 1 - _BEFORE)
    # One character for each, a tab as well, so that the caret stays under its place.
    shown = "".join(character if character.isprintable() else " " for character in text[start : start + _MOST])
    number = f"{line:>4}"
    lines = [f"{number} | {shown.rstrip()}"]
    if column > 0:
        lines.append(" " * len(number) + " | " + " " * min(column - 1 - start, len(shown)) + "^")
    return "\n".join(lines)
