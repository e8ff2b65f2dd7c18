"""Passwords: scrypt, off the event loop.

PASSWORD_COST is the binary logarithm of the work for one password, for tests that need many users: 14 if it isn't set.
"""

import hashlib
import hmac
import os
from functools import cache

from anyio import CapacityLimiter, to_thread

_COST, _BLOCK, _PARALLEL = 2 ** int(os.environ.get("PASSWORD_COST", "14")), 8, 1


@cache
def _limiter() -> CapacityLimiter:
    # Each takes 16 MiB and a core: more at a time would only take memory from everybody.
    return CapacityLimiter(2)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)


async def hash_password(password: str) -> str:
    """Salt and hash, as `salt$hash` in hex."""
    salt = os.urandom(16)
    digest = await to_thread.run_sync(_scrypt, password, salt, limiter=_limiter())
    return f"{salt.hex()}${digest.hex()}"


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Without a stored one the same work is done for nothing."""
    salt, _, digest = (stored or f"{'00' * 16}$").partition("$")
    found = await to_thread.run_sync(_scrypt, password, bytes.fromhex(salt), limiter=_limiter())
    return hmac.compare_digest(found.hex(), digest)
