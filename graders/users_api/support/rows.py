"""Where the candidate keeps users: names of tables and columns are its own."""

from __future__ import annotations

from typing import NamedTuple

from harness.authoring import Database

_TEXT_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name
    FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema = 'public'
      AND (c.data_type IN ('text', 'character varying', 'character') OR c.udt_name = 'citext')
    ORDER BY 1, 2, 3
"""


class Place(NamedTuple):
    """A column of a table, by its plain (unquoted) names."""

    table: str
    column: str


def _quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


async def tables_of(database: Database, text: str) -> list[Place]:
    """Each place that holds exactly `text`."""
    found: list[Place] = []
    async with database.connect() as connection:
        for schema, table, column in await connection.fetch(_TEXT_COLUMNS):
            # Names from the catalogue, quoted; the value goes as a parameter.
            query = f"SELECT EXISTS (SELECT FROM {_quoted(schema, table)} WHERE {_quoted(column)}::text = $1)"
            if await connection.fetchval(query, text):
                found.append(Place(table, column))
    return found
