"""A room as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from app.dependencies import HubDep, Name, User
from app.hub import Hub
from app.rooms import room_of
from app.schemas import Message

router = APIRouter(prefix="/v1/rooms", tags=["rooms"])


@router.get("/{room}/events")
async def events(
    room: Name, _user: User, hub: HubDep, last_event_id: Annotated[str, Header()] = ""
) -> StreamingResponse:
    """Stream the messages of the room, those after Last-Event-ID first."""
    after = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else None
    return StreamingResponse(
        _stream(hub, room_of(room), after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(hub: Hub, room: str, after: int | None) -> AsyncIterator[str]:
    with hub.listen(room, "stream", after) as mailbox:
        # A comment at once: whoever has it is listened for.
        yield ": welcome\n\n"
        while (message := await mailbox.get()) is not None:
            yield _event(message)


def _event(message: Message) -> str:
    data = "".join(f"data: {line}\n" for line in message.text.split("\n"))
    return f"id: {message.id}\nevent: message\n{data}\n"
