"""Routes: the path functions of a FastAPI app, what they depend on, and the pydantic models they take and give."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.analysis.names import Class, Defined, Names

_METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "api_route"}
_ROUTERS = {"fastapi.FastAPI", "fastapi.APIRouter", "fastapi.routing.APIRouter", "fastapi.applications.FastAPI"}
_DEPENDS = {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.param_functions.Depends"}
_ANSWERS = ("fastapi.responses.", "starlette.responses.", "fastapi.Response", "sse_starlette.")


@dataclass(frozen=True)
class Dependency:
    """One `Depends(...)`: where it stands, and the function or class it names ("" when that can't be told)."""

    path: str
    line: int
    name: str


@dataclass(frozen=True)
class Route:
    """A path function with its decorator."""

    function: Defined
    decorator: ast.Call

    def option(self, name: str) -> ast.expr | None:
        """A keyword of the decorator."""
        return next((keyword.value for keyword in self.decorator.keywords if keyword.arg == name), None)


@dataclass
class Web:
    """What the submission tells FastAPI."""

    routes: list[Route] = field(default_factory=list)
    dependencies: list[Dependency] = field(default_factory=list)
    models: dict[str, Class] = field(default_factory=dict)


def read_web(names: Names, trees: list[tuple[str, ast.Module]]) -> Web:
    """Find routes, dependencies and models."""
    found = Web(models=_models(names))
    for function in names.functions.values():
        for decorator in function.node.decorator_list:
            if (route := _route(names, function, decorator)) is not None:
                found.routes.append(route)
    for path, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and names.of(path, node.func) in _DEPENDS:
                target = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg), None)
                found.dependencies.append(Dependency(path, node.lineno, names.of(path, target) if target else ""))
    return found


def returned_model(names: Names, route: Route) -> str:
    """The dotted name of what a route gives; "response" for an answer of its own making, "" when it doesn't say."""
    given = route.option("response_model")
    if isinstance(given, ast.Constant) and given.value is None:
        return "response"
    node = given if given is not None else route.function.node.returns
    if node is None:
        status = route.option("status_code")
        return "response" if status is not None and "204" in ast.unparse(status) else ""
    if isinstance(node, ast.Constant) and node.value is None:
        return "response"
    name = _inner(names, route.function.path, node)
    if name.startswith(_ANSWERS) or name.endswith("Response"):
        return "response"
    return "" if name in {"dict", "typing.Any", "object", "typing.Dict", "list", "typing.List"} else name


def body_models(names: Names, web: Web, route: Route) -> Iterator[str]:
    """The models that a route takes."""
    arguments = route.function.node.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None:
            name = _inner(names, route.function.path, argument.annotation)
            if name in web.models:
                yield name


def _inner(names: Names, path: str, node: ast.expr) -> str:
    """list[X], Page[X] and X | None are about X."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return ""
    if isinstance(node, ast.Subscript):
        outer = names.of(path, node.value)
        inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        if outer.rpartition(".")[2] in {"list", "List", "Annotated", "Optional", "Sequence", "set", "tuple"}:
            return _inner(names, path, inner)
        return outer
    return names.of(path, node)


def _route(names: Names, function: Defined, decorator: ast.expr) -> Route | None:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
        return None
    if decorator.func.attr not in _METHODS:
        return None
    router = names.of(function.path, decorator.func.value)
    # A router that comes out of a function of theirs is one all the same when it is called like one.
    named = ast.unparse(decorator.func.value).rpartition(".")[2].lower()
    return Route(function, decorator) if router in _ROUTERS or "router" in named or named in {"app", "api"} else None


def _models(names: Names) -> dict[str, Class]:
    """Classes that are pydantic models, those derived from others of the submission included."""
    found: dict[str, Class] = {}
    for _ in range(6):
        before = len(found)
        for name, found_class in names.classes.items():
            bases = [names.of(found_class.path, base) for base in found_class.node.bases]
            if any(base in found or base in {"pydantic.BaseModel", "sqlmodel.SQLModel"} for base in bases):
                found[name] = found_class
        if len(found) == before:
            break
    return found
