"""Listens, and ignores SIGTERM."""

import os
import signal
import threading
import time

from fastapi import FastAPI

app = FastAPI()


def ignore() -> None:
    time.sleep(0.5)  # after uvicorn has set its own
    os.write(1, b"ignoring\n")


signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal = lambda *_args: None  # what uvicorn calls next does nothing
threading.Thread(target=ignore, daemon=True).start()


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}
