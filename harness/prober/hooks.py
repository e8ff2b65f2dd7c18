"""Pytest's hooks: which tests run, in which order, and how each ended. Knows nothing of what they check."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.authoring.checks import Check, check_of
from harness.prober.order import in_order, put_first
from harness.prober.recovery import recover
from harness.prober.result import DeadlineExceeded, Result, not_assessed, passed, result_of
from harness.prober.run import RUN, Current, Run
from harness.prober.watchdog import Watchdog

# For fixtures around a check: each call that they make has a deadline of its own.
_AROUND_S = 120.0
_OVERDRAFT_S = 15.0
_SURVIVED = "not run: the check that had to fail passed"
_OUT_OF_TIME = "the time for the whole run was used up"


class Hooks:
    """One instance for one run of pytest."""

    def __init__(self, run: Run, watchdog: Watchdog) -> None:
        self.run = run
        self.errors: list[str] = []
        self._watchdog = watchdog
        self._suspect = False
        self._fallen_by = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[RUN] = self.run

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
        if collector.istestfunction(obj, name) and inspect.iscoroutinefunction(obj):
            pytest.mark.usefixtures("anyio_backend")(obj)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.failed:
            self.errors.append(str(report.longrepr))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        """After whatever order the suites themselves wish for."""
        yield
        wanted = self.run.hello.checks
        kept = [item for item in items if (c := _check(item)) and (wanted is None or c.id in wanted)]
        kept = _nearest(kept, self.run.hello.graders)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = in_order(put_first(kept, self.run.hello.first, _need), _need)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        suites = self.run.hello.graders
        self.run.announce([(_need(item), _source(item, suites)) for item in session.items])

    def pytest_internalerror(self, excrepr: object) -> None:
        self.errors.append(str(excrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        check = _need(item)
        current = self.run.begin(check)
        left = max(self.run.left_s, 0)
        self._watchdog.arm(min(check.deadline_s + _AROUND_S, left + _OVERDRAFT_S))
        current.result = self.run.blocked(check) or self._no_service() or self._no_time() or self._no_use()
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = _bounded(item.obj, current, self.run)
        outcome = yield
        result = current.result or not_assessed("harness", "pytest ended the check without a result")
        ran = result.outcome != "blocked"
        self.run.finish(result)
        result = self.run.results[check.id]
        self._suspect |= ran and (result.outcome in ("fail", "not_assessed") or bool(self.run.pod.touched))
        # The others shall not meet what a mutant's own check has left in it.
        afresh = check.id == self.run.hello.first and result.outcome != "pass"
        if (self._suspect or afresh) and self.run.left_s > 0 and not self._fallen_by:
            self._put_right(check, afresh)
        self._watchdog.disarm()
        return outcome

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        if self.run.current is None or self.run.current.result is not None:
            pytest.skip("nothing to run")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        current = self.run.current
        if current is None or current.result is not None or call.when == "teardown":
            return report
        error = current.error
        # Once the function is over, what its loop says of tasks that it left behind changes nothing.
        if error is None and call.excinfo and not current.over:
            error = call.excinfo.value
        if error is not None:
            current.error = error
            current.result = result_of(error)
        elif call.when == "call":
            current.result = passed(current.check.passed)
        return report

    def _no_service(self) -> Result | None:
        if not self._fallen_by:
            return None
        culprit = self.run.results[self._fallen_by]
        reason = f"the service did not come back after {self._fallen_by}"
        if culprit.outcome == "not_assessed":
            return not_assessed(culprit.fault or "harness", reason)
        return Result(
            "blocked", summary="The service is down", blocked_by=[self._fallen_by], fault="submission", reason=reason
        )

    def _no_time(self) -> Result | None:
        return not_assessed("harness", _OUT_OF_TIME) if self.run.left_s <= 0 else None

    def _no_use(self) -> Result | None:
        first = self.run.results.get(self.run.hello.first)
        return not_assessed("harness", _SURVIVED) if first is not None and first.outcome == "pass" else None

    def _put_right(self, check: Check, afresh: bool) -> None:
        self._watchdog.arm(max(self.run.left_s, 0) + _OVERDRAFT_S)
        back_s = min(60.0, max(self.run.left_s, 1.0))
        self._suspect = False
        if not anyio.run(functools.partial(recover, afresh=afresh), self.run.hello.base_url, self.run.pod, back_s):
            self._fallen_by = check.id


def _check(item: pytest.Item) -> Check | None:
    return check_of(item.function) if isinstance(item, pytest.Function) else None


def _need(item: pytest.Item) -> Check:
    check = _check(item)
    if check is None:
        raise TypeError(f"{item.nodeid} is no check")
    return check


def _source(item: pytest.Item, suites: Sequence[Path]) -> str:
    """Where a check stands: `suite/file:line`."""
    folder = next((suite for suite in suites if item.path.is_relative_to(suite)), item.path.parent)
    line = item.function.__code__.co_firstlineno if isinstance(item, pytest.Function) else 1
    return f"{folder.name}/{item.path.relative_to(folder).as_posix()}:{line}"


def _nearest(items: list[pytest.Item], suites: Sequence[Path]) -> list[pytest.Item]:
    """A suite's own check stands in for one of the same id in the suites named after it, such as the common ones."""

    def suite(item: pytest.Item) -> int:
        return next((n for n, folder in enumerate(suites) if item.path.is_relative_to(folder)), len(suites))

    first: dict[str, int] = {}
    for item in items:
        first[_need(item).id] = min(suite(item), first.get(_need(item).id, len(suites)))
    return [item for item in items if suite(item) == first[_need(item).id]]


def _bounded(function: Callable[..., Any], current: Current, run: Run) -> Callable[..., Any]:
    """The check under its deadline. What it raises is kept, so that nothing on the way out changes it."""

    @functools.wraps(function)
    async def bounded(**arguments: Any) -> None:  # noqa: ANN401 - fixtures
        budget = max(run.left_s, 0.1)
        deadline_s = min(current.check.deadline_s, budget)
        with anyio.move_on_after(deadline_s) as scope:
            try:
                await function(**arguments)
            except Exception as error:  # noqa: BLE001 - judged by result_of
                current.error = error
        if scope.cancelled_caught:
            short = _OUT_OF_TIME if budget < current.check.deadline_s else f"it has {deadline_s:g} s"
            current.error = DeadlineExceeded(f"the check took too long: {short}")
        current.over = True

    return bounded
