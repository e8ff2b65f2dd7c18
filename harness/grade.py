"""Grade: from a submission to a record. The effects are here; every decision is elsewhere, and pure."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.attempts import told
from harness.baseline import Baseline, baseline_of
from harness.challenge import OWN_TESTS, Challenge
from harness.clock import Clock
from harness.errors import EnvironmentFault, Interrupted, TakehomeError, UsageError
from harness.events import Listener, Note, ignore
from harness.explain import explained, handlers_of, signals_of, sources_of
from harness.host import Place
from harness.judge import judge
from harness.own_tests import own_tests_of, with_coverage
from harness.plan import Plan, make_plan, plan_of_tests
from harness.probing import Probing
from harness.problems import problem_of, told_by, too_little
from harness.record import (
    ChallengeRef,
    CheckResult,
    EnvironmentRef,
    GradeRecord,
    OwnImage,
    OwnTests,
    Problem,
    RuntimeName,
    Score,
    Signal,
    SourceFile,
    SubmissionRef,
)
from harness.runtime.base import Environment, Runtime
from harness.runtime.install import require_python
from harness.runtime.processes import SNAPSHOT_PREFIX, signed_folder
from harness.score import band, failed_musts, score, skills
from harness.submission import Snapshot, ingest, lay_vendored, read_project
from harness.sweep import sweep_processes

_BUSY = "the time to ready is not compared with the reference's: the machine was at work for others as well"


@dataclass(frozen=True)
class GradeRequest:
    """What to grade and how. `visible_only` is the candidate's view: hidden checks are neither run nor named.

    `name` is what the record calls the submission, its folder's name when empty.
    `runtime_name` is for the record of a submission that never got as far as a runtime.
    `first` is a check that is run before the others (but for what it needs), which are run only when it fails: for
    verifications, where it has to.
    `full` names the checks that measure as far as they can, all when None: for verifications in a hurry.
    `own_tests` asks for a run of the tests that the submission brings along.
    `analysis` is for verifications in a hurry, too: without it nothing is read in the code.
    `own_image` asks for a build of the Dockerfile that it brings along.
    `baseline` asks for the time that the challenge's own solution takes to get ready on this machine.
    `attempts` is how often a check is run at most that lost points or could not be assessed.
    `beside` is the folder of results: where it lies in the submission, it is no part of it.
    `hold` is called with a description of the pod after the probing; the pod is removed when it returns.
    """

    source: str
    challenge: Challenge
    ref: str | None = None
    name: str = ""
    app: str | None = None
    seed: int | None = None
    visible_only: bool = False
    only: tuple[str, ...] = ()
    hold: Callable[[str], None] | None = None
    own_tests: bool = False
    own_image: bool = False
    analysis: bool = True
    baseline: bool = False
    attempts: int = 1
    full: tuple[str, ...] | None = None
    first: str = ""
    runtime_name: RuntimeName = "docker"
    beside: Path | None = None


def grade(
    request: GradeRequest,
    runtime: Callable[[], Runtime],
    listener: Listener = ignore,
    cancelled: threading.Event | None = None,
) -> GradeRecord:
    """Grade one submission; setting `cancelled` from another thread ends it early.

    A submission that can't be graded, and an environment that fails, end in a record that says so: nothing is lost.

    Raises:
        UsageError: bad input; there is nothing to make a record of.
        Interrupted: `cancelled` was set; everything made has been removed.
    """
    clock = Clock(listener, origin=time.monotonic())
    started = datetime.datetime.now(datetime.UTC)
    for line in sweep_processes():
        listener(Note(f"removed {line}, left by a run that was killed"))
    with signed_folder(SNAPSHOT_PREFIX) as folder:
        with clock.stage("ingest", "reading the submission"):
            snapshot = ingest(request.source, ref=request.ref, workdir=folder, beside=request.beside)
        try:
            draft = _Draft(request, snapshot, clock, started, cancelled)
            draft.run(runtime)
        finally:
            snapshot.remove()
    clock.timings["total"] = round(time.monotonic() - clock.origin, 3)
    return draft.record()


class _Draft:
    """A record in the making: whatever happens, it can say what was found so far."""

    def __init__(
        self,
        request: GradeRequest,
        snapshot: Snapshot,
        clock: Clock,
        started: datetime.datetime,
        cancelled: threading.Event | None,
    ) -> None:
        self._cancelled = cancelled
        self._request, self._snapshot, self._clock, self._started = request, snapshot, clock, started
        self._plan: Plan | None = None
        self._runtime: Runtime | None = None
        self._app = ""
        self._environment = EnvironmentRef()
        self._results: list[CheckResult] = []
        self._signals: list[Signal] = []
        self._sources: list[SourceFile] = []
        self._own_tests: OwnTests | None = None
        self._own_image: OwnImage | None = None
        self._baseline: Baseline | None = None
        self._pulse: list[float] = []
        self._problem: Problem | None = None
        self._notes: list[str] = []
        self._seed = request.seed or 0

    def run(self, runtime: Callable[[], Runtime]) -> None:
        try:
            self._run(runtime)
        except (UsageError, Interrupted):
            raise
        except TakehomeError as error:
            self._problem = told_by(error)

    def _run(self, runtime: Callable[[], Runtime]) -> None:
        with Place(self._clock.listener, self._cancelled) as place:
            self._at_work(runtime, place)

    def _at_work(self, runtime: Callable[[], Runtime], place: Place) -> None:
        request, clock = self._request, self._clock
        try:
            for name in request.challenge.spec.vendored:
                lay_vendored(self._snapshot.path, name, request.challenge.vendored_layers(name))
        except OSError as error:
            raise EnvironmentFault("the challenge's package can't be put in place", detail=str(error)) from error
        project = read_project(self._snapshot.path, app=request.app)
        self._app = project.app
        plan = self._plan = make_plan(
            request.challenge,
            self._snapshot,
            project,
            seed=request.seed,
            visible_only=request.visible_only,
            only=request.only,
            full=request.full,
            first=request.first,
        )
        self._seed = plan.seed
        self._runtime = runtime()
        with clock.stage("environment", "preparing the environment"):
            environment = self._runtime.environment(plan, self._listen)
            tests = self._environment_of_tests(plan, self._runtime)
        require_python(project.requires_python, environment.python)
        self._environment = _environment_ref(self._runtime, environment)
        probing = Probing(plan, self._runtime, environment, tests, clock, self._cancelled, place)
        evidence = probing.first(analysis=request.analysis, timed=request.baseline, hold=request.hold)
        clock.note(evidence.began)
        if evidence.ready_seconds is not None:
            clock.timings["ready"] = round(evidence.ready_seconds, 3)
            self._pulse = evidence.pulse
            if request.baseline and evidence.alone:
                self._baseline = baseline_of(
                    request.challenge, self._runtime, clock.listener, self._cancelled, place.alone
                )
            elif request.baseline:
                self._notes.append(_BUSY)
        evidence = probing.again(evidence, request.attempts)
        if request.own_image:
            with clock.stage("image", "building the submission's Dockerfile"):
                self._own_image = _image(self._runtime, plan)
        with clock.stage("judge", "judging"):
            self._signals, self._sources = signals_of(evidence.static), sources_of(evidence.static)
            if tests is not None:
                self._own_tests, coverage = own_tests_of(
                    len(project.own_tests.files), evidence.trial, evidence.trial_problem
                )
                self._sources = with_coverage(self._sources, coverage)
            self._results = explained(
                judge(plan, evidence),
                self._signals,
                evidence.metas,
                handlers_of(evidence.static),
                request.challenge.spec.vendored,
            )
            self._notes += filter(None, [*probing.problems, told(self._results)])
        self._problem = problem_of(evidence)

    def _environment_of_tests(self, plan: Plan, runtime: Runtime) -> Environment | TakehomeError | None:
        """Where the candidate's own tests run, or why they can't; None when they are not to run."""
        own = plan.project.own_tests
        wanted = self._request.own_tests or OWN_TESTS in plan.checks
        if not (wanted and own.files):
            return None
        self._notes += own.notes
        try:
            return runtime.environment(plan_of_tests(plan), self._listen)
        except Interrupted:
            raise
        except TakehomeError as error:
            return type(error)(f"what the tests need can't be installed: {error}")

    def _listen(self, event: object) -> None:
        if isinstance(event, Note):
            self._notes.append(event.text)
            self._clock.listener(event)

    def record(self) -> GradeRecord:
        """The record of what was found."""
        points = score(self._results)
        if self._problem is not None and self._problem.fault == "submission":
            points = Score(value=None, low=0.0, high=points.high, assessed=points.assessed)
        gradable = points.value is not None
        problem = self._problem
        if not gradable and problem is None:
            problem = too_little(self._results)
        challenge = self._request.challenge
        return GradeRecord(
            challenge=ChallengeRef(
                id=challenge.id,
                version=challenge.spec.version,
                title=challenge.spec.title,
                digest=challenge.digest(),
            ),
            submission=SubmissionRef(
                id=self._request.name or self._snapshot.id,
                digest=self._snapshot.digest,
                source=self._snapshot.source,
                app=self._app,
                files=self._snapshot.files,
                bytes=self._snapshot.bytes,
            ),
            runtime=self._runtime.name if self._runtime else self._request.runtime_name,
            seed=self._seed,
            started_at=self._started.isoformat(timespec="seconds"),
            gradable=gradable,
            visible_only=self._request.visible_only,
            score=points,
            band=band(points.value, self._results),
            capped_by=failed_musts(self._results) if gradable else [],
            checks=self._results,
            skills=skills(self._results),
            signals=self._signals,
            sources=self._sources,
            own_tests=self._own_tests,
            own_image=self._own_image,
            reference_ready=self._baseline.seconds if self._baseline else None,
            pulse=self._pulse,
            reference_pulse=list(self._baseline.pulse) if self._baseline else [],
            notes=self._notes,
            problem=problem,
            timings=self._clock.timings,
            began=self._clock.began,
            limits=challenge.spec.limits.model_dump(),
            environment=self._environment,
        )


def _image(runtime: Runtime, plan: Plan) -> OwnImage:
    try:
        return runtime.own_image(plan)
    except Interrupted:
        raise
    except TakehomeError as error:
        return OwnImage(path="", problem=str(error))


def _environment_ref(runtime: Runtime, environment: Environment) -> EnvironmentRef:
    return runtime.describe().model_copy(
        update={
            "python": environment.python,
            "packages": dict(environment.packages),
            "image": environment.key,
        }
    )
