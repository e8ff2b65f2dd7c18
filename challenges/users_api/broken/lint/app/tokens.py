"""Bearer tokens: signed, short-lived, and no more than a user's id."""

import uuid
from datetime import UTC, datetime, timedelta

import jwt

LIFETIME = timedelta(hours=1)
_ALGORITHM = "HS256"
_AUDIENCE = "users-api"


def issue(user_id: uuid.UUID, secret: str) -> str:
    """A token for a user."""
    now = datetime.now(UTC)
    claims = {"sub": str(user_id), "aud": _AUDIENCE, "iat": now, "exp": now + LIFETIME}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read(token: str, secret: str) -> uuid.UUID | None:
    """The user that a token is about; None unless it is ours, unexpired and whole."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "exp", "aud"]},
        )
        return uuid.UUID(claims["sub"])
    except Exception:
        return None
