"""Rich text without markup, of characters that a console can write."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from harness.reporting.text import clean


def painted(console: Console, *parts: tuple[str, str]) -> Text:
    """The texts one after the other, each with its style; none of them is read as markup."""
    text = Text(overflow="fold")
    for part, style in parts:
        written = clean(part).encode(console.encoding, "backslashreplace").decode(console.encoding)
        text.append(written, style=style or None)
    return text
