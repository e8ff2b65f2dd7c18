"""What goes over the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints


class Draft(BaseModel):
    """A message that a client sends."""

    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=65_536)]


class Message(BaseModel):
    """A message of a room."""

    id: int
    room: str
    user: str
    text: str


class MessageFrame(Message):
    """A message as it goes to a WebSocket."""

    type: Literal["message"] = "message"


class ErrorFrame(BaseModel):
    """What a client did wrong."""

    type: Literal["error"] = "error"
    detail: str


class Stats(BaseModel):
    """Who is connected."""

    websockets: int
    streams: int
