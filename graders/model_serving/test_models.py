"""What is served, and in which version."""

from __future__ import annotations

from typing import Any

from harness.authoring import CapacityGate, Claims, Question, Reply, check, racing

from .support.digits import LABELS, MOST, NEW, OLD, PIXELS, VERSIONS, Digits, digest, exported
from .support.gating import computing
from .support.service import JOBS, MODELS, Service, body_of, mapping, silent_or, wrong
from .support.telemetry import begins, begun, settled

_EACH = 25
_UNKNOWN = ("9.9.9", "1", "2.0", "2.0.0.0", "v2.0.0", "latest", "../2.0.0", "digits")


def _model(version: str) -> dict[str, Any]:
    about = exported()["versions"][version]
    return {
        "name": "digits",
        "version": version,
        "kind": about["kind"],
        "accuracy": about["accuracy"],
        "signature": {"features": PIXELS, "minimum": 0, "maximum": MOST, "labels": list(LABELS)},
    }


@check(
    "model-versions",
    skill="ml",
    level="mid",
    after=("predict",),
    visible=True,
    deadline_s=120,
    passed="The service says what it serves, and serves both versions at the same time",
    failed="What is served isn't what is said, or versions get mixed up",
    why="Versions live side by side while clients move: an answer has to come from the version that was named, and an "
    "unknown one must not be replaced in silence.",
    hint="One queue per version; look the version up before queuing, 404 when it isn't there; take the metadata from "
    "the model itself.",
    question=Question(
        ask="How would you bring version 3 of the model into production, and how would you get rid of it again?",
        junior="Deploys it and watches.",
        senior="Loads it beside the old, compares on shadowed traffic, moves a share by default version, keeps the old "
        "one loaded until it is sure; each answer names its version.",
    ),
)
async def test_both_versions_are_served(service: Service, digits: Digits, stub: CapacityGate) -> None:
    """The list, each model, unknown ones; then requests for both versions, all at once."""
    claims = Claims()
    await _metadata(service, claims)
    await _unknown(service, digits, claims)
    await _mixed(service, digits, stub, claims)
    claims.verdict("Versions", 0.5)


async def _metadata(service: Service, claims: Claims) -> None:
    reply = await silent_or(service.api.get(MODELS))
    if claims.status(reply, f"GET {MODELS}", 200) and isinstance(reply, Reply):
        listed = mapping(reply)
        claims.holds(listed.get("default") == NEW, "default", expected=NEW, actual=reply.describe(), shown=reply)
        models = listed.get("models")
        found = models if isinstance(models, list) else []
        claims.holds(len(found) == len(VERSIONS), "models", expected="two", actual=reply.describe(), shown=reply)
        for version, model in zip(VERSIONS, found, strict=False):
            _says(claims, f"{version} in the list", model, version, reply)
    for version in VERSIONS:
        shown = await silent_or(service.api.get(f"{MODELS}/{version}"))
        if claims.status(shown, f"GET {MODELS}/{version}", 200) and isinstance(shown, Reply):
            _says(claims, f"GET {MODELS}/{version}", mapping(shown), version, shown)


def _says(claims: Claims, where: str, model: object, version: str, reply: Reply) -> None:
    wanted = _model(version)
    claims.holds(_holds(model, wanted), where, expected=str(wanted), actual=reply.describe(), shown=reply)


def _holds(found: object, wanted: object) -> bool:
    """Whether all of `wanted` is in `found`, which may have more members."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_holds(found.get(name), value) for name, value in wanted.items())
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


async def _unknown(service: Service, digits: Digits, claims: Claims) -> None:
    row = digits.row()
    for version in _UNKNOWN:
        if "/" not in version:
            shown = await silent_or(service.api.get(f"{MODELS}/{version}"))
            claims.status(shown, f"GET {MODELS}/{version}", 404)
        reply = await silent_or(service.predict([row], version))
        claims.status(reply, f"a prediction by version {version!r}", 404)
    # Whether there are jobs at all is the matter of another check.
    if await service.has_jobs():
        reply = await silent_or(service.api.post(JOBS, json=body_of([row], _UNKNOWN[0])))
        claims.status(reply, f"a job by version {_UNKNOWN[0]!r}", 404)


async def _mixed(service: Service, digits: Digits, stub: CapacityGate, claims: Claims) -> None:
    stub.reset()
    jobs = [(row, VERSIONS[at % 2]) for at, row in enumerate(digits.rows(2 * _EACH))]
    async with service.api.fresh() as callers:
        calls = [service.calls(callers, [[row]], version)[0] for row, version in jobs]
        with stub.hold(only=begins("predict")):
            async with racing(calls) as race:
                await computing(stub, race)
                await settled(lambda: len(begun(stub, "predict")), service.api)
                stub.release()
                replies = await race.outcomes()
    for reply, (row, version) in zip(replies, jobs, strict=True):
        if claims.status(reply, f"a request for {version} among others for {OLD} and {NEW}", 200):
            assert isinstance(reply, Reply)
            problem = wrong(reply, [row], version)
            claims.holds(
                not problem,
                "a request is answered by another version than it names",
                expected=f"what {version} says",
                actual=problem,
                shown=reply,
                fatal=True,
            )
    used = {name: call.version for call in begun(stub, "predict") for name in call.rows}
    strays = sum(used.get(digest(row)) != version for row, version in jobs)
    claims.holds(
        not strays,
        "rows don't go to the version that they name",
        expected=f"each of {len(jobs)} rows in a call of its version",
        actual=f"{strays} rows in none",
        fatal=True,
    )
