"""`takehome challenge verify` and `proofs`: prove a challenge's checks, keep what was proven, say what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from harness.challenge import Challenge
from harness.cli.console import err, out
from harness.cli.options import (
    BaseImageOption,
    CaBundleOption,
    ChallengesOption,
    IndexUrlOption,
    choose_runtime,
)
from harness.errors import UsageError
from harness.kill_matrix import draw_matrix
from harness.packs import challenge_folders, find_challenge, unlisted
from harness.proofs import COMMAND, differences, missing_proofs, proof_key, proof_of, read_proofs, sample, write_proofs
from harness.reporting.text import clean
from harness.runtime.base import Runtime
from harness.runtime.trust import ca_bundle
from harness.runtime.venv import VenvBuilder
from harness.runtime.warm import WarmRuntime
from harness.verify import Verdict, Verification, cases, verify

_WARM = "warm"
ChallengeArgument = Annotated[str | None, typer.Argument(help="Challenge id or folder; or --all.")]
AllOption = Annotated[bool, typer.Option("--all", help="All challenges, one after the other.")]


@dataclass(frozen=True)
class _Wanted:
    """What of a challenge is verified, and how."""

    repeat: int
    jobs: int
    only: tuple[str, ...]
    quick: bool
    matrix: bool
    missing: bool
    write: bool
    sample: float | None
    sample_key: str

    @property
    def everything(self) -> bool:
        return not (self.only or self.missing or self.sample)


def verify_command(
    challenge: ChallengeArgument = None,
    every: AllOption = False,
    repeat: Annotated[int, typer.Option("--repeat", min=1, max=50, help="Repetitions; outcomes must match.")] = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Submissions at a time.")] = 1,
    runtime: Annotated[
        str,
        typer.Option(
            "--runtime", help="warm (processes that share what starts slowly), or whole grades: docker, process."
        ),
    ] = _WARM,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this case; may be given again.")] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="Where another check is under proof: smaller loads, no reading of code, no fuzzing."
        ),
    ] = False,
    missing: Annotated[bool, typer.Option("--missing", help="Only cases without a valid proof.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Keep what was proven in proofs.jsonl.")] = False,
    sample_percent: Annotated[
        float | None,
        typer.Option("--sample", min=0.1, max=100, help="Run this percentage of the proven cases again and compare."),
    ] = None,
    sample_key: Annotated[str, typer.Option("--sample-key", help="Chooses the sample, such as a commit's hash.")] = "",
    matrix: Annotated[bool, typer.Option("--matrix", help="Print cases by checks.")] = False,
    base_image: BaseImageOption = None,
    ca_bundle: CaBundleOption = None,
    index_url: IndexUrlOption = None,
    challenges: ChallengesOption = None,
) -> int:
    """Prove the checks: the reference scores 100, each mutant fails its check alone. Exit 1 when not."""
    found = _chosen(challenge, every, challenges)
    known = {case.name for one in found for case in cases(one, 1)}
    for name in only or ():
        if name not in known:
            raise UsageError(f"no case {name!r}", where="--only", detail=", ".join(sorted(known)))
    if sample_percent is not None and (only or missing or write):
        raise UsageError(
            "a sample is of what is proven already",
            where="--sample",
            next_step="leave out --only, --missing and --write",
        )
    wanted = _Wanted(
        repeat, jobs, tuple(only or ()), quick, matrix, missing, write, sample_percent, sample_key
    )  # fmt: skip
    with _runtime(runtime, base_image, ca_bundle, index_url) as maker:
        return max(_verified(one, maker, wanted) for one in found)


def proofs_command(
    challenge: ChallengeArgument = None,
    every: AllOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the kill matrix as Markdown.")] = False,
    challenges: ChallengesOption = None,
) -> int:
    """Say which cases have no valid proof. Exit 1 when there are any."""
    found = _chosen(challenge, every, challenges)
    if markdown:
        typer.echo(draw_matrix(found), nl=False)
        return 0
    lacking = 0
    for one in found:
        missing = missing_proofs(one)
        lacking += len(missing)
        out.print(f"{one.id}: {len(cases(one, 1))} cases, {len(missing)} without a valid proof", markup=False)
        for name, why in missing.items():
            out.print(f"    {name}: {why}", markup=False, highlight=False)
        if missing:
            out.print(f"    next: {COMMAND.format(id=one.id)}", markup=False, highlight=False, soft_wrap=True)
    return 1 if lacking else 0


def _chosen(challenge: str | None, every: bool, challenges: Path | None) -> list[Challenge]:
    """All are read before the first is run: a mistake in the last should not show after an hour."""
    if (challenge is None) is not every:
        raise UsageError("name one challenge, or --all", where="CHALLENGE", next_step="takehome challenge list")
    names = list(challenge_folders(challenges)) if challenge is None else [challenge]
    return [find_challenge(name, challenges, whole=True, where="CHALLENGE") for name in names]


@contextmanager
def _runtime(
    choice: str, base_image: str | None, bundle: Path | None, index_url: str | None
) -> Iterator[Callable[[], Runtime]]:
    if choice != _WARM:
        # One runtime for all cases; the first case runs alone, so it is made once.
        yield cache(
            choose_runtime(
                choice,
                base_image=base_image,
                bundle=bundle,
                index_url=index_url,
                say=lambda text: err.print(text, markup=False),
            )
        )
        return
    runtime = WarmRuntime(VenvBuilder(index_url=index_url, ca_bundle=ca_bundle(bundle)))
    try:
        yield lambda: runtime
    finally:
        runtime.close()


def _verified(challenge: Challenge, maker: Callable[[], Runtime], wanted: _Wanted) -> int:
    out.print(f"{challenge.id} {challenge.spec.version}", markup=False, highlight=False)
    only = _cases(challenge, wanted)
    if not wanted.everything and not only:
        out.print("nothing to verify: every case has a valid proof", markup=False)
        return 0
    kept = read_proofs(challenge)
    # From before: what is on the disk later may not be what ran.
    keys = {case.name: proof_key(challenge, case) for case in cases(challenge, 1)}

    def note(verdict: Verdict) -> None:
        _say(verdict)
        if wanted.write:
            # At once: what was proven before somebody stops us stays proven.
            _keep(challenge, verdict, keys[verdict.case.name], wanted.quick)

    result = verify(
        challenge, maker, repeat=wanted.repeat, jobs=wanted.jobs, only=only, quick=wanted.quick, on_verdict=note
    )
    if wanted.matrix and result.verdicts:
        _print_matrix(result, list(challenge.spec.checks))
    complaints = [f"no mutant proves {name}" for name in result.unproven]
    if wanted.everything:
        complaints += [f"{n} is a check that challenge.toml doesn't list: it is never run" for n in unlisted(challenge)]
    complaints += result.disagreements
    if wanted.sample is not None:
        complaints += [f"{v.case.name}: {line}" for v in result.verdicts for line in differences(kept[v.case.name], v)]
    for text in complaints:
        out.print(clean(text), markup=False, highlight=False, soft_wrap=True)
    bad = sum(bool(v.complaints) for v in result.verdicts)
    out.print(f"{len(result.verdicts) - bad} of {len(result.verdicts)} cases as expected", markup=False)
    return 1 if bad or complaints else 0


def _cases(challenge: Challenge, wanted: _Wanted) -> tuple[str, ...]:
    """The names of the cases to run; none means all, where everything is wanted."""
    names = [case.name for case in cases(challenge, 1)]
    chosen = [name for name in names if not wanted.only or name in wanted.only]
    if wanted.missing or wanted.sample is not None:
        lacking = missing_proofs(challenge)
        if wanted.sample is not None:
            valid = [f"{challenge.id}/{name}" for name in chosen if name not in lacking]
            return tuple(name.partition("/")[2] for name in sample(valid, wanted.sample, wanted.sample_key))
        chosen = [name for name in chosen if name in lacking]
    return () if wanted.everything else tuple(chosen)


def _keep(challenge: Challenge, verdict: Verdict, key: Mapping[str, str], quick: bool) -> None:
    proofs = read_proofs(challenge)
    proof = proof_of(challenge, verdict, key, quick=quick)
    if proof is None:
        if not verdict.complaints:
            out.print("    not kept: something that it depends on was changed meanwhile", markup=False, highlight=False)
        proofs.pop(verdict.case.name, None)
    else:
        proofs[verdict.case.name] = proof
    write_proofs(challenge, proofs)


def _say(verdict: Verdict) -> None:
    case = verdict.case
    state = "as expected" if not verdict.complaints else "NOT as expected"
    value = "not gradable" if verdict.value is None else f"{verdict.value:.1f}"
    out.print(
        f"{case.role} {case.name} (turn {case.turn}): {value}, {state}, {verdict.seconds:.1f} s",
        markup=False,
        highlight=False,
    )
    for line in verdict.complaints:
        out.print(f"    {clean(line)}", markup=False, highlight=False, soft_wrap=True)


def _print_matrix(result: Verification, checks: list[str]) -> None:
    """A row a case, a column a check: `.` passed, `X` lost, `b` blocked, `?` not assessed, `-` left out."""
    letters = {"pass": ".", "blocked": "b", "not_assessed": "?", "not_applicable": "-"}
    for number, check in enumerate(checks, 1):
        out.print(f"{number:3} {check}", markup=False, highlight=False)
    width = max(len(v.case.name) for v in result.verdicts)
    for verdict in result.verdicts:
        absent = "not_applicable" if verdict.outcomes else "not_assessed"
        cells = " ".join(f"{letters.get(verdict.outcomes.get(c, absent), 'X'):>2}" for c in checks)
        out.print(f"{verdict.case.name:<{width}} {cells}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        " " * width + " " + " ".join(f"{n:>2}" for n in range(1, len(checks) + 1)),
        markup=False,
        highlight=False,
    )
