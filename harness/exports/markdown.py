"""Markdown: a stranger's text in it stays text. Pure.

The rules are those of GitHub Flavored Markdown (https://github.github.com/gfm/): a backslash before ASCII punctuation
takes its meaning away (6.1), a fence is closed by a fence as long (4.5). What GitHub makes links of beyond that
(addresses, mentions, references) needs its parts side by side, so an empty comment is put between them.
"""

from __future__ import annotations

import html
import re

from harness.exports.plain import block
from harness.reporting.text import one_line

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# `@name`, `#12`, `https://` and mail addresses; `www.`; `GH-12`. The latter two with or without an escape after them.
_LINKED = re.compile(r"([@#:]|\bwww(?=\\?\.)|\bgh(?=\\?-))", re.IGNORECASE)
# Forty characters of a commit's digest, or seven, are made a link as well.
_DIGEST = re.compile(r"\b([0-9a-f]{6})(?=[0-9a-f]{1,34}\b)")
_BREAK = "<!-- -->"


def inline(text: str, limit: int = 300) -> str:
    """The text on one line, without any meaning to Markdown or HTML."""
    return _unlinked(_PUNCTUATION.sub(r"\\\1", one_line(text, limit)))


def in_html(text: str, limit: int = 300) -> str:
    """The text on one line, for a place inside an HTML tag, where Markdown is not read and a backslash is one."""
    return _unlinked(html.escape(one_line(text, limit), quote=False))


def fenced(text: str, most: int = 4000) -> str:
    """The text as a block of code, in a fence that it can't close."""
    content = block(text, most)
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{content}\n{fence}"


def _unlinked(escaped: str) -> str:
    return _DIGEST.sub(rf"\1{_BREAK}", _LINKED.sub(rf"\1{_BREAK}", escaped))
