"""How a check ends when it doesn't pass. Any exception that is not one of these is a bug of the grader.

Outcome
├── Fail                 the behaviour is not there
│   └── NoAnswer         no (complete) HTTP answer: refused, reset, too late, too large
├── Partial              some of it is there
├── NotApplicable        the question does not arise for this submission
├── Inconclusive         we could not tell: costs the submission nothing
└── EnvironmentBroken    a service of ours, the engine or the machine failed: costs the submission nothing
"""

from __future__ import annotations

from harness.authoring.transcript import Exchange


class Outcome(Exception):
    """Ends a check. `summary` is one sentence for the reader of the report."""

    def __init__(self, summary: str, *, expected: str = "", actual: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.expected = expected
        self.actual = actual
        self.hint = hint
        # The exchange that shows it, where one does; the last one of the check otherwise.
        self.exchange: Exchange | None = None

    def about(self, exchange: Exchange | None) -> Outcome:
        """Name the exchange that shows it."""
        self.exchange = exchange
        return self


class Fail(Outcome):
    """The behaviour is not there, and that is the submission's doing."""


class NoAnswer(Fail):
    """The service gave no (complete) HTTP answer within the deadline."""


class Partial(Outcome):
    """Some of the behaviour is there: `fraction` of the points, 0 to 1."""

    def __init__(self, fraction: float, summary: str, *, expected: str = "", actual: str = "", hint: str = "") -> None:
        super().__init__(summary, expected=expected, actual=actual, hint=hint)
        if not 0 <= fraction <= 1:
            raise ValueError(f"a fraction is between 0 and 1, not {fraction}")
        self.fraction = fraction


class NotApplicable(Outcome):
    """The question does not arise for this submission."""


class Inconclusive(Outcome):
    """We could not tell."""


class EnvironmentBroken(Outcome):
    """A service of ours, the engine or the machine failed."""


def expect(condition: object, summary: str, *, expected: str = "", actual: str = "") -> None:
    """Go on when `condition` is true.

    Raises:
        Fail: it isn't.
    """
    if not condition:
        raise Fail(summary, expected=expected, actual=actual)
