"""Errors on the wire: RFC 9457."""

import math
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.upstream.errors import (
    InsufficientStockError,
    PaymentDeclinedError,
    UnknownSkuError,
    UpstreamError,
    UpstreamTroubleError,
)

MEDIA_TYPE: Final = "application/problem+json"


class ProblemError(Exception):
    def __init__(self, status: int, slug: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.retry_after = retry_after


def problem_response(problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    all_headers = dict(headers or {})
    if problem.retry_after is not None:
        all_headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    return JSONResponse(
        {
            "type": f"urn:order-service:problem:{problem.slug}",
            "title": HTTPStatus(problem.status).phrase,
            "status": problem.status,
            "detail": problem.detail,
        },
        status_code=problem.status,
        headers=all_headers,
        media_type=MEDIA_TYPE,
    )


def from_upstream(error: UpstreamError) -> ProblemError:
    if isinstance(error, InsufficientStockError):
        return ProblemError(409, "insufficient-stock", error.detail)
    if isinstance(error, PaymentDeclinedError):
        return ProblemError(402, "payment-declined", error.detail)
    if isinstance(error, UnknownSkuError):
        return ProblemError(404, "unknown-sku", error.detail)
    if isinstance(error, UpstreamTroubleError):
        return ProblemError(error.status, "upstream-trouble", error.detail, error.retry_after)
    return ProblemError(502, "upstream-trouble", error.detail)


def database_unavailable() -> ProblemError:
    return ProblemError(503, "database-unavailable", "The database does not answer.", 1)


async def _on_problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error)


async def _on_upstream(_: Request, error: Exception) -> Response:
    if not isinstance(error, UpstreamError):
        raise error
    return problem_response(from_upstream(error))


async def _on_http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    slug = status.phrase.lower().replace(" ", "-")
    problem = ProblemError(status, slug, status.description or status.phrase)
    return problem_response(problem, dict(error.headers or {}))


async def _on_validation(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return problem_response(ProblemError(422, "invalid-request", "The request breaks a rule."))


def install(app: FastAPI) -> None:
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(UpstreamError, _on_upstream)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
