"""Takes secrets out of text before anybody sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

HIDDEN = "[redacted]"
_WITHHELD = "[token]"
_SHORTEST = 6

_SECRET_NAME = re.compile(
    r"secret|passw|\bpwd\b|_pw$|token|credential|private|signing|(^|_)(api_?)?key$", re.IGNORECASE
)
_MEMBER = re.compile(
    r"""("(?:[\w-]*passw(?:or)?d|[\w-]*secret|access_token|refresh_token|id_token)"\s*:\s*)"(?:[^"\\]|\\.)*"?""",
    re.IGNORECASE,
)
_FORM = re.compile(r"((?:^|[?&\s])(?:password|client_secret|access_token|refresh_token)=)[^&\s]+", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)[ \t]+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_DSN = re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@\"']{0,200}:)[^\s@/\"']{1,200}@", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
# Terminal escapes, NUL, and marks that turn the direction of text: readable, but without effect.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Redactor:
    """Knows the secrets of one run, and what secrets look like."""

    def __init__(self, environment: Mapping[str, str] | None = None, more: Iterable[str] = ()) -> None:
        found = {value for value in more if len(value) >= _SHORTEST}
        for name, value in (environment or {}).items():
            password = _password_of(value)
            if _SECRET_NAME.search(name) and len(value) >= _SHORTEST:
                found.add(value)
            if len(password) >= _SHORTEST:
                found |= {password, unquote(password)}
        # The longest first: one secret may be a part of another.
        known = sorted(found, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """`text` without secrets and without control characters that do something."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _MEMBER.sub(rf'\1"{HIDDEN}"', text)
        text = _BEARER.sub(rf"\1 {_WITHHELD}", text)
        text = _JWT.sub(_WITHHELD, text)
        text = _FORM.sub(rf"\1{HIDDEN}", text)
        text = _DSN.sub(rf"\1{HIDDEN}@", text)
        return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)

    def header(self, name: str, value: str) -> str:
        """A header's value; of those that carry credentials only the scheme."""
        if name.lower() in _SECRET_HEADERS:
            scheme, space, rest = value.partition(" ")
            value = f"{scheme} {_WITHHELD}" if space and rest else HIDDEN if len(value) >= _SHORTEST else value
        return self.text(value)


def _password_of(value: str) -> str:
    if "://" not in value:
        return ""
    try:
        return urlsplit(value).password or ""
    except ValueError:
        return ""
