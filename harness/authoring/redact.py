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


def _members(names: str) -> re.Pattern[str]:
    return re.compile(rf"""("(?:{names})"\s*:\s*)"(?:[^"\\]|\\.)*"?""", re.IGNORECASE)


def _fields(names: str) -> re.Pattern[str]:
    return re.compile(rf"((?:^|[?&\s])(?:{names})=)[^&\s]+", re.IGNORECASE)


_TOKENS = "access_token|refresh_token|id_token"
_MEMBER, _TOKEN_MEMBER = _members(rf"[\w-]*passw(?:or)?d|[\w-]*secret|{_TOKENS}"), _members(_TOKENS)
_FORM, _TOKEN_FORM = _fields("password|client_secret|access_token|refresh_token"), _fields(_TOKENS)
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
        return self._without(text, _MEMBER, _FORM)

    def own(self, text: str) -> str:
        """As `text`, of what a check made up and sends itself: the passwords in it are nobody's, and stay."""
        return self._without(text, _TOKEN_MEMBER, _TOKEN_FORM)

    def _without(self, text: str, member: re.Pattern[str], form: re.Pattern[str]) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = member.sub(rf'\1"{HIDDEN}"', text)
        text = _BEARER.sub(rf"\1 {_WITHHELD}", text)
        text = _JWT.sub(_WITHHELD, text)
        text = form.sub(rf"\1{HIDDEN}", text)
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
