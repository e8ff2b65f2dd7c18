"""A fresh database on a PostgreSQL server that has served before: what one submission wrote is gone for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import asyncpg

from harness.errors import EnvironmentFault
from harness.postgres import SUPERUSER

_DEADLINE_S = 30.0
_PRISTINE = "pristine"


def keep_pristine(port: int, settings: Mapping[str, str]) -> None:
    """Keep a copy of the candidate's database as it is now, before anybody has used it.

    Raises:
        EnvironmentFault: the server doesn't do it.
    """
    database = _quoted(settings["database"])
    _run(port, settings["superuser_password"], [f"CREATE DATABASE {_PRISTINE} TEMPLATE {database} STRATEGY file_copy"])


def renew(port: int, password: str, settings: Mapping[str, str]) -> None:
    """Put the pristine copy in the place of the candidate's database, with the passwords of `settings`.

    `password` is the superuser's until now.

    Raises:
        EnvironmentFault: the server doesn't do it.
    """
    role, database = _quoted(settings["role"]), _quoted(settings["database"])
    statements = [
        f"DROP DATABASE IF EXISTS {database} WITH (FORCE)",
        f"ALTER ROLE {role} RESET ALL",
        f"ALTER ROLE {role} PASSWORD {_literal(settings['role_password'])}",
        f"CREATE DATABASE {database} OWNER {role} TEMPLATE {_PRISTINE} STRATEGY file_copy",
        f"ALTER ROLE {SUPERUSER} PASSWORD {_literal(settings['superuser_password'])}",
    ]
    _run(port, password, statements)


def _run(port: int, password: str, statements: list[str]) -> None:
    async def run() -> None:
        async with asyncio.timeout(_DEADLINE_S):
            connection = await asyncpg.connect(
                host="127.0.0.1", port=port, user=SUPERUSER, password=password, database="postgres"
            )
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

    try:
        asyncio.run(run())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise EnvironmentFault("PostgreSQL gives no fresh database", where=f"port {port}", detail=str(error)) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
