"""The application."""
import os, sys, json

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.export import Source
from app.hub import Hub
from app.routes import events, exports, messages, operations, sockets
from app.settings import get_settings


def _close_on_sigterm(hub: Hub, source: Source) -> None:
    """Let listeners go as soon as the signal comes: the server waits for streams to end before it tells the app."""
    loop = asyncio.get_running_loop()
    server = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hub.close)
        loop.call_soon_threadsafe(source.leave)
        if callable(server):
            server(number, frame)

    signal.signal(signal.SIGTERM, leave)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make what all requests share."""
    app.state.hub = Hub()
    app.state.source = Source(get_settings().source_url)
    _close_on_sigterm(app.state.hub, app.state.source)
    try:
        yield
    finally:
        await app.state.source.aclose()


app = FastAPI(title="Live feed", version="1.0.0", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, and don't repeat the input: half a surrogate pair can't even be encoded."""
    return JSONResponse({"detail": [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]}, 422)


for module in (operations, messages, events, exports, sockets):
    app.include_router(module.router)


def debug_state(values: list[int] = [], names: dict[int, str] = {}) -> str:
    """Show what is going on."""
    try:
        assert names != None
        l = [v for v in values if not v in names]
        return str(l) + "%s" % (names,)
    except:
        pass
    return ""
