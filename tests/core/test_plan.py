"""What is decided before anything starts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan import (
    Addresses,
    Plan,
    candidate_dsn,
    candidate_environment,
    hello,
    make_plan,
    plan_of_tests,
    uvicorn_arguments,
)
from tests.core.plans import DEPENDENCIES, make_challenge, make_project, make_snapshot

ADDRESSES = Addresses(candidate=8000, postgres=5432, stubs={"mail": 9001})


def make_small_plan(folder: Path = Path("nowhere"), **rest: object) -> Plan:
    challenge = make_challenge(folder, limits={"ready_s": 7, "budget_s": 70}, **rest)
    return make_plan(challenge, make_snapshot(), make_project(), seed=5)


def plan_checks(*, visible_only: bool = False, only: tuple[str, ...] = ()) -> tuple[str, ...]:
    return make_plan(make_challenge(), make_snapshot(), make_project(), visible_only=visible_only, only=only).checks


def test_a_plan_holds_all_that_was_given_and_the_limits_of_the_challenge() -> None:
    challenge = make_challenge(limits={"ready_s": 7, "budget_s": 70})
    snapshot, project = make_snapshot(), make_project()
    plan = make_plan(challenge, snapshot, project, seed=5, visible_only=True, full=("page",))
    assert (plan.challenge, plan.snapshot, plan.project) == (challenge, snapshot, project)
    assert (plan.seed, plan.visible_only, plan.ready_s, plan.budget_s, plan.full) == (5, True, 7, 70, ("page",))


def test_all_checks_are_planned_in_the_order_of_the_challenge() -> None:
    assert plan_checks() == ("create", "list", "page")


def test_a_plan_shows_what_is_hidden_unless_only_visible_checks_were_asked_for() -> None:
    assert not make_plan(make_challenge(), make_snapshot(), make_project()).visible_only
    assert plan_checks(visible_only=True) == ("create",)


def test_chosen_checks_stay_in_the_order_of_the_challenge() -> None:
    assert plan_checks(only=("page", "create")) == ("create", "page")


def test_a_hidden_check_can_not_be_chosen_where_only_visible_ones_run() -> None:
    assert plan_checks(only=("list", "create"), visible_only=True) == ("create",)


def test_a_check_that_does_not_exist_is_refused_with_the_names_of_those_that_do() -> None:
    with pytest.raises(UsageError) as caught:
        plan_checks(only=("create", "paeg"))
    assert (caught.value.what, caught.value.where) == ("no check 'paeg' in small", "--check")
    assert caught.value.detail == "create, list, page"


def test_a_seed_that_was_not_given_is_drawn_from_53_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    ranges = []

    def draw(_: object, start: int, stop: int) -> int:
        ranges.append((start, stop))
        return 11

    monkeypatch.setattr("random.SystemRandom.randrange", draw)
    assert make_plan(make_challenge(), make_snapshot(), make_project()).seed == 11
    assert make_plan(make_challenge(), make_snapshot(), make_project(), seed=0).seed == 0
    assert ranges == [(1, 9007199254740992)]


def test_secrets_follow_from_seed_challenge_and_name() -> None:
    plan = make_small_plan()
    assert plan.secret("database") == hashlib.sha256(b"5/small/database").hexdigest()[:40]
    assert len({plan.secret("a"), plan.secret("b"), replace(plan, seed=6).secret("a")}) == 3


def test_the_superusers_password_does_not_follow_from_the_seed_and_is_not_printed() -> None:
    plan, again = make_small_plan(), make_small_plan()
    assert re.fullmatch("[0-9a-f]{40}", plan.superuser_password)
    assert plan.superuser_password != again.superuser_password
    assert plan.superuser_password not in repr(plan)


def test_the_candidates_own_tests_get_their_own_requirements_and_nothing_else_changes() -> None:
    plan = make_small_plan()
    tests = plan_of_tests(plan)
    assert tests.project.dependencies == replace(DEPENDENCIES, requirements=("fastapi==0.118.0", "pytest==9.0.0"))
    assert replace(tests, project=plan.project) == plan
    assert replace(tests.project, dependencies=DEPENDENCIES) == plan.project


def test_the_environment_is_filled_in_from_the_addresses_and_the_secrets() -> None:
    plan = make_small_plan(
        environment={
            "DATABASE_URL": "{postgres.url}",
            "MAIL": "{stub.mail}/v1 and {stub.mail}/v2",
            "KEY": "key-{secret.api_key}",
            "PLAIN": "{not a template}",
        }
    )
    assert candidate_environment(plan, ADDRESSES) == {
        "DATABASE_URL": f"postgresql://candidate:{plan.secret('database')}@127.0.0.1:5432/app",
        "MAIL": "http://127.0.0.1:9001/v1 and http://127.0.0.1:9001/v2",
        "KEY": f"key-{plan.secret('api_key')}",
        "PLAIN": "{not a template}",
        "PORT": "8000",
    }


@pytest.mark.parametrize("template", ["{postgres.password}", "{stub.sms}", "{redis.url}", "{secrets.mail}"])
def test_a_template_that_names_something_unknown_is_refused_with_its_place(template: str) -> None:
    with pytest.raises(UsageError) as caught:
        candidate_environment(make_small_plan(environment={"KEY": f"a {template}"}), ADDRESSES)
    assert caught.value.what == f"unknown template {template}"
    assert caught.value.where == "challenge.toml: environment.KEY"
    assert caught.value.next_step == "use {postgres.url}, {stub.NAME} or {secret.NAME}"


def test_the_prober_is_told_everything_in_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "contract.json").write_text('{"openapi": "3.1.0"}')
    plan = make_small_plan(tmp_path, services={"postgres": {}}, environment={"MAIL": "{stub.mail}"})
    assert hello(replace(plan, full=("page",), first="page"), ADDRESSES, [Path("/graders/common")]) == {
        "kind": "hello",
        "challenge": "small",
        "seed": 5,
        "graders": ["/graders/common"],
        "checks": ["create", "list", "page"],
        "visible_only": False,
        "base_url": "http://127.0.0.1:8000",
        "environment": {"MAIL": "http://127.0.0.1:9001", "PORT": "8000"},
        "postgres": {
            "host": "127.0.0.1",
            "port": 5432,
            "superuser": "takehome",
            "superuser_password": plan.superuser_password,
            "database": "app",
            "role": "candidate",
        },
        "stubs": {"mail": 9001},
        "first": "page",
        "full": ["page"],
        "budget_s": 70,
        "ready_s": 7,
        "openapi": {"openapi": "3.1.0"},
    }


def test_the_prober_of_a_challenge_without_a_database_is_told_of_none() -> None:
    told = hello(make_small_plan(), ADDRESSES, [])
    assert (told["postgres"], told["full"], told["openapi"]) == (None, None, None)


def test_the_app_is_started_on_loopback_without_colours() -> None:
    assert uvicorn_arguments(make_project(), 8000) == [
        "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "8000", "--no-use-colors",
    ]  # fmt: skip


def test_an_app_below_a_folder_and_one_made_by_a_function_are_started_as_such() -> None:
    arguments = uvicorn_arguments(make_project(app_dir="src", factory=True), 8000)
    assert arguments[8:] == ["--app-dir", "src", "--factory"]


def test_the_dsn_names_the_unprivileged_role_and_its_database() -> None:
    plan = make_small_plan()
    assert candidate_dsn(plan, ADDRESSES) == f"postgresql://candidate:{plan.secret('database')}@127.0.0.1:5432/app"
