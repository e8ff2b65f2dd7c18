"""Signals about what waits for what: blocking calls, clients made anew, tasks, cancellation, time-outs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from harness.analysis.blocking import blocking_calls
from harness.analysis.code import Code
from harness.analysis.names import Defined, own_nodes
from harness.analysis.references import CodeRef, code_ref

_CLIENTS = {
    "httpx.AsyncClient": "an HTTP client",
    "httpx.Client": "an HTTP client",
    "httpx2.AsyncClient": "an HTTP client",
    "httpx2.Client": "an HTTP client",
    "aiohttp.ClientSession": "an HTTP client",
    "sqlalchemy.create_engine": "a database engine",
    "sqlalchemy.ext.asyncio.create_async_engine": "a database engine",
    "sqlmodel.create_engine": "a database engine",
    "asyncpg.connect": "a database connection",
    "asyncpg.create_pool": "a connection pool",
    "psycopg.AsyncConnection.connect": "a database connection",
    "psycopg_pool.AsyncConnectionPool": "a connection pool",
    "redis.asyncio.from_url": "a Redis client",
    "redis.asyncio.Redis": "a Redis client",
}
_TIMEOUTS = {
    "asyncio.timeout",
    "asyncio.timeout_at",
    "asyncio.wait_for",
    "anyio.fail_after",
    "anyio.move_on_after",
    "httpx.Timeout",
    "httpx2.Timeout",
    "aiohttp.ClientTimeout",
}
_CANCELLED = {"asyncio.CancelledError", "asyncio.exceptions.CancelledError", "BaseException", ""}


def blocked(code: Code) -> Iterator[CodeRef]:
    """Calls that block the event loop."""
    for item in blocking_calls(code.names):
        yield item.place()


def per_request(code: Code) -> Iterator[CodeRef]:
    """In a path function, a dependency of one, or what they call."""
    dependencies = {dependency.name for dependency in code.web.dependencies}
    waiting = [route.function for route in code.web.routes]
    waiting += [function for name, function in code.names.functions.items() if name in dependencies]
    seen: set[str] = set()
    while waiting:
        function = waiting.pop()
        if function.name in seen or _cached(function):
            continue
        seen.add(function.name)
        scope, kept = code.names.scope(function), _kept(function)
        for node in own_nodes(function.node):
            if not isinstance(node, ast.Call):
                continue
            name = code.names.of(function.path, node.func, scope, function.owner)
            what = _CLIENTS.get(name)
            if what is not None and id(node) not in kept:
                yield code_ref(
                    function.path,
                    node.lineno,
                    f"{what} is made in {function.node.name}, anew each time",
                    rule="per-request",
                )
            if name in code.names.functions:
                waiting.append(code.names.functions[name])


def _cached(function: Defined) -> bool:
    return any("cache" in ast.unparse(decorator) for decorator in function.node.decorator_list)


def _kept(function: Defined) -> set[int]:
    """The calls whose result is kept in an attribute or a global: made once, or only where there is none yet."""
    nodes = list(own_nodes(function.node))
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    return {
        id(inner)
        for node in nodes
        if isinstance(node, ast.Assign)
        and any(
            isinstance(target, ast.Attribute) or (isinstance(target, ast.Name) and target.id in declared)
            for target in node.targets
        )
        for inner in ast.walk(node.value)
    }


def bounded_waits(code: Code) -> Iterator[CodeRef]:
    """Time-outs that are set."""
    for path, call, name in code.calls():
        given = next(
            (keyword.value for keyword in call.keywords if keyword.arg in {"timeout", "command_timeout"}), None
        )
        none = isinstance(given, ast.Constant) and given.value is None
        if name in _TIMEOUTS or (name in _CLIENTS and given is not None and not none):
            yield code_ref(path, call.lineno, f"{name} bounds a wait", rule="timeout")


def endless_waits(code: Code) -> Iterator[CodeRef]:
    """Clients told to wait for ever, in modules that bound their waits no other way (one deadline around all, say)."""
    others = _TIMEOUTS - {"httpx.Timeout", "httpx2.Timeout"}
    bounded = {path for path, _, name in code.calls() if name in others}
    for path, call, name in code.calls():
        for keyword in call.keywords:
            none = isinstance(keyword.value, ast.Constant) and keyword.value.value is None
            of_a_client = name.startswith(("httpx.", "httpx2.", "aiohttp."))
            if keyword.arg == "timeout" and none and of_a_client and path not in bounded:
                yield code_ref(path, call.lineno, f"{name} waits without end", rule="no-timeout")


def dangling(code: Code) -> Iterator[CodeRef]:
    """Tasks whose only reference is thrown away."""
    for path, tree in code.trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                called = node.value.func
                name = code.names.of(path, called)
                own_loop = (
                    isinstance(called, ast.Attribute) and called.attr == "create_task" and "loop" in ast.unparse(called)
                )
                if name in {"asyncio.create_task", "asyncio.ensure_future"} or own_loop:
                    yield code_ref(
                        path,
                        node.lineno,
                        "nobody holds this task: it may be collected, and its errors are never seen",
                        rule="dangling-task",
                        url="https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task",
                    )


def swallowed(code: Code) -> Iterator[CodeRef]:
    """Handlers of cancellation after which a coroutine goes on."""
    for function in code.names.functions.values():
        if not function.is_async:
            continue
        # Who has cancelled a task himself waits for just that.
        cancels = any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cancel"
            for node in own_nodes(function.node)
        )
        for node in own_nodes(function.node):
            if isinstance(node, ast.ExceptHandler) and not cancels and _takes_cancellation(code, function, node):
                yield code_ref(
                    function.path, node.lineno, f"{function.node.name} goes on after it was cancelled", rule="swallowed"
                )


def _takes_cancellation(code: Code, function: Defined, handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    caught = {code.names.of(function.path, kind) if kind is not None else "" for kind in kinds}
    leaves = any(isinstance(node, ast.Raise | ast.Return | ast.Break) for node in own_nodes(handler))
    awaits = any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in own_nodes(function.node))
    return bool(caught & _CANCELLED) and not leaves and awaits
