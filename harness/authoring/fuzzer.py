"""The child process of `Fuzzer`: an order as JSON on stdin, a result as one line of JSON on stdout.

It warms itself up before it reads the order, so that loading the libraries costs the check nothing.

Generation depends on the seed alone, never on what was answered, so that one seed always sends the same requests.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from typing import Any, TypeAlias

# Objects of libraries that may not be there.
Foreign: TypeAlias = Any

_TIMEOUT_S = 25.0
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
_MESSAGE = 300
_CURL = 400
_EXCHANGE_S = 30
_MOST_SILENT = 2
_MEMORY = 3 * 1024**3


def _test(order: dict[str, Any]) -> dict[str, Any]:
    import requests  # noqa: PLC0415
    import schemathesis  # noqa: PLC0415
    from schemathesis import checks as registry  # noqa: PLC0415

    result: dict[str, Any] = {"operations": 0, "cases": 0, "silent": 0, "failures": [], "unable": "", "refused": ""}
    session = requests.Session()
    session.trust_env = False
    try:
        raw = session.get(f"{order['base_url']}/openapi.json", timeout=_TIMEOUT_S).json()
        schema = schemathesis.openapi.from_dict(raw)
        schema.config.update(base_url=order["base_url"])
        operations: list[Any] = []
        for found in schema.get_all_operations():
            one: Any = found
            if hasattr(one, "err"):
                raise ValueError(str(one.err()))
            operations.append(one.ok())
    except Exception as error:  # noqa: BLE001 - whatever a document does to those who load it is its own doing
        return {**result, "refused": str(error)[:_MESSAGE] or type(error).__name__}
    if not operations:
        return {**result, "refused": "it has no operations"}
    checks = registry.CHECKS.get_by_names(list(_CHECKS))
    for operation in operations:
        result["operations"] += 1
        seen: set[str] = set()
        for failure in _operation(operation, order, session, checks, result):
            if failure["title"] not in seen:
                seen.add(failure["title"])
                result["failures"].append(failure)
    return result


def _operation(
    operation: Foreign,
    order: dict[str, Any],
    session: Foreign,
    checks: Foreign,
    result: dict[str, Any],
) -> Iterator[dict[str, str]]:
    """The failures of one operation: data that fits, that fits a thing that is there, and that doesn't fit."""
    from schemathesis import GenerationMode  # noqa: PLC0415

    names, told = [p.name for p in operation.path_parameters], order["known"]
    known = dict.fromkeys(names, told) if isinstance(told, str) else {n: told[n] for n in names if n in told}
    plans: list[dict[str, Any]] = [
        {"generation_mode": GenerationMode.POSITIVE},
        {"generation_mode": GenerationMode.NEGATIVE},
    ]
    if told and known and operation.method.upper() != "DELETE":
        plans.append({**plans[0], "path_parameters": known})
    for plan in plans:
        yield from _cases(operation, plan, order, session, checks, result)


def _cases(
    operation: Foreign,
    plan: dict[str, Any],
    order: dict[str, Any],
    session: Foreign,
    checks: Foreign,
    result: dict[str, Any],
) -> list[dict[str, str]]:
    import hypothesis  # noqa: PLC0415
    import requests  # noqa: PLC0415
    from schemathesis.core.failures import FailureGroup  # noqa: PLC0415
    from schemathesis.errors import SchemathesisError  # noqa: PLC0415

    found: list[dict[str, str]] = []
    label = f"{operation.method.upper()} {operation.path}"

    def one(case: Foreign) -> None:
        if result["silent"] >= _MOST_SILENT:
            return
        result["cases"] += 1
        # The client's own time-out is for each read: an answer that drips in would outlive it.
        signal.alarm(_EXCHANGE_S)
        try:
            for name in order["headers"]:
                case.headers.pop(name, None)
            if "path_parameters" in plan and "If-Match" in case.headers:
                case.headers["If-Match"] = "*"
            answer = case.call(
                session=session,
                headers=order["headers"],
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
            case.validate_response(answer, checks=checks)
        except FailureGroup as group:
            for failure in group.exceptions:
                text = " ".join(str(failure).split())[:_MESSAGE]
                title = getattr(failure, "title", "")
                found.append({"operation": label, "title": title, "message": text, "request": _curl(case)})
        except (requests.RequestException, TimeoutError, MemoryError) as error:
            text = " ".join(str(error).split())[:_MESSAGE] or type(error).__name__
            found.append({"operation": label, "title": "No answer", "message": text, "request": _curl(case)})
            result["silent"] += 1
        finally:
            signal.alarm(0)

    settings = hypothesis.settings(
        max_examples=order["examples"],
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    given: Any = hypothesis.given(operation.as_strategy(**plan))
    seeded: Any = hypothesis.seed(order["seed"])
    test = seeded(settings(given(one)))
    # Nothing that doesn't fit can be made for an operation that takes nothing.
    with contextlib.suppress(hypothesis.errors.HypothesisException):
        try:
            test()
        except SchemathesisError as error:
            text = " ".join(str(error).split())[:_MESSAGE]
            found.append({"operation": label, "title": "The document can't be used", "message": text})
    return found


def _curl(case: Foreign) -> str:
    """How to send it again, without the headers that the order adds."""
    command = str(case.as_curl_command()).partition("\n")[0]
    return command if len(command) <= _CURL else command[:_CURL] + " ..."


def _cap_memory() -> None:
    """An endless answer must not take the machine down. Not every platform can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _warm_up() -> None:
    """Load what the libraries load late: a document of one operation, and data for it that nobody sends."""
    import hypothesis  # noqa: PLC0415
    import requests  # noqa: F401, PLC0415
    import schemathesis  # noqa: PLC0415

    names = {"n": {"type": "string", "format": "email", "maxLength": 3}, "i": {"type": "integer", "minimum": 1}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": names, "required": ["n"]}}}}
    parameters = [{"name": "q", "in": "query", "schema": {"type": "string", "format": "uuid"}}]
    operation = {"parameters": parameters, "requestBody": body, "responses": {"200": {"description": "ok"}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/": {"post": operation}}}
    schema = schemathesis.openapi.from_dict(document)
    settings = hypothesis.settings(
        max_examples=1,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        given: Any = hypothesis.given(schema["/"]["POST"].as_strategy(generation_mode=mode))
        seeded: Any = hypothesis.seed(0)
        seeded(settings(given(lambda _case: None)))()


def _late(_signal: int, _frame: object) -> None:
    raise TimeoutError(f"no complete answer within {_EXCHANGE_S} s")


def main() -> None:
    _cap_memory()
    # Whatever goes wrong here goes wrong again with the order, where it is told.
    with contextlib.suppress(Exception):
        _warm_up()
    order = json.loads(sys.stdin.read())
    signal.signal(signal.SIGALRM, _late)
    try:
        result = _test(order)
    except ImportError as error:
        result = {"failures": [], "unable": f"schemathesis can't be imported: {error}"}
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
