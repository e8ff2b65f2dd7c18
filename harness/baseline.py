"""Baseline: how long the challenge's own solution takes here to get ready and to answer, to compare with."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from harness.challenge import Challenge
from harness.errors import Interrupted, TakehomeError
from harness.events import Listener, Note, ignore
from harness.host import Alone, undisputed
from harness.plan import make_plan
from harness.runtime.base import Runtime
from harness.runtime.cache import cache_folder
from harness.runtime.processes import SNAPSHOT_PREFIX, signed_folder
from harness.session import Session
from harness.submission import Snapshot, ingest, lay_vendored, read_project

# A machine is as fast as it was, unless something else has moved in.
_FRESH_S = 24 * 3600.0
# But what takes milliseconds depends on what else it does at that moment.
_PULSE_FRESH_S = 15 * 60.0


@dataclass(frozen=True)
class Baseline:
    """Seconds from the start of the reference to its first answer, and its pulse (ms), where that is recent."""

    seconds: float
    pulse: tuple[float, ...] = ()


def baseline_of(
    challenge: Challenge,
    runtime: Runtime,
    listener: Listener = ignore,
    cancelled: threading.Event | None = None,
    alone: Alone = undisputed,
) -> Baseline | None:
    """What the reference needs, as measured on this machine within a day.

    Starts it when there is no such measurement, `alone`. None when it can't be started, or wasn't alone: a grade is
    none the worse for it.

    Raises:
        Interrupted: `cancelled` was set.
    """
    try:
        return _known_or_measured(challenge, runtime, listener, cancelled, alone)
    except Interrupted:
        raise
    except TakehomeError as error:
        problem = error.what
    except OSError as error:
        problem = str(error)
    listener(Note(f"the challenge's own solution could not be started: {problem}"))
    return None


def _known_or_measured(
    challenge: Challenge, runtime: Runtime, listener: Listener, cancelled: threading.Event | None, alone: Alone
) -> Baseline | None:
    with signed_folder(SNAPSHOT_PREFIX) as folder:
        snapshot = ingest(str(challenge.reference), ref=None, workdir=folder)
        try:
            # By content: one who writes a challenge changes its solution, and not its version each time.
            kept = cache_folder("ready") / f"{runtime.name}-{challenge.id}-{snapshot.digest[-16:]}.json"
            known = _known(kept)
            if known is not None:
                return known
            listener(Note("starting the challenge's own solution, to compare the time to ready with"))
            measured = _measured(challenge, snapshot, runtime, cancelled, alone)
        finally:
            snapshot.remove()
    if measured is not None:
        with suppress(OSError):
            kept.write_text(json.dumps({"seconds": measured.seconds, "pulse": measured.pulse}))
    return measured


def _known(kept: Path) -> Baseline | None:
    with suppress(OSError, ValueError, TypeError, KeyError):
        age = time.time() - kept.stat().st_mtime
        if 0 <= age < _FRESH_S:
            told = json.loads(kept.read_text())
            pulse = tuple(float(beat) for beat in told["pulse"])
            return Baseline(float(told["seconds"]), pulse if age < _PULSE_FRESH_S else ())
    return None


def _measured(
    challenge: Challenge, snapshot: Snapshot, runtime: Runtime, cancelled: threading.Event | None, alone: Alone
) -> Baseline | None:
    for name in challenge.spec.vendored:
        lay_vendored(snapshot.path, name, challenge.vendored_layers(name))
    project = read_project(snapshot.path, app=None)
    plan = replace(make_plan(challenge, snapshot, project), checks=())
    environment = runtime.environment(plan, ignore)
    with runtime.pod(plan, environment) as pod:
        evidence = Session(plan, pod, ignore, cancelled, alone=alone).run()
    if evidence.ready_seconds is None or not evidence.alone:
        return None
    return Baseline(round(evidence.ready_seconds, 3), tuple(evidence.pulse))
