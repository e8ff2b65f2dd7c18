"""The application: what uvicorn serves as `app.main:app`."""

from __future__ import annotations

from fastapi import FastAPI

app: FastAPI = FastAPI(title="Digits", version="0.1.0")
