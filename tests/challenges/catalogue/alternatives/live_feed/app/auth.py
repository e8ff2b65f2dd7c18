"""Tokens: a user's name, a dot, and the HMAC of the name."""

import hashlib
import hmac
import os
import re
from typing import Annotated

from fastapi import Depends, Header, HTTPException

USER = re.compile(r"[a-z0-9-]{1,32}")


def user_of(token: str) -> str | None:
    """Return the user whom the token names, or None if it is wrong."""
    key = os.environ.get("SECRET_KEY", "")
    user, _, signature = token.partition(".")
    if not key or USER.fullmatch(user) is None:
        return None
    expected = hmac.new(key.encode(), user.encode(), hashlib.sha256).hexdigest()
    if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return user
    return None


def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """Ask for a good bearer token; answer 401 otherwise."""
    scheme, _, token = authorization.partition(" ")
    user = user_of(token.strip()) if scheme.lower() == "bearer" else None
    if user is None:
        raise HTTPException(401, "a valid bearer token is needed", {"WWW-Authenticate": "Bearer"})
    return user


CurrentUser = Annotated[str, Depends(bearer)]
