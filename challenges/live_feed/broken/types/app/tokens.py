"""Tokens: who a client is."""

import hashlib
import hmac
import re

_USER = re.compile(r"[a-z0-9-]{1,32}")


def user_of(token, key):
    """The user that a token names; None when it is not one of ours."""
    user, _, signature = token.partition(".")
    if not _USER.fullmatch(user):
        return None
    wanted = hmac.new(key.encode(), user.encode(), hashlib.sha256).hexdigest()
    return user if hmac.compare_digest(wanted.encode(), signature.encode()) else None
