"""Handlers: which function answers which requests, as far as the text of the code says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TypedDict

from harness.analysis.code import Code
from harness.analysis.routes import Route

_MOST = 200


class Handler(TypedDict):
    """`template` is the end of the path, as much of it as is known; `line` is where the function's name stands."""

    method: str
    template: str
    name: str
    path: str
    line: int


def read_handlers(code: Code) -> list[Handler]:
    """Every path function of one method."""
    made, included = dict(_made(code)), dict(_included(code))
    return [handler for route in code.web.routes if (handler := _handler(route, made, included))][:_MOST]


def _handler(route: Route, made: dict[tuple[str, str], str], included: dict[tuple[str, str], str]) -> Handler | None:
    call, function = route.decorator, route.function
    if not isinstance(call.func, ast.Attribute) or call.func.attr == "api_route":
        return None
    own = _text(call.args[0] if call.args else route.option("path"))
    if own is None:
        return None
    router = ast.unparse(call.func.value)
    before = included.get((PurePosixPath(function.path).stem, router), "")
    return Handler(
        method=call.func.attr.upper(),
        template=before + made.get((function.path, router), "") + own,
        name=function.node.name,
        path=function.path,
        line=function.node.lineno,
    )


def _made(code: Code) -> Iterator[tuple[tuple[str, str], str]]:
    """The prefix that a router is made with, by its file and its name."""
    for path, tree in code.trees:
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name) and (prefix := _prefix(node.value)):
                    yield (path, target.id), prefix


def _included(code: Code) -> Iterator[tuple[tuple[str, str], str]]:
    """The prefix under which `users.router` is included, by its module's last name and its own."""
    for _, call, _ in code.calls():
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "include_router" and call.args):
            continue
        module, _, router = ast.unparse(call.args[0]).rpartition(".")
        if module and (prefix := _prefix(call)):
            yield (module.rpartition(".")[2], router), prefix


def _prefix(call: ast.Call) -> str | None:
    return _text(next((keyword.value for keyword in call.keywords if keyword.arg == "prefix"), None))


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
