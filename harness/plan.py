"""Plan: everything decided before anything is started, as one value. Pure."""

from __future__ import annotations

import hashlib
import random
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.challenge import Challenge
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.submission import Project, Snapshot

CANDIDATE_ROLE = "candidate"
DATABASE = "app"
SUPERUSER = "takehome"


@dataclass(frozen=True)
class Plan:
    """What will be run, on what, judged by which checks, with which seed."""

    challenge: Challenge
    snapshot: Snapshot
    project: Project
    checks: tuple[str, ...]
    seed: int
    visible_only: bool
    ready_s: float
    budget_s: float
    # The checks that measure as far as they can; None means all. See harness.verify.
    full: tuple[str, ...] | None = None
    # The check that is run first, and that has to fail for the others to be run. See harness.verify.
    first: str = ""
    # Not from the seed: what the candidate is given could be tried against every seed, and this opens the database.
    superuser_password: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)

    def secret(self, name: str) -> str:
        """A secret that belongs to this plan alone; the same seed gives the same secret, so a grade replays."""
        return hashlib.sha256(f"{self.seed}/{self.challenge.id}/{name}".encode()).hexdigest()[:40]


@dataclass(frozen=True)
class Addresses:
    """Where things listen in one pod; all on 127.0.0.1."""

    candidate: int
    postgres: int
    stubs: Mapping[str, int]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.candidate}"


def make_plan(
    challenge: Challenge,
    snapshot: Snapshot,
    project: Project,
    *,
    seed: int | None = None,
    visible_only: bool = False,
    only: tuple[str, ...] = (),
    full: tuple[str, ...] | None = None,
    first: str = "",
) -> Plan:
    """Decide what to run.

    Raises:
        UsageError: `only` names a check that the challenge doesn't have.
    """
    entries = challenge.spec.checks
    for name in only:
        if name not in entries:
            raise UsageError(f"no check {name!r} in {challenge.id}", where="--check", detail=", ".join(entries))
    ids = tuple(i for i, c in entries.items() if (c.visible or not visible_only) and (not only or i in only))
    limits = challenge.spec.limits
    return Plan(
        challenge=challenge,
        snapshot=snapshot,
        project=project,
        checks=ids,
        seed=random.SystemRandom().randrange(1, 2**53) if seed is None else seed,
        visible_only=visible_only,
        ready_s=limits.ready_s,
        budget_s=limits.budget_s,
        full=full,
        first=first,
    )


def plan_of_tests(plan: Plan) -> Plan:
    """The same plan with what the candidate's own tests need as the dependencies, for an environment of theirs."""
    project = plan.project
    needed = replace(project.dependencies, requirements=project.own_tests.requirements)
    return replace(plan, project=replace(project, dependencies=needed))


_TEMPLATE = re.compile(r"\{([a-z]+)\.([a-z_]+)\}")


def candidate_environment(plan: Plan, addresses: Addresses) -> dict[str, str]:
    """The environment variables that the challenge promises its candidates.

    Raises:
        UsageError: a template in `[environment]` names something unknown.
    """

    def fill(key: str, template: str) -> str:
        def value(match: re.Match[str]) -> str:
            kind, name = match.groups()
            if kind == "postgres" and name == "url":
                return candidate_dsn(plan, addresses)
            if kind == "stub" and name in addresses.stubs:
                return f"http://127.0.0.1:{addresses.stubs[name]}"
            if kind == "secret":
                return plan.secret(name)
            raise UsageError(
                f"unknown template {match.group(0)}",
                where=f"challenge.toml: environment.{key}",
                next_step="use {postgres.url}, {stub.NAME} or {secret.NAME}",
            )

        return _TEMPLATE.sub(value, template)

    filled = {key: fill(key, text) for key, text in plan.challenge.spec.environment.items()}
    return {**filled, "PORT": str(addresses.candidate)}


def candidate_dsn(plan: Plan, addresses: Addresses) -> str:
    """The DSN of the unprivileged role that owns its own database."""
    return f"postgresql://{CANDIDATE_ROLE}:{plan.secret('database')}@127.0.0.1:{addresses.postgres}/{DATABASE}"


def hello(plan: Plan, addresses: Addresses, graders: list[Path] | list[str]) -> dict[str, object]:
    """The first line that the prober reads: its whole brief."""
    spec = plan.challenge.spec
    return {
        "kind": "hello",
        "challenge": plan.challenge.id,
        "seed": plan.seed,
        "graders": [str(g) for g in graders],
        "checks": list(plan.checks),
        "visible_only": plan.visible_only,
        "base_url": addresses.base_url,
        "environment": candidate_environment(plan, addresses),
        "postgres": None
        if spec.services.postgres is None
        else {
            "host": "127.0.0.1",
            "port": addresses.postgres,
            "superuser": SUPERUSER,
            "superuser_password": plan.superuser_password,
            "database": DATABASE,
            "role": CANDIDATE_ROLE,
        },
        "stubs": dict(addresses.stubs),
        "first": plan.first,
        "full": None if plan.full is None else list(plan.full),
        "budget_s": plan.budget_s,
        "ready_s": plan.ready_s,
        "openapi": plan.challenge.contract(),
    }


def uvicorn_arguments(project: Project, port: int) -> list[str]:
    """How the candidate's app is started, after the interpreter."""
    arguments = ["-m", "uvicorn", project.app, "--host", "127.0.0.1", "--port", str(port), "--no-use-colors"]
    if project.app_dir:
        arguments += ["--app-dir", project.app_dir]
    if project.factory:
        arguments += ["--factory"]
    return arguments
