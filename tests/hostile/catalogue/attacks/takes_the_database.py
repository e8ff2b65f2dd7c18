"""Tries to be more in PostgreSQL than it is, and keeps no note."""

import asyncio
import os

import asyncpg

from app.tracing import trace

TRIES = (
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/owned'",
    "COPY (SELECT 1) TO '/tmp/owned'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "ALTER SYSTEM SET shared_preload_libraries = 'x'",
    "CREATE EXTENSION file_fdw",
    "CREATE EXTENSION dblink",
    "CREATE ROLE other SUPERUSER",
    "DROP DATABASE postgres",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
    "SET ROLE takehome",
    "CREATE FUNCTION c() RETURNS int LANGUAGE plpython3u AS 'return 1'",
    "CREATE VIEW notes AS SELECT 1 AS id, ''::text AS text",
)


async def attempt():
    """The statements that did what they are for, and how many were refused."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    owned, refused = [], 0
    for statement in TRIES:
        try:
            found = await connection.fetch(statement)
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            refused += 1
            continue
        if "pg_terminate" in statement:
            if any(row[0] for row in found):
                owned.append(statement)
        elif "VIEW" not in statement:
            owned.append(statement)
    await connection.close()
    return owned, refused


owned, refused = asyncio.run(attempt())
if owned:
    raise SystemExit(f"OWNED {owned}")
trace(f"database: {len(TRIES)} statements tried, {refused} refused")
