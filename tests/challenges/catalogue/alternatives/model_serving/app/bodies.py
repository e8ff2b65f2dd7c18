"""Bodies: read on the loop with a limit, parsed and checked in threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import HTTPException, Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from app.errors import busy
from app.schemas import Asked, JobAsked, PredictionsAsked, Work
from app.service import service
from app.settings import BODY_BYTES, BUFFERED_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Two, apart from the threads of the plain routes: big bodies neither pile up in memory nor delay other routes.
_parsers = ThreadPoolExecutor(2, thread_name_prefix="parse")


class Buffers:
    """Counts the bytes of all bodies that are in memory. Used on the loop only."""

    def __init__(self) -> None:
        self._bytes = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytearray]:
        body = bytearray()
        if _announced(request) > BODY_BYTES:
            raise HTTPException(413, "the body is too large")
        try:
            async for chunk in request.stream():
                body += chunk
                self._bytes += len(chunk)
                if len(body) > BODY_BYTES:
                    raise HTTPException(413, "the body is too large")
                if self._bytes > BUFFERED_BYTES:
                    raise busy("too many bodies at once")
            yield body
        except ClientDisconnect as error:
            raise HTTPException(400, "the body broke off") from error
        finally:
            self._bytes -= len(body)


_buffers = Buffers()


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _parse(kind: type[Asked], body: bytearray) -> Work:
    try:
        work = kind.model_validate_json(body).work()
    except ValidationError as error:
        # Never the input itself: it may be NaN or half a surrogate, which no answer can hold.
        raise HTTPException(422, error.errors(include_url=False, include_input=False)[0]["msg"]) from error
    if work.version not in service.store.versions:
        raise HTTPException(404, "no such version")
    return work


async def _work(request: Request, kind: type[Asked]) -> Work:
    async with _buffers.read(request) as body:
        return await asyncio.get_running_loop().run_in_executor(_parsers, _parse, kind, body)


async def prediction_work(request: Request) -> Work:
    return await _work(request, PredictionsAsked)


async def job_work(request: Request) -> Work:
    return await _work(request, JobAsked)
