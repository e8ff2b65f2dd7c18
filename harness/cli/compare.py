"""`takehome compare` and `takehome cohort`: stored grades beside each other. They grade nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from harness.batch.entries import why_not
from harness.batch.journal import State, read_states
from harness.cli import output
from harness.cli.browser import OpenOption, open_page
from harness.cli.console import err, out
from harness.cohort import Entry, cohort_of, entry_of, natural, to_csv
from harness.compare import FEWEST, MOST, compare
from harness.errors import UsageError
from harness.record import Problem
from harness.reporting.cohort import render_cohort
from harness.reporting.compare import print_comparison, render_comparison
from harness.stored import RESULT, read_earlier, read_record


def compare_command(
    results: Annotated[list[Path], typer.Argument(help="Two to four result.json, or their folders.")],
    report: Annotated[Path | None, typer.Option("--report", help="Write the comparison there (HTML).")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Checks that ended alike, too.")] = False,
    open_: OpenOption = False,
) -> int:
    """Set two to four grades of one challenge side by side."""
    if not FEWEST <= len(results) <= MOST:
        raise UsageError(f"{FEWEST} to {MOST} results can be compared, not {len(results)}", where="compare")
    graded = [(record.submission.id, record) for record in map(read_record, results)]
    ids = sorted({record.challenge.id for _, record in graded})
    if len(ids) > 1:
        raise UsageError("the results are of different challenges", where="compare", detail=", ".join(ids))
    found = compare(graded)
    target = report or (Path("comparison.html") if open_ else None)
    if target is not None:
        output.prepare(target.parent)
        output.replace(target, render_comparison(found))
    print_comparison(found, out, everything=everything)
    _show(target, open_=open_)
    return 0


def cohort_command(
    folder: Annotated[Path, typer.Argument(help="A folder whose folders hold a result.json each.")],
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Where the three files go; default: into that folder.")
    ] = None,
    open_: OpenOption = False,
) -> int:
    """Write cohort.html, cohort.json and cohort.csv for the results below a folder."""
    if not os.path.isdir(folder):
        raise UsageError("there is no such folder", where=str(folder))
    entries = read_entries(folder)
    target = write_cohort(out_folder or folder, entries, folder)
    graded = sum(entry.record is not None for entry in entries)
    out.print(f"{graded} of {len(entries)} results read", markup=False, highlight=False)
    for entry in entries:
        if entry.problem is not None:
            err.print(f"{entry.id}: {entry.problem.what}", markup=False, highlight=False)
    _show(target, open_=open_)
    return 0


def read_entries(folder: Path) -> list[Entry]:
    """The results in the folders of `folder`; one that can't be read becomes an entry that says why.

    So do those that the journal of a batch knows, and that have none.
    """
    states = read_states(folder)
    entries = []
    for path in sorted(folder.iterdir(), key=lambda path: natural(path.name)):
        if not (path.is_dir() and (path / RESULT).is_file()):
            continue
        try:
            entries.append(entry_of(path.name, read_record(path), read_earlier(path), name=_name(states, path.name)))
        except UsageError as error:
            problem = Problem(fault="environment", what=error.what, where=error.where, next_step=error.next_step)
            entries.append(Entry(id=path.name, name=_name(states, path.name), problem=problem))
    known = {entry.id for entry in entries}
    return entries + [
        Entry(id=id_, name=state.name, problem=why_not(state)) for id_, state in states.items() if id_ not in known
    ]


def _name(states: Mapping[str, State], id_: str) -> str:
    return states[id_].name if id_ in states else ""


def write_cohort(folder: Path, entries: list[Entry], results: Path | None = None) -> Path:
    """Write the page, the document and the table of these entries; returns the page's path.

    `results` is where the reports lie, `folder` when None; the page links to them.

    Raises:
        EnvironmentFault: the disk refused.
    """
    output.prepare(folder)
    cohort = cohort_of(entries)
    way = quote(os.path.relpath(results or folder, folder))
    links = {entry.id: f"{way}/{quote(entry.id)}/report.html" for entry in entries if entry.record is not None}
    output.replace(folder / "cohort.json", cohort.model_dump_json(indent=1) + "\n")
    output.replace(folder / "cohort.csv", to_csv(cohort))
    output.replace(folder / "cohort.html", render_cohort(cohort, links))
    return folder / "cohort.html"


def _show(target: Path | None, *, open_: bool) -> None:
    if target is None:
        return
    out.print(f"\nReport: {target}", markup=False, highlight=False, soft_wrap=True)
    if open_:
        open_page(target)
