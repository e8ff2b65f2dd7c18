"""Answers once, so that it is ready; then takes its time, unless its database is gone: then it says so, as services do."""

import asyncio
import os
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException

app = FastAPI()
database = urlsplit(os.environ["DATABASE_URL"])
asked = 0


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    global asked
    asked += 1
    if asked > 1:
        print("ASKED AGAIN", flush=True)
        await wait()
    return {"status": "ok"}


async def wait() -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(database.hostname, database.port)
        except OSError as error:
            raise HTTPException(500, "the database is gone") from error
        writer.close()
        await asyncio.sleep(0.1)
