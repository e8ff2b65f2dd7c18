"""Names of rooms."""

import re

from fastapi import HTTPException

_NAME = re.compile(r"[a-z0-9-]{1,64}")


def is_room(name):
    """Whether a room may be called so."""
    return _NAME.fullmatch(name) is not None


def room_of(room):
    """The room of a path; 404 when none can be called so."""
    if not is_room(room):
        raise HTTPException(404, "no such room")
    return room
