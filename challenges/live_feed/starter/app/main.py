"""The application."""

from fastapi import FastAPI

app = FastAPI(title="Live feed", version="1.0.0")


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}
