"""Message: a request or an answer without what is in every one, and with its JSON set out in lines. Pure."""

from __future__ import annotations

import itertools
import json

from harness.record import Exchange
from harness.reporting import views

# What is longer is no document that is read at a glance.
_MOST_JSON = 4000
_COMPACT, _SPACED = (",", ":"), (", ", ": ")


def told(exchange: Exchange, *, width: int, most: int) -> tuple[str, str]:
    """What was sent and what came; JSON is set out where that takes `most` lines of `width` or fewer."""
    brief = views.brief(exchange)
    return _set_out(brief.request.strip(), width, most), _set_out(brief.response.strip(), width, most)


def _set_out(message: str, width: int, most: int) -> str:
    head, gap, body = message.partition("\n\n")
    laid = head + gap + laid_out(body, width)
    return laid if laid.count("\n") < most else message


def laid_out(body: str, width: int) -> str:
    """JSON over several lines, each as long as there is room; what is no JSON, or fits anyway, as it is.

    So is JSON that can't be written again exactly as it was: how it was written may be what the check is about.
    """
    if len(body) <= width or len(body) > _MOST_JSON or not body.startswith(("{", "[")):
        return body
    try:
        value = json.loads(body)
        for ascii_, separators in itertools.product((False, True), (_COMPACT, _SPACED)):
            if json.dumps(value, ensure_ascii=ascii_, separators=separators) == body:
                return _laid(value, 0, 0, width, ascii_)
    except (ValueError, RecursionError):
        pass
    return body


def _laid(value: object, inset: int, taken: int, width: int, ascii_: bool) -> str:
    """A value whose lines are `inset` deep, and before whose first line `taken` characters stand."""
    flat = json.dumps(value, ensure_ascii=ascii_)
    if not value or not isinstance(value, dict | list) or inset + taken + len(flat) < width:
        return flat
    inner = inset + 2
    if isinstance(value, dict):
        names = {name: json.dumps(name, ensure_ascii=ascii_) + ": " for name in value}
        parts = [names[name] + _laid(item, inner, len(names[name]), width, ascii_) for name, item in value.items()]
    else:
        parts = [_laid(item, inner, 0, width, ascii_) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"{opening}\n{lines}\n{' ' * inset}{closing}"
