"""Bearer tokens that a service must refuse, made from one that it gave."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _part(value: dict[str, Any]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and claims of a JWT, or None when it is not one."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(p + "=" * (-len(p) % 4))) for p in parts[:2])
    except (binascii.Error, ValueError):
        return None
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None


def signed(header: dict[str, Any], claims: dict[str, Any], key: str) -> str:
    """A JWT signed with `key`, by HS256 when the header names no HMAC."""
    digest = _HASHES.get(str(header.get("alg")), hashlib.sha256)
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{_encode(hmac.new(key.encode(), text.encode(), digest).digest())}"


def is_signed_with(token: str, key: str) -> bool:
    """Whether `token` is a JWT with a plain HMAC of `key`: only then can we make one that differs in one claim."""
    parsed = read(token)
    if parsed is None or parsed[0].get("alg") not in _HASHES:
        return False
    text, _, signature = token.rpartition(".")
    digest = _HASHES[parsed[0]["alg"]]
    return hmac.compare_digest(signature, _encode(hmac.new(key.encode(), text.encode(), digest).digest()))


def unsigned(token: str) -> list[str]:
    """`token` without its signature: `alg` none in three spellings, and the signature simply cut off."""
    header, claims = read(token) or ({"typ": "JWT"}, {"sub": "1"})
    made = [f"{_part({**header, 'alg': alg})}.{_part(claims)}." for alg in ("none", "None", "NONE")]
    return [*made, f"{_part({'alg': 'HS256', **header})}.{_part(claims)}."]


def foreign(token: str, key: str) -> str:
    """The same claims, signed with a key that is not the service's."""
    header, claims = read(token) or ({"typ": "JWT", "alg": "HS256"}, {"sub": "1"})
    return signed({**header, "alg": "HS256"}, claims, key)


def swapped(token: str, other: str) -> str:
    """Header and claims of `other` under the signature of `token`."""
    return f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}"


def expired(token: str, key: str, now: int) -> str | None:
    """`token` as it would look an hour after it ended, properly signed; None when we can't sign like the service."""
    parsed = read(token)
    if parsed is None or not is_signed_with(token, key) or "exp" not in parsed[1]:
        return None
    header, claims = parsed
    for claim in ("iat", "nbf", "auth_time"):
        if isinstance(claims.get(claim), (int, float)):
            claims = {**claims, claim: now - 7200}
    return signed(header, {**claims, "exp": now - 3600}, key)


def about(token: str, key: str, subject: str) -> str | None:
    """`token` about somebody else, properly signed; None when we can't sign like the service."""
    parsed = read(token)
    if parsed is None or not is_signed_with(token, key) or "sub" not in parsed[1]:
        return None
    return signed(parsed[0], {**parsed[1], "sub": subject}, key)
