"""Cursors: a position in the list, signed so that nobody makes their own."""

import base64
import binascii
import hashlib
import hmac

_SIGNATURE_BYTES = 12
_POSITION_BYTES = 8


def _sign(position, secret):
    return hmac.new(secret.encode(), b"cursor" + position, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def encode(position, secret):
    """The cursor that continues after a position."""
    raw = position.to_bytes(_POSITION_BYTES, "big")
    return base64.urlsafe_b64encode(raw + _sign(raw, secret)).decode().rstrip("=")


def decode(cursor, secret):
    """The position of a cursor; None when it isn't one of ours."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    position, signature = raw[:_POSITION_BYTES], raw[_POSITION_BYTES:]
    if not hmac.compare_digest(signature, _sign(position, secret)) or encode_raw(raw) != cursor:
        return None
    return int.from_bytes(position, "big")


def encode_raw(raw):
    """The one spelling of a cursor: base64 has others for the same bytes."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
