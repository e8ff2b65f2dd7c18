"""The application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.export import Source
from app.hub import Hub
from app.routes import events, exports, messages, operations, sockets
from app.settings import get_settings
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


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


@app.exception_handler(RequestValidationError)
async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, and don't repeat the input: half a surrogate pair can't even be encoded."""
    return JSONResponse({"detail": [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]}, 422)


for module in (operations, messages, events, exports, sockets):
    app.include_router(module.router)
