"""Challenge: what is asked and how it is weighed, read from `challenge.toml` with nothing left to guess."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.errors import UsageError
from harness.mutants import Mutant, read_mutants
from harness.paths import data_root
from harness.record import Level, Skill, Tier

COMMON_GRADERS = "common"
# The common check for which the submission's own tests are run.
OWN_TESTS = "own-tests"
# Common checks that ask the tools and not the service.
READ_IN_CODE = frozenset({"types", "lint"})
# The common check that takes libraries long to load.
MADE_FROM_DOCUMENT = frozenset({"openapi-behaviour"})
# Beside what decides of a grade: notes, and what people are asked. Caches are no part of it either.
_UNDECIDING = (".pyc", ".md", "human.toml")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PostgresService(_Table):
    """`max_connections` is the server's, the prober's own sessions included."""

    max_connections: int = Field(default=60, ge=20, le=500)


class Services(_Table):
    postgres: PostgresService | None = None


class Stub(_Table):
    """An upstream that the prober plays."""

    description: str = ""


class Limits(_Table):
    """What the candidate's container gets, and how long a grade may take (seconds)."""

    cpus: float = Field(default=2.0, gt=0, le=64)
    memory_mb: int = Field(default=512, ge=64, le=65536)
    pids: int = Field(default=256, ge=16, le=4096)
    tmp_mb: int = Field(default=64, ge=1, le=4096)
    ready_s: float = Field(default=60, gt=0, le=600)
    budget_s: float = Field(default=300, gt=0, le=3600)


class Proof(_Table):
    """What only the challenge's own solution reads, and only while its mutants are tried: cheaper hashing, say."""

    environment: dict[str, str] = {}


class Rubric(_Table):
    """How 100 points fall to the tiers; equal inside a tier but for checks that name their `points`."""

    must: float = Field(ge=0, le=100)
    should: float = Field(ge=0, le=100)
    bonus: float = Field(ge=0, le=5)

    @model_validator(mode="after")
    def _adds_up(self) -> Rubric:
        if abs(self.must + self.should + self.bonus - 100) > 1e-9:
            raise ValueError("must + should + bonus have to make 100")
        return self


class CheckEntry(_Table):
    """`brief` is what of BRIEF.md the check judges, word for word but for white space and `*`."""

    tier: Tier
    skill: Skill
    level: Level
    title: str
    brief: str = Field(default="", max_length=300)
    visible: bool = False
    points: float | None = Field(default=None, gt=0, le=100)


class ChallengeFile(_Table):
    """`challenge.toml`, key by key."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str
    summary: str = ""
    graders: list[str] = Field(min_length=1)
    environment: dict[str, str] = {}
    services: Services = Services()
    stubs: dict[str, Stub] = {}
    # Packages that the challenge hands out; the run uses the challenge's own copy, with the graders' files over it.
    vendored: list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,40}$")]] = []
    limits: Limits = Limits()
    proof: Proof = Proof()
    rubric: Rubric
    checks: dict[str, CheckEntry] = Field(min_length=1)

    @model_validator(mode="after")
    def _weights_fit(self) -> ChallengeFile:
        for tier in ("must", "should", "bonus"):
            named = [c for c in self.checks.values() if c.tier == tier]
            pool = getattr(self.rubric, tier)
            fixed = sum(c.points or 0 for c in named)
            if pool and not named:
                raise ValueError(f"rubric.{tier} gives {pool} points but no check has tier {tier!r}")
            if fixed > pool:
                raise ValueError(f"checks of tier {tier!r} name {fixed} points, rubric.{tier} has only {pool}")
            if named and all(c.points for c in named) and abs(fixed - pool) > 1e-9:
                raise ValueError(f"checks of tier {tier!r} name {fixed} points, rubric.{tier} has {pool}")
        return self


@dataclass(frozen=True)
class Challenge:
    """A challenge and the folder it lives in."""

    spec: ChallengeFile
    folder: Path

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def reference(self) -> Path:
        return self.folder / "reference"

    @property
    def starter(self) -> Path:
        return self.folder / "starter"

    @property
    def brief(self) -> Path:
        return self.folder / "BRIEF.md"

    def mutants(self) -> dict[str, Mutant]:
        """The patches on the reference that prove the checks, by name.

        Raises:
            UsageError: one can't be read.
        """
        return read_mutants(self.folder / "mutants")

    def vendored_layers(self, name: str) -> list[Path]:
        """The folders that make a vendored package as it is run: what candidates get, then what the graders lay over.

        Raises:
            UsageError: the challenge has no such package.
        """
        plain = self.folder / "vendored" / name
        if not (plain / "__init__.py").is_file():
            raise UsageError(
                f"no package {name!r}",
                where=f"{self.folder / 'challenge.toml'}: vendored",
                next_step=f"make {plain} or correct the name",
            )
        over = [folder / "instrumented" / name for folder in self.grader_folders()]
        return [plain, *(folder for folder in over if folder.is_dir())]

    def contract(self) -> object:
        """The OpenAPI contract that the served document is compared with; None when there is none.

        Raises:
            UsageError: `contract.json` is not JSON.
        """
        path = self.folder / "contract.json"
        if not path.is_file():
            return None
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise UsageError("the contract is not JSON", where=str(path), detail=str(error)) from error

    def digest(self) -> str:
        """sha256 over what decides how a submission is judged: the file, the contract, what is handed out, the suites.

        Raises:
            UsageError: `graders` names a folder that doesn't exist.
        """
        roots = [self.folder / name for name in ("challenge.toml", "contract.json", "vendored")]
        found = hashlib.sha256()
        for root in [*roots, *self.grader_folders()]:
            for path in sorted([root, *root.rglob("*")]):
                name = path.relative_to(root.parent).as_posix()
                if path.is_file() and not path.name.endswith(_UNDECIDING) and "/." not in name:
                    found.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
        return f"sha256:{found.hexdigest()}"

    def grader_folders(self) -> list[Path]:
        """The folders whose suites judge this challenge.

        Raises:
            UsageError: `graders` names a folder that doesn't exist.
        """
        folders = []
        for name in self.spec.graders:
            beside = self.folder / "graders" if name == self.id else None
            path = beside if beside and beside.is_dir() else data_root() / "graders" / name
            if not path.is_dir():
                raise UsageError(
                    f"no graders {name!r}",
                    where=f"{self.folder / 'challenge.toml'}: graders",
                    next_step=f"make {path} or correct the name",
                )
            folders.append(path)
        return folders


def load_challenge(folder: Path) -> Challenge:
    """Read and check one challenge folder.

    Raises:
        UsageError: the file is missing, is not TOML, or has a wrong key or value; each is named.
    """
    folder = folder.absolute()
    path = folder / "challenge.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UsageError("no challenge.toml", where=str(folder), next_step="name a challenge folder") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("challenge.toml is not valid TOML", where=str(path), detail=str(error)) from error
    try:
        return Challenge(ChallengeFile.model_validate(raw), folder)
    except ValidationError as error:
        raise UsageError(
            "challenge.toml does not fit",
            where=str(path),
            detail="\n".join(_problems(error)),
            next_step="correct the keys named above",
        ) from error


def _problems(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        text = item["msg"]
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(item["loc"][-1]), _known_keys(), n=1)
            text = "unknown key" + (f", did you mean {near[0]!r}?" if near else "")
        lines.append(f"{key or 'file'}: {text}")
    return lines


def _known_keys() -> list[str]:
    models: list[type[BaseModel]] = [
        ChallengeFile,
        CheckEntry,
        Limits,
        PostgresService,
        Rubric,
        Services,
        Stub,
    ]
    return sorted({name for model in models for name in model.model_fields})
