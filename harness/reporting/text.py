"""Text from strangers, made safe to show: what would be invisible or steer a terminal is written out."""

from __future__ import annotations

import re

# Colour alone carries nothing worth keeping; every other escape sequence is shown.
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
# C0 (but tab and newline), DEL, C1, soft hyphen, bidi controls, zero widths (but the joiners that scripts and
# emoji need), fillers, line separators, surrogates without a partner, non-characters, tags.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# More marks on one letter than any language writes climb into the lines above and below.
_PILE = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def clean(text: str) -> str:
    """The text with every control and invisible character written out (`\\x1b`, `\\u202e`).

    Newlines and tabs stay; colours are dropped. The result can be encoded as UTF-8 and printed anywhere;
    cleaning it again changes nothing.
    """
    plain = _COLOUR.sub("", text.replace("\r\n", "\n"))
    return _PILE.sub(r"\1", _HIDDEN.sub(_written_out, plain))


def one_line(text: str, limit: int = 300) -> str:
    """The cleaned text on one line, cut at `limit` characters."""
    line = " ".join(clean(text[: limit * 20]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def clip(text: str, limit: int) -> str:
    """The text up to `limit` characters, with a last line that says how much was left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit} more characters (result.json has them)"


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
