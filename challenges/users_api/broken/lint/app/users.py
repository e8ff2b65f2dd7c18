"""The users in the database. Every race is left to PostgreSQL: a constraint or a version in a WHERE decides it."""

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.problems import ProblemError
from app.schemas import UserCreate, UserImport, UserPatch
from app.tables import User


async def find(session: AsyncSession, user_id: uuid.UUID) -> User | None:
    """The user with this id."""
    return await session.get(User, user_id)


async def find_by_email(session: AsyncSession, email: str) -> User | None:
    """The user with this address, however it is spelt."""
    return await session.scalar(select(User).where(User.email == email.lower()))


async def add(session: AsyncSession, new: UserCreate, password_hash: str) -> User:
    """Add a user; 409 when the address is taken. The caller commits."""
    user = User(**new.model_dump(exclude={"password"}), password_hash=password_hash, role="user")
    session.add(user)
    try:
        await session.flush()
    except IntegrityError:
        raise ProblemError(409, "This e-mail address is taken.")
    return user


async def add_all(session: AsyncSession, rows: Sequence[UserImport]) -> None:
    """Add all or none; 409 when an address is taken or comes twice."""
    # In one order: two imports with addresses in common then wait for each other, where they could deadlock.
    values = [{**row.model_dump(), "role": "user"} for row in sorted(rows, key=lambda row: row.email)]
    try:
        # With RETURNING, all rows go in one statement.
        await session.execute(insert(User).returning(User.id), values)
        await session.commit()
    except IntegrityError:
        raise ProblemError(409, "An e-mail address is taken or comes twice; nothing was imported.")


async def change(session: AsyncSession, user: User, patch: UserPatch, *, expected_version: int | None) -> User:
    """Apply a merge patch to the version that was seen, or to any; 412 when it has been changed since.

    A patch that changes nothing makes no new version: the ETag follows the content.
    """
    values = {name: getattr(patch, name) for name in patch.model_fields_set}
    if "tags" in values and values["tags"] is None:
        values["tags"] = []
    if all(getattr(user, name) == value for name, value in values.items()):
        return user
    statement = update(User).where(User.id == user.id).values(**values, version=User.version + 1)
    if expected_version is not None:
        statement = statement.where(User.version == expected_version)
    changed = await session.scalar(statement.returning(User).execution_options(populate_existing=True))
    if changed is None:
        await session.rollback()
        raise ProblemError(412, "The user has been changed since.")
    await session.commit()
    return changed


async def remove(session: AsyncSession, user_id: uuid.UUID) -> None:
    """Remove a user, if it is still there."""
    await session.execute(delete(User).where(User.id == user_id))
    await session.commit()


async def page(session: AsyncSession, *, after: int, limit: int) -> Sequence[User]:
    """Up to `limit` users behind a position, oldest first, in one statement."""
    statement = select(User).where(User.position > after).order_by(User.position).limit(limit)
    return (await session.scalars(statement)).all()
