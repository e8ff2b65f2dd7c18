"""A small HTTP service for the prober's tests, of the standard library alone: `python service.py PORT`.

/healthz 200 · /status/N · /echo the body · /exit ends the process · /deaf blocks the loop for good ·
/profile/N asks PROFILE_URL, without a pool · /once exits and leaves a mark so that it never starts again
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await answer(reader, writer):
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    path = head.split(b" ", 2)[1].decode()
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    body = await reader.readexactly(length)
    status, payload = 200, b"{}"
    match path.strip("/").split("/"):
        case ["status", code]:
            status = int(code)
        case ["echo"]:
            payload = body
        case ["exit"]:
            print("about to exit with password=swordfish99", flush=True)
            os._exit(3)
        case ["once", mark]:
            open(mark.replace("~", "/"), "w").close()  # noqa: ASYNC230
            os._exit(4)
        case ["deaf"]:
            time.sleep(600)  # noqa: ASYNC251 - what it is for
        case ["profile", number]:
            payload = await profile(number)
    writer.write(
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n".encode()
    )
    writer.write(payload)
    return True


async def profile(number: str) -> bytes:
    upstream = urlsplit(os.environ["PROFILE_URL"])
    reader, writer = await asyncio.open_connection(upstream.hostname, upstream.port)
    writer.write(f"GET /profiles/{number} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    text = await reader.read()
    writer.close()
    return text.partition(b"\r\n\r\n")[2]


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=512)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if Path(os.environ.get("MARK", "/nonexistent")).exists():
        sys.exit(5)
    asyncio.run(main())
