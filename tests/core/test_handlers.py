"""Which function of a submission answers a request."""

from __future__ import annotations

import ast

import pytest

from harness.analysis.code import Code
from harness.analysis.handlers import read_handlers
from harness.handlers import Handler, handler_of

USERS = """
from fastapi import APIRouter
router = APIRouter(prefix="/users", tags=["users"])
@router.post("", status_code=201)
async def create(): ...
@router.get("/me")
async def me(): ...
@router.get("/{user_id}")
async def read(user_id: str): ...
"""
ORDERS = """
from fastapi import APIRouter
router = APIRouter()
@router.get(path="/{order_id}")
async def order(order_id: str): ...
"""
MAIN = """
from fastapi import FastAPI
from app import users
from app.routes import orders
app = FastAPI()
app.include_router(users.router, prefix="/v1")
app.include_router(orders.router, prefix="/v1/orders")
@app.get("/healthz")
def health(): ...
@app.api_route("/both", methods=["GET", "POST"])
def both(): ...
"""
TREES = [
    ("app/main.py", ast.parse(MAIN)),
    ("app/users.py", ast.parse(USERS)),
    ("app/routes/orders.py", ast.parse(ORDERS)),
]


@pytest.fixture(scope="module")
def handlers() -> list[Handler]:
    return [Handler.model_validate(found) for found in read_handlers(Code(TREES))]


@pytest.mark.parametrize(
    ("request_line", "place"),
    [
        ("GET /healthz", "app/main.py:9 health"),
        ("POST /v1/users", "app/users.py:5 create"),
        ("GET /v1/users/me", "app/users.py:7 me"),
        ("GET /v1/users/843?a=/b", "app/users.py:9 read"),
        ("GET /v1/orders/9", "app/routes/orders.py:5 order"),
    ],
)
def test_a_request_is_led_to_its_function(handlers: list[Handler], request_line: str, place: str) -> None:
    found = handler_of(request_line, handlers)
    assert found is not None
    assert f"{found.path}:{found.line} {found.name}" == place


@pytest.mark.parametrize("request_line", ["DELETE /v1/users/1", "GET /both", "GET /v1/nothing", "", "GET"])
def test_where_nothing_answers_nothing_is_named(handlers: list[Handler], request_line: str) -> None:
    assert handler_of(request_line, handlers) is None


def test_where_two_may_answer_none_is_named() -> None:
    two = [Handler(method="GET", template="/x", name=name, path="a.py", line=1) for name in "ab"]
    assert handler_of("GET /x", two) is None
    assert handler_of("GET /v1/x", two) is None


def test_a_parameter_alone_fits_nothing_longer() -> None:
    one = [Handler(method="GET", template="/{id}", name="a", path="a.py", line=1)]
    assert handler_of("GET /v1/x", one) is None
    assert handler_of("GET /x", one) == one[0]
