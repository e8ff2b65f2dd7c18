"""Which line of a submission an exception came from, as told by a log."""

from __future__ import annotations

from harness.crash import Crash, crash_during, folded, last_crash

IMPORT = """\
INFO:     Started server process [7]
Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/uvicorn/config.py", line 400, in load
    self.loaded_app = import_from_string(self.app)
                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<frozen importlib._bootstrap>", line 1204, in _gcd_import
  File "/srv/app/app/main.py", line 5, in <module>
    URL = os.environ["REDIS_URL"]
          ~~~~~~~~~~^^^^^^^^^^^^^
  File "<frozen os>", line 685, in __getitem__
KeyError: 'REDIS_URL'
""".splitlines()


def raised(path: str, line: int, function: str, error: str) -> list[str]:
    return [
        "ERROR:    Exception in ASGI application",
        "Traceback (most recent call last):",
        '  File "/venv/lib/python3.12/site-packages/starlette/routing.py", line 9, in app',
        "    await self.app(scope)",
        f'  File "{path}", line {line}, in {function}',
        "    await connection.fetchrow(SQL)",
        error,
    ]


def access(request: str, status: int) -> str:
    return f'INFO:     127.0.0.1:32798 - "{request} HTTP/1.1" {status} X'


def test_an_app_that_ends_at_import_is_placed_where_it_raised() -> None:
    found = last_crash(IMPORT)
    assert found is not None
    assert (found.error, found.place, found.function) == ("KeyError: 'REDIS_URL'", "app/main.py:5", "<module>")
    assert found.lines == (
        '  File "app/main.py", line 5, in <module>',
        '    URL = os.environ["REDIS_URL"]',
        "          ~~~~~~~~~~^^^^^^^^^^^^^",
        "KeyError: 'REDIS_URL'",
    )


def test_a_log_without_an_exception_has_no_crash() -> None:
    assert last_crash(["INFO: up", "Traceback (most recent call last):", "  File"]) is None


def test_a_package_that_was_handed_out_is_not_the_submissions() -> None:
    log = raised("/srv/app/modelkit/core.py", 3, "predict", "ValueError: no")
    assert last_crash(log, {"modelkit"}) == Crash("ValueError: no", lines=("ValueError: no",))


def test_the_exception_of_a_request_is_told_from_that_of_another() -> None:
    log = [
        access("GET /v1/users/1", 500),
        *raised("/tmp/takehome-snapshot-x/source/app/users.py", 48, "read", "UndefinedColumnError: idd"),
        access("GET /v1/users/2", 500),
        *raised("/srv/app/app/users.py", 77, "other", "ValueError: x"),
        access("GET /healthz", 200),
    ]
    one, two = crash_during(log, "GET /v1/users/1"), crash_during(log, "GET /v1/users/2")
    assert one is not None
    assert two is not None
    assert (one.place, one.error) == ("app/users.py:48", "UndefinedColumnError: idd")
    assert (two.place, two.function) == ("app/users.py:77", "other")
    assert crash_during(log, "GET /healthz") is None
    assert crash_during(log, "POST /v1/users") is None


def test_an_exception_that_was_logged_before_the_answer_counts_as_well() -> None:
    log = [access("GET /healthz", 200), *raised("/srv/app/a.py", 2, "f", "E: x")[1:], access("POST /v1/users", 500)]
    found = crash_during(log, "POST /v1/users")
    assert found is not None
    assert found.place == "a.py:2"


def test_a_group_of_exceptions_is_read_through_its_ruler() -> None:
    log = ["  + Exception Group Traceback (most recent call last):", *(f"  | {line}" for line in IMPORT[2:])]
    found = last_crash(log)
    assert found is not None
    assert found.place == "app/main.py:5"


def test_frames_of_libraries_are_folded_and_nothing_is_lost_that_tells_the_place() -> None:
    log = [access("GET /a", 500), *raised("/srv/app/a.py", 2, "f", "E: x"), access("GET /b", 200)]
    short = folded(log)
    assert short == [
        log[0], log[1], log[2], "  ...", '  File "/srv/app/a.py", line 2, in f', "    await connection.fetchrow(SQL)",
        "E: x", log[-1],
    ]  # fmt: skip
    assert crash_during(short, "GET /a") == crash_during(log, "GET /a")


def test_a_log_without_tracebacks_is_folded_into_itself() -> None:
    log = ["a", "  b", '  File "/x.py", line 3, in f', "", "c"]
    assert folded(log) == log
