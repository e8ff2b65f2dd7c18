"""Marks: where what happened differs from what was expected. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# Longer texts are documents: their differences are named by the check, not seen at a glance.
_MOST = 1500
# Below it the two are different texts, and marks everywhere would say nothing.
_ALIKE = 0.5
_MOST_WORDS, _MOST_OFTEN = 5, 3
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and whether the other text lacks it."""

    text: str
    differs: bool


# What is telling wherever it stands: numbers, media types, paths, names with a sign in them, and values in quotes.
# The names in a JSON object are passed over.
_TELLING = re.compile(r'"[^"\n]{0,80}"\s*:|("[^"\n]{2,80}"|(?<![\w.])[\w/.+-]*[\d/_+][\w/.+-]*)')


def pointed(text: str, expected: str, actual: str) -> tuple[Piece, ...]:
    """`text` in pieces, marked where it holds what `actual` tells and `expected` doesn't."""
    usual = set(_TELLING.findall(expected))
    found = dict.fromkeys(word.strip(".") for word in _TELLING.findall(actual[:_MOST]) if word and word not in usual)
    # The first ones: what is told further on only describes the rest of the answer. What is everywhere tells nothing.
    words = [word for word in found if len(word) > 2 and 0 < text.count(word) <= _MOST_OFTEN][:_MOST_WORDS]
    if not expected or not words:
        return (Piece(text, False),)
    longest = sorted(words, key=lambda word: -len(word))
    parts = re.split("(" + "|".join(rf"(?<![\w]){re.escape(word)}(?![\w])" for word in longest) + ")", text)
    return tuple(Piece(part, number % 2 == 1) for number, part in enumerate(parts) if part)


def marked(expected: str, actual: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, what differs marked; each as one unmarked piece where they have little in common."""
    if len(expected) > _MOST or len(actual) > _MOST:
        return (Piece(expected, False),), (Piece(actual, False),)
    first, second = _WORDS.findall(expected), _WORDS.findall(actual)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Piece(expected, False),), (Piece(actual, False),)
    left, right = [], []
    for kind, a, b, c, d in matcher.get_opcodes():
        left.append(Piece("".join(first[a:b]), kind != "equal"))
        right.append(Piece("".join(second[c:d]), kind != "equal"))
    return tuple(p for p in left if p.text), tuple(p for p in right if p.text)
