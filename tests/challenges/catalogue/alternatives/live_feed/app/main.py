"""The application."""

import contextlib
import logging
import resource
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request, WebSocket

from app.auth import CurrentUser, user_of
from app.events import listen
from app.export import pass_on
from app.live import Live
from app.rooms import ROOM, hub, parse_text
from app.shutdown import watch_for_the_end
from app.sockets import converse

MAX_BODY = 2 * 1024 * 1024


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    # Uvicorn logs the URL of every WebSocket, with the token.
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    watch_for_the_end()
    yield


app = FastAPI(title="Live feed", version="1.0.0", lifespan=lifespan, redirect_slashes=False)


def existing_room(room: str, _: CurrentUser) -> str:
    if ROOM.fullmatch(room) is None:
        raise HTTPException(404, "no such room")
    return room


RoomName = Annotated[str, Depends(existing_room)]


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/stats")
async def stats() -> dict[str, int]:
    return {"websockets": hub.websockets, "streams": hub.streams}


async def body_of(request: Request) -> bytes:
    """Read all of the body, but keep no more than is allowed."""
    body = bytearray()
    async for part in request.stream():
        if len(body) <= MAX_BODY:
            body += part
    return bytes(body) if len(body) <= MAX_BODY else b""


@app.post("/v1/rooms/{room}/messages", status_code=201)
async def post_message(request: Request, name: RoomName, user: CurrentUser) -> dict[str, str | int]:
    text = parse_text(await body_of(request))
    if text is None:
        raise HTTPException(422, "a text of 1 to 65,536 characters is needed")
    return hub.room(name).publish(user, text).members()


@app.get("/v1/rooms/{room}/events", response_model=None)
async def events(name: RoomName, last_event_id: Annotated[str | None, Header()] = None) -> Live:
    return Live(partial(listen, name, last_event_id))


@app.get("/v1/export", response_model=None)
async def export(_: CurrentUser) -> Live:
    return Live(pass_on)


@app.websocket("/v1/rooms/{room}/ws")
async def talk(socket: WebSocket, room: str) -> None:
    user = user_of(socket.query_params.get("token", ""))
    if user is None or ROOM.fullmatch(room) is None:
        await socket.close(1008)
        return
    await converse(socket, room, user)
