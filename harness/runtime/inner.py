"""What runs in an environment beside the service: what it is told, and the document that it prints."""

from __future__ import annotations

import json
from typing import Any

from harness.errors import HarnessFault
from harness.plan import CANDIDATE_ROLE, DATABASE, Addresses, Plan, candidate_environment


def printed_document(output: bytes, errors: bytes, what: str) -> dict[str, Any]:
    """The JSON object on stdout.

    Raises:
        HarnessFault: no document; with the end of what went to stderr.
    """
    try:
        document = json.loads(output)
    except (ValueError, RecursionError) as error:
        detail = errors.decode("utf-8", "replace")[-2000:]
        raise HarnessFault(f"{what} printed no document", detail=detail) from error
    if not isinstance(document, dict):
        raise HarnessFault(f"{what} printed no document")
    # Texts of strangers, in escapes: half a surrogate pair can be kept in no record.
    sound: dict[str, Any] = _sound(document) if b"\\ud" in output.lower() else document
    return sound


def _sound(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_sound(name): _sound(item) for name, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list) else value


def database_settings(plan: Plan) -> dict[str, str]:
    """What `harness.postgres serve` reads on stdin."""
    return {
        "role": CANDIDATE_ROLE,
        "database": DATABASE,
        "role_password": plan.secret("database"),
        "superuser_password": plan.superuser_password,
    }


def trial_settings(plan: Plan, addresses: Addresses, server: list[str] | None) -> dict[str, object]:
    """What `harness.trial` is told: the variables that the service gets, and how its PostgreSQL is started, if any.

    The superuser's password is of that server alone: tests are strangers, and the pod's server has another.
    """
    secrets = {**database_settings(plan), "superuser_password": plan.secret("superuser of the tests")}
    return {
        "environment": candidate_environment(plan, addresses),
        "postgres": None if server is None else {"port": addresses.postgres, "arguments": server, "secrets": secrets},
    }
