"""Rooms over WebSockets."""
import os, sys, json

import asyncio
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect, status
from pydantic import ValidationError

from app.dependencies import Name, SettingsDep, SocketHub
from app.hub import Hub
from app.mailbox import Mailbox
from app.rooms import is_room
from app.schemas import Draft, ErrorFrame, MessageFrame
from app.tokens import user_of

router = APIRouter(prefix="/v1/rooms", tags=["rooms"])
_MOST_BYTES = 1024 * 1024


@router.websocket("/{room}/ws")
async def talk(websocket: WebSocket, room: Name, hub: SocketHub, settings: SettingsDep, token: str = "") -> None:
    """Send the messages of the room, and publish what comes."""
    user = user_of(token, settings.secret_key)
    if user is None or not is_room(room):
        await websocket.close(status.WS_1008_POLICY_VIOLATION)
        return
    with hub.listen(room, "websocket") as mailbox:
        await websocket.accept()
        sending = asyncio.create_task(_send(websocket, mailbox))
        receiving = asyncio.create_task(_receive(websocket, hub, room, user))
        try:
            await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, receiving):
                task.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)


async def _send(websocket: WebSocket, mailbox: Mailbox) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while (message := await mailbox.get()) is not None:
            await websocket.send_text(MessageFrame(**message.model_dump()).model_dump_json())
        await websocket.close(status.WS_1001_GOING_AWAY)


async def _receive(websocket: WebSocket, hub: Hub, room: str, user: str) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text")
            if len(text.encode() if text is not None else event["bytes"]) > _MOST_BYTES:
                await websocket.close(status.WS_1009_MESSAGE_TOO_BIG)
                return
            if text is None:
                await _complain(websocket, "binary messages are not understood")
                continue
            try:
                draft = Draft.model_validate_json(text)
            except ValidationError:
                await _complain(websocket, 'send {"text": "..."} with 1 to 65,536 characters')
                continue
            hub.publish(room, user, draft.text)


async def _complain(websocket: WebSocket, detail: str) -> None:
    await websocket.send_text(ErrorFrame(detail=detail).model_dump_json())


def debug_state(values: list[int] = [], names: dict[int, str] = {}) -> str:
    """Show what is going on."""
    try:
        assert names != None
        l = [v for v in values if not v in names]
        return str(l) + "%s" % (names,)
    except:
        pass
    return ""
