"""The app: its resources, its routes, its document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi

from app import problems
from app.database import Database
from app.dependencies import Resources
from app.routes import health, login, profiles, users
from app.settings import Settings

API_VERSION = "1"
PROFILE_LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=60)
PROFILE_TIMEOUT = httpx.Timeout(60, connect=10)


def name_version(response: Response) -> None:
    """Adds `API-Version` to the answers of the routes below /v1."""
    response.headers["API-Version"] = API_VERSION


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what lives as long as the app, and close it."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    client = httpx.AsyncClient(
        base_url=settings.profile_url, limits=PROFILE_LIMITS, timeout=PROFILE_TIMEOUT, trust_env=False
    )
    try:
        async with client:
            await database.prepare(settings)
            app.state.resources = Resources(settings, database, client)
            yield
    finally:
        await database.close()


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: FastAPI's, with our problems in place of its own errors."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        schemas = found["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs", {})
        schemas["Problem"] = problem
        for operations in found["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if status == "401":
                        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
        app.openapi_schema = found
    return app.openapi_schema


def create_app() -> FastAPI:
    """Put the app together."""
    app = FastAPI(
        title="Users API",
        version="1.0.0",
        summary="Users: created, read, listed, changed, imported and deleted.",
        lifespan=lifespan,
    )
    problems.install(app)
    app.include_router(health.router)
    for module in (login, users, profiles):
        app.include_router(module.router, dependencies=[Depends(name_version)])
    setattr(app, "openapi", lambda: document(app))  # noqa: B010
    return app


app = create_app()
