"""Errors as problem details (RFC 9457), for every way in which a request can fail."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class InvalidField(BaseModel):
    field: str = Field(max_length=300, examples=["body.name"])
    detail: str = Field(max_length=1000, examples=["String should have at least 1 character"])


class Problem(BaseModel):
    """A problem as RFC 9457 has it; `errors` names the fields of a request that don't fit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no such user.",
                }
            ]
        }
    )

    type: str = Field("about:blank", max_length=200)
    title: str = Field(max_length=100)
    status: int = Field(ge=400, le=599)
    detail: str = Field(max_length=2000)
    errors: list[InvalidField] | None = Field(None, max_length=100)


class ProblemError(Exception):
    """Raise it to answer with a problem."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def problem_response(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: list[InvalidField] | None = None,
) -> JSONResponse:
    """The answer to a request that failed."""
    title = HTTPStatus(status).phrase
    problem = Problem(type="about:blank", title=title, status=status, detail=detail[:2000], errors=errors)
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation that can fail in these ways."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _allowed(routes: Iterable[BaseRoute], request: Request) -> str:
    """Every method that some route has for this path; the router alone would name those of the first."""
    methods: set[str] = set()
    for route in routes:
        match, _ = route.matches(request.scope)
        if match != Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return ", ".join(sorted(methods))


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error.status, error.detail, error.headers)


async def _on_http_exception(routes: Iterable[BaseRoute], request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(routes, request) or headers.get("Allow", "")
    return problem_response(error.status_code, str(error.detail), headers)


async def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    # Without the input: it may hold a password, or what JSON can't carry.
    fields = [
        InvalidField(field=".".join(str(part) for part in item["loc"])[:300], detail=str(item["msg"])[:1000])
        for item in error.errors()[:100]
    ]
    return problem_response(422, "The request does not fit.", errors=fields)


async def _on_crash(_request: Request, error: Exception) -> JSONResponse:
    logger.error("unhandled error", exc_info=error)
    return problem_response(500, "Something went wrong on our side.")


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Let every error of the app, which has these routers, be answered with a problem."""
    # Of the routers themselves: the app may show an included one as a single route.
    routes = [*app.routes, *(route for router in routers for route in router.routes)]
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, partial(_on_http_exception, routes))
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(Exception, _on_crash)
