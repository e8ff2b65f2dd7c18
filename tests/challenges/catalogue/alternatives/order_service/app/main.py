"""The application: app.main:app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import problems
from app.api import operations, v1
from app.config import Settings
from app.container import Container
from app.logs import configure_logging
from app.metrics import Metrics
from app.middleware import RequestMiddleware
from app.shutdown import Drain


def create_app() -> FastAPI:
    metrics = Metrics()
    drain = Drain()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logging()
        container = Container(Settings.from_environment(), metrics)
        app.state.container = container
        drain.install()
        await container.start()
        try:
            yield
        finally:
            await container.stop()

    app = FastAPI(title="Order service", lifespan=lifespan, redirect_slashes=False)
    app.state.metrics = metrics
    app.add_middleware(RequestMiddleware, metrics=metrics, drain=drain)
    app.include_router(v1)
    app.include_router(operations)
    problems.install(app)
    return app


app = create_app()
