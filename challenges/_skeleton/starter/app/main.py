"""The application."""

from fastapi import FastAPI

app = FastAPI(title="Greetings")


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}
