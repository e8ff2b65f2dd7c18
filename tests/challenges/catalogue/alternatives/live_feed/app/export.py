"""The export: what the source streams, passed on as it comes."""

import asyncio
import os

import aiohttp
from starlette.types import Send

from app.live import chunk, head

PATIENCE = 10.0  # seconds in which the source has to answer


async def refuse(send: Send) -> None:
    body = b'{"detail":"the source does not answer"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send(chunk(body, more=False))


async def ask(session: aiohttp.ClientSession) -> aiohttp.ClientResponse | None:
    url = os.environ.get("SOURCE_URL", "").rstrip("/") + "/events"
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await session.get(url, allow_redirects=False)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    if answer.status != 200:
        answer.close()
        return None
    return answer


async def pass_on(send: Send) -> None:
    # A session of its own: leaving it leaves the source, whatever the reason.
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, sock_read=None),
        headers={"Accept-Encoding": "identity", "Accept": "application/x-ndjson"},
    ) as session:
        answer = await ask(session)
        if answer is None:
            await refuse(send)
            return
        try:
            await send(head("application/x-ndjson"))
            async for data in answer.content.iter_any():
                await send(chunk(data))
        except (aiohttp.ClientError, OSError):
            return  # the source broke off: so do we, without a proper end
        finally:
            answer.close()
        await send(chunk(b"", more=False))
