"""What streams: responses without an end, and how they come to one nevertheless."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine

from fastapi import Response
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from app.rooms import hub

LAST_WORD = 1.0  # seconds in which a client may take the end of its stream


async def race(*runners: Coroutine[None, None, object]) -> None:
    """Run all until one is done; cancel the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(runner) for runner in runners]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def hung_up(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def head(media_type: str) -> Event:
    headers = [
        (b"content-type", media_type.encode()),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def chunk(data: bytes, more: bool = True) -> Event:
    return {"type": "http.response.body", "body": data, "more_body": more}


class Live(Response):
    """A response that `produce` sends, until it is done, the client is gone, or the process has to end."""

    def __init__(self, produce: Callable[[Send], Awaitable[None]]) -> None:
        super().__init__()
        self.produce = produce
        self.started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting_send(event: Event) -> None:
            self.started = True
            await send(event)

        async def run() -> None:
            await self.produce(noting_send)

        await race(run(), hung_up(receive), hub.stopping.wait())
        if not hub.stopping.is_set():
            return
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(LAST_WORD):
                if self.started:
                    await send(chunk(b"", more=False))
                else:
                    await Response(status_code=502)(scope, receive, send)
