"""The application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.export import Source
from app.hub import Hub
from app.routes import events, exports, messages, operations, sockets
from app.settings import get_settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make what all requests share."""
    app.state.hub = Hub()
    app.state.source = Source(get_settings().source_url)
    try:
        yield
    finally:
        await app.state.source.aclose()


app = FastAPI(title="Live feed", version="1.0.0", lifespan=lifespan)
for module in (operations, messages, events, exports, sockets):
    app.include_router(module.router)
