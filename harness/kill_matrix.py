"""The kill matrix: which mutant each check notices, drawn from the kept proofs. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.challenge import Challenge
from harness.proofs import Proof, read_proofs

_HEAD = """\
# What the checks notice

Each mutant is a small patch on a challenge's reference. It has to fail its own check, and no other but those that this
one blocks. This page is drawn from the kept proofs (`challenges/*/proofs.jsonl`) by `make prove`.
"""
_LEFT_OUT = "Not run for mutants of other checks: {}."


def draw_matrix(challenges: Iterable[Challenge]) -> str:
    """The page, as Markdown.

    Raises:
        UsageError: a challenge's proofs or mutants can't be read.
    """
    return _HEAD + "".join(_section(challenge) for challenge in challenges)


def _section(challenge: Challenge) -> str:
    proofs, mutants = read_proofs(challenge), challenge.mutants()
    proven = [name for name in mutants if name in proofs]
    lines = [
        f"\n## {challenge.id}\n\n",
        f"{len(challenge.spec.checks)} checks, {len(mutants)} mutants, {len(proven)} proven.",
        *[
            f" The {name} scores {proofs[name].score:g}."
            for name in ("reference", "starter")
            if _scored(proofs.get(name))
        ],
    ]
    everywhere = sorted({name for mutant in proven for name in proofs[mutant].left_out})
    if everywhere:
        lines.append(" " + _LEFT_OUT.format(", ".join(f"`{name}`" for name in everywhere)))
    lines.append("\n\n| mutant | what it breaks | fails | blocks | score |\n|---|---|---|---|---|\n")
    for name, mutant in mutants.items():
        proof = proofs.get(name)
        if proof is None:
            cells = ["not proven", "", ""]
        else:
            blocked = [check for check, outcome in proof.failed.items() if outcome == "blocked"]
            failed = [_failure(check, outcome) for check, outcome in proof.failed.items() if outcome != "blocked"]
            score = "" if proof.score is None else f"{proof.score:.1f}"
            cells = [", ".join(failed), ", ".join(f"`{check}`" for check in blocked), score]
        lines.append(f"| `{name}` | {mutant.what.replace('|', '&#124;')} | {' | '.join(cells)} |\n")
    return "".join(lines)


def _scored(proof: Proof | None) -> bool:
    return proof is not None and proof.score is not None


def _failure(check: str, outcome: str) -> str:
    return f"`{check}`" + ("" if outcome == "fail" else f" ({outcome})")
