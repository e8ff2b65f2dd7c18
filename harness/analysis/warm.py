"""Warming: a mypy cache of the libraries in an environment, made once and copied for each submission that uses it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.analysis.mypy_run import start

DEADLINE_S = 300.0
_MOST_PACKAGES = 40
# A package's own import loads only some of its modules; these are what services import besides.
_MODULES = {
    "fastapi": (
        *("fastapi.encoders", "fastapi.exception_handlers", "fastapi.exceptions", "fastapi.middleware.cors"),
        *("fastapi.openapi.utils", "fastapi.responses", "fastapi.routing", "fastapi.security", "fastapi.testclient"),
    ),
    "starlette": (
        *("starlette.applications", "starlette.concurrency", "starlette.datastructures", "starlette.exceptions"),
        *("starlette.middleware.base", "starlette.requests", "starlette.responses", "starlette.routing"),
        *("starlette.status", "starlette.types", "starlette.websockets"),
    ),
    "pydantic": ("pydantic.networks", "pydantic.types", "pydantic.json_schema", "pydantic.alias_generators"),
    "sqlalchemy": (
        *("sqlalchemy.dialects.postgresql", "sqlalchemy.exc", "sqlalchemy.ext.asyncio", "sqlalchemy.orm"),
        *("sqlalchemy.engine", "sqlalchemy.pool", "sqlalchemy.sql", "sqlalchemy.types", "sqlalchemy.event"),
    ),
    "pydantic_settings": (),
    "asyncpg": ("asyncpg.exceptions", "asyncpg.pool"),
    "psycopg": ("psycopg.rows", "psycopg.errors", "psycopg.types.json"),
    "psycopg_pool": (),
    "httpx": (),
    "uvicorn": (),
    "jwt": ("jwt.exceptions",),
    "sqlmodel": ("sqlmodel.ext.asyncio.session",),
    "alembic": (),
    "argon2": ("argon2.exceptions",),
    "pwdlib": (),
    "bcrypt": (),
    "email_validator": (),
    "anyio": (),
    "redis": ("redis.asyncio",),
    "aiohttp": (),
    "structlog": (),
    "tenacity": (),
    "orjson": (),
}
_STANDARD = (
    *("abc", "asyncio", "base64", "binascii", "collections", "concurrent.futures", "contextlib", "contextvars", "copy"),
    *("dataclasses", "datetime", "decimal", "email.utils", "enum", "functools", "hashlib", "hmac", "http", "inspect"),
    *("io", "itertools", "json", "logging", "math", "os", "pathlib", "random", "re", "secrets", "signal", "string"),
    *("struct", "sys", "threading", "time", "traceback", "types", "typing", "urllib.parse", "uuid", "weakref"),
)


def warm(python: Path, cache: Path) -> str:
    """Fill `cache`; returns what went wrong, or nothing. Import names of packages with types are looked up on disk."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="takehome-src-") as scratch:
        copy = Path(scratch).resolve()
        names = [*_STANDARD, *_modules(python)]
        (copy / "takehome_warm.py").write_text("".join(f"import {name}\n" for name in names))
        done = start(python, cache, copy, ["takehome_warm.py"], DEADLINE_S)
    if done.problem or done.code not in {0, 1}:
        return done.problem or (done.errors or done.output)[-500:]
    return ""


def _modules(python: Path) -> Iterator[str]:
    """Well-known packages first, then the others by name."""
    typed = {name: site for site in _site_packages(python) for name in _typed_packages(site)}
    order = [name for name in _MODULES if name in typed] + sorted(set(typed) - set(_MODULES))
    for name in order[:_MOST_PACKAGES]:
        yield name
        for module in _MODULES.get(name, ()):
            if list((typed[name].joinpath(*module.split("."))).parent.glob(f"{module.rpartition('.')[2]}*")):
                yield module


def _site_packages(python: Path) -> list[Path]:
    """Found from where the interpreter is: it needn't be run, nor what it would run at start."""
    prefix = python.absolute().parent.parent
    return sorted(path for path in prefix.glob("lib*/python3*/site-packages") if path.is_dir())


def _typed_packages(site: Path) -> Iterator[str]:
    """Top-level packages of installed distributions that carry py.typed."""
    for record in sorted(site.glob("*.dist-info/RECORD")):
        for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
            name, slash, rest = line.partition("/")
            if slash and rest.partition(",")[0] == "py.typed" and name.isidentifier() and name not in _OURS:
                yield name


_OURS = {"mypy", "mypyc", "ruff", "harness", *sys.builtin_module_names}
