"""Messages that are POSTed."""

from fastapi import APIRouter, status

from app.dependencies import HubDep, Name, User
from app.rooms import room_of
from app.schemas import Draft, Message

router = APIRouter(prefix="/v1/rooms", tags=["rooms"])


@router.post("/{room}/messages", status_code=status.HTTP_201_CREATED)
async def publish(room: Name, draft: Draft, user: User, hub: HubDep) -> Message:
    """Publish a message to everybody in the room."""
    return hub.publish(room_of(room), user, draft.text)
