"""GradeRecord: the one versioned document that a grade is, and every report is a function of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.1"

Skill = Literal[
    "async",
    "types",
    "api-design",
    "errors",
    "data",
    "performance",
    "resilience",
    "ml",
    "realtime",
    "craft",
]
Tier = Literal["must", "should", "bonus"]
Level = Literal["junior", "mid", "senior"]
Outcome = Literal["pass", "partial", "fail", "blocked", "not_applicable", "not_assessed"]
Band = Literal["exceeds", "meets", "partly meets", "below"]
FaultName = Literal["submission", "environment", "harness"]
RuntimeName = Literal["docker", "process"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChallengeRef(_Model):
    """What was asked. `digest` is sha256 over what decides of a grade (`Challenge.digest`), empty where not known."""

    id: str
    version: str
    title: str = ""
    digest: str = ""


class SubmissionRef(_Model):
    """What was graded. `digest` is sha256 over the snapshot's sorted paths and contents."""

    id: str
    digest: str
    source: str = ""
    app: str = ""
    files: int = 0
    bytes: int = 0


class Exchange(_Model):
    """One thing that was sent and what came back, as text that is safe to show (capped, redacted).

    `shows`: it is the one that shows why the check was lost.
    """

    request: str
    response: str
    elapsed_ms: float | None = None
    shows: bool = False


class Question(_Model):
    """The interview question a check suggests, with what two kinds of answer sound like."""

    ask: str
    junior: str
    senior: str


class CodeRef(_Model):
    """A place in the submission's code. `line` counts from 1."""

    path: str
    line: int
    message: str
    rule: str = ""
    url: str = ""
    group: str = ""


class Signal(_Model):
    """What a reader notices in the code: a habit (`good`) or a concern. It explains, and is never scored.

    `count` places were found, of which `places` are the first.
    """

    id: str
    good: bool
    title: str
    count: Annotated[int, Field(ge=0)] = 0
    places: list[CodeRef] = []


class SourceFile(_Model):
    """A file of the submission, line by line, for a report to draw.

    `types` has a letter for each line: t for annotations that say something, a for Any, u for a missing one, x for code
    that mypy was kept from, and a dot. `findings` are those of mypy and ruff. `coverage` is empty, or has a letter for
    each line: c for one that the candidate's own tests ran, m for one that they missed, and a dot.
    """

    path: str
    text: str
    types: str
    findings: list[CodeRef] = []
    coverage: str = ""


class TestFailure(_Model):
    """A test of the candidate's own that didn't pass; `message` is the end of what it printed."""

    id: str
    message: str = ""


class TestedFault(_Model):
    """A fault that was put into the service's answers while the candidate's own tests ran.

    noticed: a test that passes without it failed (`by`); missed: none did; unmet: no answer to the tests could have it;
    untried: time was up.
    """

    id: str
    title: str
    outcome: Literal["noticed", "missed", "unmet", "untried"]
    by: str = ""


class OwnTests(_Model):
    """What the candidate's own tests say; scored by the check `own-tests` alone, where there is one.

    `problem` tells why there is nothing, or not all, to say.

    `coverage` is the share of the service's statements that they ran, in percent.
    """

    files: int
    problem: str = ""
    passed: Annotated[int, Field(ge=0)] = 0
    failed: Annotated[int, Field(ge=0)] = 0
    errors: Annotated[int, Field(ge=0)] = 0
    skipped: Annotated[int, Field(ge=0)] = 0
    seconds: float = 0.0
    coverage: float | None = None
    failures: list[TestFailure] = []
    faults: list[TestedFault] = []


class OwnImage(_Model):
    """What became of the submission's own Dockerfile, when its build was asked for; never scored.

    `problem` tells why there is no image; `bytes` is the image's size, `user` whom it runs as (empty: root).
    """

    path: str
    problem: str = ""
    seconds: float = 0.0
    bytes: int | None = None
    user: str = ""
    log: list[str] = []


class EvidenceItems(_Model):
    """What a reader needs to believe the outcome without running anything.

    `reproduce` sends the request that shows it again by curl, `httpx` by Python.
    """

    transcript: list[Exchange] = []
    log: list[str] = []
    code: list[CodeRef] = []
    numbers: dict[str, float | int | str] = {}
    reproduce: str = ""
    httpx: str = ""


class CheckResult(_Model):
    """How one check ended.

    `attempts` has how it ended each time it was run, when that was more than once; the first that came to a verdict
    counts. `requirement` is the sentence of the brief that it judges; `source` is where it stands in the graders,
    `file:line`.
    """

    id: str
    skill: Skill
    tier: Tier
    level: Level
    outcome: Outcome
    fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    points: float
    max_points: float
    title: str
    summary: str
    expected: str = ""
    actual: str = ""
    hint: str = ""
    why: str = ""
    requirement: str = ""
    source: str = ""
    visible: bool = False
    blocked_by: list[str] = []
    fault: FaultName | None = None
    reason: str = ""
    question: Question | None = None
    evidence: EvidenceItems = EvidenceItems()
    seconds: float = 0.0
    attempts: list[Outcome] = []

    @property
    def unsteady(self) -> bool:
        """Whether the attempts that came to a verdict came to different ones."""
        return len({outcome for outcome in self.attempts if outcome != "not_assessed"}) > 1


class SkillResult(_Model):
    """`level` is the highest level at which everything assessed holds; None when not even junior holds."""

    skill: Skill
    points: float
    max_points: float
    level: Level | None
    checks: int
    passed: int


class Score(_Model):
    """Points out of 100.

    `value` is None when not gradable. `low` counts what was not assessed or blocked as zero, `high` counts
    it as full marks. `assessed` is the part of the weight, in percent, that was judged, or blocked by the submission's
    own failure, as opposed to lost to our environment.
    """

    value: float | None
    low: float
    high: float
    assessed: float


class EnvironmentRef(_Model):
    """What the submission ran on."""

    python: str = ""
    platform: str = ""
    base_image: str = ""
    image: str = ""
    packages: dict[str, str] = {}
    harness: str = ""
    engine: str = ""
    postgres: str = ""
    isolation: str = ""


class Problem(_Model):
    """Why there is no (complete) grade: what happened, where, what next, whose fault."""

    fault: FaultName
    what: str
    where: str = ""
    next_step: str = ""
    detail: str = ""


class GradeRecord(_Model):
    """A finished grade. Every report can be made again from this document alone.

    `reference_ready` is how many seconds the challenge's own solution took on this machine until it answered, to
    compare `timings["ready"]` with. `pulse` and `reference_pulse` are how long both took for `GET /healthz`, again and
    again, in milliseconds. `began` has, in seconds after the start of the grade, when what `timings` names
    began, and each check as `check:ID`. `limits` are those of the candidate's container.
    """

    schema_version: Literal["1.1"] = "1.1"
    challenge: ChallengeRef
    submission: SubmissionRef
    runtime: RuntimeName
    seed: int
    started_at: str
    gradable: bool
    visible_only: bool = False
    score: Score
    band: Band | None
    capped_by: list[str] = []
    checks: list[CheckResult]
    skills: list[SkillResult]
    signals: list[Signal] = []
    sources: list[SourceFile] = []
    own_tests: OwnTests | None = None
    own_image: OwnImage | None = None
    reference_ready: float | None = None
    pulse: list[float] = []
    reference_pulse: list[float] = []
    notes: list[str] = []
    problem: Problem | None = None
    timings: dict[str, float]
    began: dict[str, float] = {}
    limits: dict[str, float] = {}
    environment: EnvironmentRef
