"""The service."""

from __future__ import annotations

from app.client import Opinion, opinion
from app.models import NewNote, Note
from app.store import Store

import httpx


async def fill(store: Store, titles: list[str]) -> list[Note]:
    return [await store.add(NewNote(title=title)) for title in titles]


async def judged(store: Store, number: int) -> tuple[Note, Opinion | None]:
    note = await store.find(number)
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
        return note, await opinion(client, note.number)


async def main() -> int:
    store = Store()
    notes = await fill(store, ["one", "two"])
    first, said = await judged(store, notes[0].number)
    await store.remove(first.number)
    return 0 if said is None else said.stars


entry = main
from tests.service import STEPS
