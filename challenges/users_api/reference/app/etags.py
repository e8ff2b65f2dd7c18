"""Entity tags and the two conditions on them (RFC 9110, 8.8.3 and 13.1)."""

from app.tables import User


def etag(user: User) -> str:
    """The strong tag of a user's current content."""
    return f'"{user.id.hex[:12]}-{user.version}"'


def _tags(header: str) -> list[str]:
    # Ours have no comma. One pass, however long the header is: a pattern can be made to backtrack.
    return [tag.strip() for tag in header.split(",")]


def matches(header: str, current: str) -> bool:
    """`If-Match`: strong comparison, so a weak tag never matches."""
    return header.strip() == "*" or current in _tags(header)


def is_known(header: str | None, current: str) -> bool:
    """`If-None-Match`: weak comparison."""
    if header is None:
        return False
    return header.strip() == "*" or current in [tag.removeprefix("W/") for tag in _tags(header)]
