"""Entity tags and the two conditions on them (RFC 9110, 8.8.3 and 13.1)."""


def etag(user):
    """The strong tag of a user's current content."""
    return f'"{user.id.hex[:12]}-{user.version}"'


def _tags(header):
    # Ours have no comma. One pass, however long the header is: a pattern can be made to backtrack.
    return [tag.strip() for tag in header.split(",")]


def matches(header, current):
    """`If-Match`: strong comparison, so a weak tag never matches."""
    return header.strip() == "*" or current in _tags(header)


def is_known(header, current):
    """`If-None-Match`: weak comparison."""
    if header is None:
        return False
    return header.strip() == "*" or current in [tag.removeprefix("W/") for tag in _tags(header)]
