"""Signals about how the service is put together and what it promises: dependencies, lifespan, models, bounds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from harness.analysis.code import Code
from harness.analysis.names import Defined, own_nodes
from harness.analysis.references import CodeRef, code_ref
from harness.analysis.routes import Route, body_models, returned_model

_OPERATIONS = re.compile(r"health|ready|live|alive|ping|metrics|^/$")


def injected(code: Code) -> Iterator[CodeRef]:
    """Each use of Depends."""
    for dependency in code.web.dependencies:
        name = dependency.name.rpartition(".")[2] or "a dependency"
        yield code_ref(dependency.path, dependency.line, f"{name} is injected", rule="injected")


def with_cleanup(code: Code) -> Iterator[CodeRef]:
    """Dependencies that yield."""
    wanted = {dependency.name for dependency in code.web.dependencies}
    for function in code.names.functions.values():
        if function.name in wanted and any(isinstance(node, ast.Yield) for node in own_nodes(function.node)):
            yield code_ref(
                function.path, function.node.lineno, f"{function.node.name} cleans up after each request", rule="yield"
            )


def lifespan(code: Code) -> Iterator[CodeRef]:
    """A lifespan that is given to the app."""
    for path, call, _ in code.calls():
        if any(keyword.arg == "lifespan" for keyword in call.keywords):
            yield code_ref(path, call.lineno, "start and end are one lifespan", rule="lifespan")


def on_event(code: Code) -> Iterator[CodeRef]:
    """Handlers of start-up and shutdown in the old way."""
    for path, call, _ in code.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "on_event":
            yield code_ref(path, call.lineno, "on_event is deprecated in favour of lifespan", rule="on-event")


def modelled(code: Code) -> Iterator[CodeRef]:
    """Routes with a model for their answer."""
    for route in code.web.routes:
        if returned_model(code.names, route) not in {"", "response"}:
            yield code_ref(
                route.function.path,
                route.function.node.lineno,
                f"{route.function.node.name} names its model",
                rule="model",
            )


def unmodelled(code: Code) -> Iterator[CodeRef]:
    """Routes without one, those for operations left out."""
    for route in code.web.routes:
        if not _aside(route) and not returned_model(code.names, route):
            yield code_ref(
                route.function.path,
                route.function.node.lineno,
                f"{route.function.node.name} doesn't say what it answers",
                rule="no-model",
            )


def _aside(route: Route) -> bool:
    """Left out of the document, or one that nobody reads the document for."""
    shown = route.option("include_in_schema")
    path = route.decorator.args[0] if route.decorator.args else route.option("path")
    text = str(path.value) if isinstance(path, ast.Constant) else ""
    return (isinstance(shown, ast.Constant) and shown.value is False) or _OPERATIONS.search(text) is not None


def separate(code: Code) -> Iterator[CodeRef]:
    """Routes whose models differ for what comes and what goes."""
    for function, taken, given in _both_ways(code):
        if given and given not in taken:
            yield code_ref(
                function.path,
                function.node.lineno,
                f"{function.node.name} takes one model and gives another",
                rule="in-out",
            )


def same_model(code: Code) -> Iterator[CodeRef]:
    """Routes with one model for both."""
    for function, taken, given in _both_ways(code):
        if given in taken:
            model = given.rpartition(".")[2]
            yield code_ref(
                function.path,
                function.node.lineno,
                f"{function.node.name} takes and gives {model}: clients may send what is the server's to say",
                rule="one-model",
            )


def _both_ways(code: Code) -> Iterator[tuple[Defined, set[str], str]]:
    for route in code.web.routes:
        taken = set(body_models(code.names, code.web, route))
        given = returned_model(code.names, route)
        if taken and given in code.web.models:
            yield route.function, taken, given


def unbounded(code: Code) -> Iterator[CodeRef]:
    """Plain `str` and `list` in models that routes take."""
    taken = {name for route in code.web.routes for name in body_models(code.names, code.web, route)}
    for model in (code.web.models[name] for name in sorted(taken)):
        for statement in model.node.body:
            if isinstance(statement, ast.AnnAssign) and _has_no_bound(statement):
                yield code_ref(
                    model.path,
                    statement.lineno,
                    f"{ast.unparse(statement.target)} may be of any length",
                    rule="unbounded",
                )


def _has_no_bound(statement: ast.AnnAssign) -> bool:
    annotation = ast.unparse(statement.annotation).replace(" ", "").removesuffix("|None")
    if annotation != "str" and not annotation.startswith(("list[", "List[")):
        return False
    value = statement.value
    if value is None or isinstance(value, ast.Constant):
        return True
    bounded = {"max_length", "pattern", "regex"}
    return isinstance(value, ast.Call) and not any(keyword.arg in bounded for keyword in value.keywords)
