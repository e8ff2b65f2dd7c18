"""What goes in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Name
    text: str | None = Field(None, max_length=1000)


class Note(NewNote):
    number: int
    made: datetime = Field(default_factory=lambda: datetime.now(UTC))


class NoSuchNote(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(f"no note has number {number}")
        self.number = number
