"""Notes in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from app.models import NewNote, NoSuchNote, Note


class Store:
    def __init__(self) -> None:
        self._notes: dict[int, Note] = {}
        self._lock = asyncio.Lock()

    async def add(self, new: NewNote) -> Note:
        async with self._lock:
            note = Note(number=len(self._notes) + 1, title=new.title)
            note.text = new.text
            self._notes[note.number] = note
            return note

    async def find(self, number: int) -> Note:
        note = self._notes.get(number)
        if note is None:
            raise NoSuchNote(number)
        return note

    async def remove(self, number: int) -> None:
        async with self._lock:
            if self._notes.pop(number, None) is None:
                raise NoSuchNote(number)

    def __iter__(self) -> Iterator[Note]:
        return iter(list(self._notes.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Store) and list(self) == list(other)

    def __hash__(self) -> int:
        return id(self)
