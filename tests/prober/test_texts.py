"""What is shown of what was sent: without secrets, capped, and fit for a shell."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from harness.authoring.redact import Redactor
from harness.authoring.transcript import BODY_SHOWN, Exchange, Transcript
from harness.prober.reproduce import curl, httpx_script
from harness.prober.result import Result, frame_of, plain

REDACTOR = Redactor(
    {
        "SECRET_KEY": "sixteen-letters!",
        "ADMIN_PASSWORD": "pa$$word 1",
        "ADMIN_EMAIL": "admin@example.com",
        "DATABASE_URL": "postgresql://u:db%21pass@127.0.0.1/app",
        "PORT": "8000",
    },
    ["superuser-pw"],
)


@pytest.mark.parametrize(
    "text",
    [
        "key sixteen-letters! here",
        "pa$$word 1",
        "db%21pass",
        "db!pass",
        "as superuser-pw",
        "Authorization: Bearer abcdefgh12345678",
        "bearer ABCDEFGH.12345678",
        '{"password":"abc\\"defgh12345678", "x": 1}',
        '{"new_password" : "abcdefgh12345678',
        '{"access_token":"abcdefgh12345678"}',
        "https://u:abcdefgh12345678@host/x",
        "user=x&password=abcdefgh12345678&y",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhYmNkZWZnaDEyMzQ1Njc4In0.abcdefgh12345678",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    shown = REDACTOR.text(text)
    assert not any(part in shown for part in ("letters!", "$$word", "pass@", "superuser-pw", "12345678", "db!", "db%"))


@pytest.mark.parametrize(
    "text", ["admin@example.com", "http://127.0.0.1:8000/v1/users?limit=3", '{"name": "Bearer of news"}', "port 8000"]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_control_characters_and_marks_of_direction_lose_their_effect() -> None:
    assert REDACTOR.text("a\x1b[31m\x00\u202eb\n\tc") == "a\\x1b[31m\\x00\\x202eb\n\tc"


def test_redacting_hostile_text_takes_no_time() -> None:
    for text in ('{"password":"' + "\\" * 100_000, "a://" * 25_000, "eyJ" * 30_000, "Bearer " * 15_000, '"' * 100_000):
        REDACTOR.text(text)


def exchange(**more: object) -> Exchange:
    given: dict[str, object] = {
        "method": "POST", "target": "/x", "url": "http://h/x?a='b'", "body": b"",
        "headers": [("X-A", "it's; rm -rf /")],
    }  # fmt: skip
    return Exchange(**{**given, **more})  # type: ignore[arg-type]


def test_the_curl_command_survives_a_shell() -> None:
    body = json.dumps({"name": "O'Hara $(id) `id` \\ \"", "n": "ü"}, ensure_ascii=False).encode()
    command = curl(exchange(body=body), REDACTOR)
    done = subprocess.run(
        ["sh", "-c", command.replace("curl", "printf '%s\\n'", 1)], capture_output=True, check=True, timeout=20
    )
    assert done.stdout.decode().splitlines() == [
        "-i", "-X", "POST", "http://h/x?a='b'", "-H", "X-A: it's; rm -rf /", "--data-raw", body.decode(),
    ]  # fmt: skip


def test_the_curl_command_holds_no_token() -> None:
    command = curl(exchange(headers=[("Authorization", "Bearer abcdefgh12345678")]), REDACTOR)
    assert shlex.split(command)[-1] == "Authorization: Bearer $TOKEN"


def test_a_body_that_is_no_text_is_not_in_the_command() -> None:
    assert "3 bytes" in curl(exchange(body=b"\xff\xfe\x00"), REDACTOR)


def test_a_long_body_is_cut_and_its_size_told() -> None:
    shown = str(exchange(body=b"a" * 100_000).shown(REDACTOR)["request"])
    assert len(shown) < BODY_SHOWN + 200
    assert shown.endswith("... (100000 bytes in all)")


def test_a_secret_is_not_saved_by_the_cut() -> None:
    body = b"a" * (BODY_SHOWN - 5) + b"sixteen-letters!"
    assert "sixteen" not in str(exchange(body=body).shown(REDACTOR)["request"])


def test_the_last_exchanges_are_kept_and_the_one_that_shows_it() -> None:
    transcript = Transcript(kept=3)
    made = [exchange(target=f"/{n}") for n in range(10)]
    for one in made:
        transcript.add(one)
    assert [e.target for e in transcript.exchanges()] == ["/7", "/8", "/9"]
    assert [e.target for e in transcript.exchanges(made[2])] == ["/2", "/8", "/9"]


def test_a_frame_is_json_whatever_is_in_it() -> None:
    result = Result("fail", summary="\ud800 " + "s" * 9000, actual="\x00" * 9000)
    frame = frame_of("x", result, {"numbers": {"a": float("nan"), "\udfff": "\ud800"}}, 0.1, REDACTOR)
    text = json.dumps(frame, allow_nan=False)
    json.loads(text)["summary"].encode()
    assert len(text) < 20_000


def test_plain_keeps_what_is_plain() -> None:
    value = {"a": [1, 2.5, None, True, "ü"]}
    assert plain(value) == value


def test_the_python_that_reproduces_a_request_runs_and_holds_no_secret() -> None:
    sent = Exchange(
        "POST",
        "/x?a=1",
        "http://127.0.0.1:8000/x?a=1",
        [("Authorization", "Bearer abcdefgh12345678"), ("Content-Type", "application/json"), ("Accept", "*/*")],
        json.dumps({"name": 'it\'s \\ "x" é', "access_token": "abcdefgh12345678"}, ensure_ascii=False).encode(),
    )
    script = httpx_script(sent, REDACTOR)
    assert "12345678" not in script
    stub = "import sys, types\nhttpx = types.ModuleType('httpx')\n"
    stub += "httpx.request = lambda *a, **k: (print(a, k), types.SimpleNamespace(status_code=1, text=''))[1]\n"
    done = subprocess.run(
        [sys.executable, "-c", stub + "sys.modules['httpx'] = httpx\n" + script],
        env={"TOKEN": "mine"}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "'Authorization': 'Bearer mine'" in done.stdout
    assert "('POST', 'http://127.0.0.1:8000/x?a=1')" in done.stdout
    assert r"it\'s" in done.stdout
    assert "Accept'" not in done.stdout


def commands(sent: Exchange) -> list[str]:
    return [curl(sent, REDACTOR), httpx_script(sent, REDACTOR)]


def test_a_password_that_a_check_made_up_is_sent_again_as_it_was() -> None:
    for body in (b'{"password":"made-up-1"}', b"username=a&password=made-up-1"):
        assert all("made-up-1" in command for command in commands(exchange(body=body)))


@pytest.mark.parametrize(
    "body",
    [
        '{"password":"pa$$word 1"}',
        '{"access_token":"abcdefgh12345678"}',
        '{"note":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhYmNkZWZnaDEyMzQ1Njc4In0.abcdefgh12345678"}',
        '{"from":"postgresql://u:abcdefgh12345678@h/x"}',
        "refresh_token=abcdefgh12345678",
    ],
)
def test_a_secret_of_the_environment_a_token_and_a_dsn_are_in_no_command(body: str) -> None:
    for command in commands(exchange(body=body.encode())):
        assert "12345678" not in command
        assert "$$word" not in command


def test_a_command_goes_to_the_port_of_the_starters_readme() -> None:
    for command in commands(exchange(url="http://127.0.0.1:40441/v1/users?at=http://127.0.0.1:40441")):
        assert "http://127.0.0.1:8000/v1/users?at=http://127.0.0.1:40441" in command


def test_what_a_check_accepts_is_said_again_and_what_clients_say_anyway_is_not() -> None:
    for command in commands(exchange(headers=[("Accept", "text/event-stream"), ("accept", "*/*")])):
        assert "text/event-stream" in command
        assert "*/*" not in command
