"""The users in the database. Every race is left to PostgreSQL: a constraint or a version in a WHERE decides it."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.problems import ProblemError
from app.tables import User


async def find(session, user_id):
    """The user with this id."""
    return await session.get(User, user_id)


async def find_by_email(session, email):
    """The user with this address, however it is spelt."""
    return await session.scalar(select(User).where(User.email == email.lower()))


async def add(session, new, password_hash):
    """Add a user; 409 when the address is taken. The caller commits."""
    user = User(**new.model_dump(exclude={"password"}), password_hash=password_hash, role="user")
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        raise ProblemError(409, "This e-mail address is taken.") from error
    return user


async def add_all(session, rows):
    """Add all or none; 409 when an address is taken or comes twice."""
    # In one order: two imports with addresses in common then wait for each other, where they could deadlock.
    values = [{**row.model_dump(), "role": "user"} for row in sorted(rows, key=lambda row: row.email)]
    try:
        # With RETURNING, all rows go in one statement.
        await session.execute(insert(User).returning(User.id), values)
        await session.commit()
    except IntegrityError as error:
        raise ProblemError(409, "An e-mail address is taken or comes twice; nothing was imported.") from error


async def change(session, user, patch, *, expected_version):
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


async def remove(session, user_id):
    """Remove a user, if it is still there."""
    await session.execute(delete(User).where(User.id == user_id))
    await session.commit()


async def page(session, *, after, limit):
    """Up to `limit` users behind a position, oldest first, in one statement."""
    statement = select(User).where(User.position > after).order_by(User.position).limit(limit)
    return (await session.scalars(statement)).all()
