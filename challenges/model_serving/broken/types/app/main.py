"""The app: what lives as long as it does, and its routes."""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import errors
from app.bodies import BodyLimit
from app.limits import BODY_BYTES
from app.routes import health, jobs, models, predictions
from app.serving import serving


@asynccontextmanager
async def lifespan(app):
    """The models load behind the back of an app that answers already."""
    async with serving() as found:
        app.state.serving = found
        yield


def create_app():
    """Put the app together."""
    app = FastAPI(title="Digits", version="1.0.0", summary="Reads handwritten digits.", lifespan=lifespan)
    for module in (health, predictions, models, jobs):
        app.include_router(module.router)
    app.add_middleware(BodyLimit, most_bytes=BODY_BYTES)
    errors.install(app)
    return app


app = create_app()
