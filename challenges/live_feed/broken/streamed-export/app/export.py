"""Source: the service whose stream the export passes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx

_CONNECT_S = 10.0


class SourceError(Exception):
    """The source gives no stream."""


class Source:
    """A client of the source, shared by all exports."""

    def __init__(self, url: str) -> None:
        # A stream may be silent for as long as it likes; only its beginning has a limit.
        timeout = httpx.Timeout(_CONNECT_S, read=None)
        limits = httpx.Limits(max_connections=None)
        self._leaving = asyncio.Event()
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout, limits=limits, trust_env=False)

    async def open(self) -> httpx.Response:
        """Ask for the stream; its body is the caller's to read and to close.

        Raises:
            SourceError: another status than 200, or no answer.
        """
        try:
            response = await self._client.send(self._client.build_request("GET", "/events"), stream=True)
        except httpx.HTTPError as error:
            raise SourceError(str(error)) from error
        if response.status_code != httpx.codes.OK:
            await response.aclose()
            raise SourceError(f"the source answers {response.status_code}")
        return response

    async def passed_on(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """What comes from the source, piece by piece; ends when the source does, breaks off, or `leave` is called."""
        pieces = response.aiter_bytes(65_536)
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            with suppress(httpx.HTTPError):
                while not leaving.done():
                    piece = asyncio.create_task(_next(pieces))
                    try:
                        await asyncio.wait({piece, leaving}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        if not piece.done():
                            piece.cancel()
                            await asyncio.wait({piece})
                    if piece.cancelled() or not (found := piece.result()):
                        return
                    yield found
        finally:
            leaving.cancel()
            await response.aclose()

    def leave(self) -> None:
        """End all streams."""
        self._leaving.set()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """The next piece; empty at the end."""
    return await anext(pieces, b"")
