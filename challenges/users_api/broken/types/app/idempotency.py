"""Idempotency keys: the first request with a key makes the answer, the others get it again."""

import hashlib
import hmac
import json

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.problems import ProblemError
from app.tables import IdempotencyKey


def fingerprint(body, secret):
    """What a body comes down to: keyed, since bodies hold passwords."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(secret.encode(), canonical, hashlib.sha256).hexdigest()


async def claim(session, key, print_):
    """Claim a key within the caller's transaction.

    None: it is the caller's, who has to `keep` an answer before the commit. Otherwise the answer that it got before.
    The insert waits for a claim that is not committed yet, so of many at once one makes the answer.
    """
    statement = insert(IdempotencyKey).values(key=key, fingerprint=print_).on_conflict_do_nothing()
    claimed = await session.scalar(statement.returning(IdempotencyKey.key))
    if claimed is not None:
        return None
    known = await session.get(IdempotencyKey, key)
    if known is None or known.answer is None:
        raise ProblemError(409, "A request with this idempotency key is in progress.")
    if not hmac.compare_digest(known.fingerprint, print_):
        raise ProblemError(422, "This idempotency key was used with another body.")
    return known.answer


async def keep(session, key, answer):
    """Keep the answer for those who come with the same key."""
    await session.execute(update(IdempotencyKey).where(IdempotencyKey.key == key).values(answer=answer))
