"""The app: its resources, its routes, its document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.database import Database
from app.dependencies import Resources
from app.routes import health, login, profiles, users
from app.settings import Settings

API_VERSION = "1"
PROFILE_LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=60)
PROFILE_TIMEOUT = httpx.Timeout(60, connect=10)


class VersionHeader:
    """Adds `API-Version` to every answer below /v1, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["API-Version"] = API_VERSION
            await send(message)

        await self._app(scope, receive, send_with_version)


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
    """The OpenAPI document: FastAPI's, with our problems in place of its own errors, and the headers of all answers."""
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
    for path, operations in found["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                headers = answer.setdefault("headers", {})
                if path.startswith("/v1/"):
                    headers["API-Version"] = {"schema": {"type": "string", "const": API_VERSION}}
                if status == "401":
                    headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    return found


class UsersApi(FastAPI):
    """FastAPI with a document of our own, and with the version on all that it answers, a crash included."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = document(self)
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """Around everything: what FastAPI answers to a crash passes no middleware that was added."""
        return VersionHeader(super().build_middleware_stack())


def create_app() -> FastAPI:
    """Put the app together."""
    app = UsersApi(
        version="1.0.0",
        summary="Users: created, read, listed, changed, imported and deleted.",
        lifespan=lifespan,
    )
    routers = [module.router for module in (health, login, users, profiles)]
    for router in routers:
        app.include_router(router)
    problems.install(app, routers)
    return app


app = create_app()
