"""The parts that the suites stand on."""

from __future__ import annotations

import base64
import hmac
import json
import random
import time
from typing import Any

import httpx
import pytest

from graders.users_api.support import tokens
from graders.users_api.support.data import People
from graders.users_api.support.resource import is_utc, is_uuid
from graders.users_api.support.secrets import leak
from harness.authoring import Claims, Fail, Partial, Reply

KEY = "k" * 40
NOW = int(time.time())


def people(seed: int = 1) -> People:
    return People(random.Random(seed))


def reply(body: str) -> Reply:
    return Reply(status=200, headers=httpx.Headers(), body=body.encode(), elapsed_ms=1.0)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(subject: str = "somebody") -> str:
    """A JWT as a library makes it."""
    text = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': subject, 'exp': NOW + 600, 'iat': NOW})}"
    return f"{text}.{part(hmac.digest(KEY.encode(), text.encode(), 'sha256'))}"


def accepted(made: str) -> dict[str, Any] | None:
    """The claims of a token that a careful service takes, whatever its expiry; None when it doesn't."""
    text, _, signature = made.rpartition(".")
    head, _, claims = text.partition(".")
    fields = [json.loads(base64.urlsafe_b64decode(p + "=" * (-len(p) % 4))) for p in (head, claims)]
    right = part(hmac.digest(KEY.encode(), text.encode(), "sha256"))
    return fields[1] if fields[0].get("alg") == "HS256" and signature == right else None


def test_one_seed_makes_the_same_people_and_another_seed_makes_others() -> None:
    assert people().people(3) == people().people(3)
    assert people().person() != people(2).person()


def test_spellings_of_an_address_differ_in_case_alone() -> None:
    email = people().email()
    spelt = people().spellings(email, 20)
    assert len(set(spelt)) == 20
    assert {s.lower() for s in spelt} == {email}
    assert email not in spelt


def test_a_token_is_known_by_the_key_that_signed_it() -> None:
    assert tokens.is_signed_with(token(), KEY)
    assert not tokens.is_signed_with(token(), KEY + "x")
    assert not tokens.is_signed_with("opaque", KEY)


def test_an_expired_token_is_expired_and_otherwise_valid() -> None:
    made = tokens.expired(token(), KEY, NOW)
    assert made is not None
    claims = accepted(made)
    assert claims is not None
    assert claims["sub"] == "somebody"
    assert claims["iat"] < claims["exp"] < NOW


def test_no_forged_token_passes_a_service_that_checks() -> None:
    mine, other = token(), token("else")
    assert accepted(mine) is not None
    for made in [*tokens.unsigned(mine), tokens.foreign(mine, "f" * 40), tokens.swapped(mine, other)]:
        assert accepted(made) is None


def test_opaque_tokens_can_be_forged_too() -> None:
    assert all(tokens.unsigned("opaque"))
    assert tokens.foreign("opaque", KEY)
    assert tokens.expired("opaque", KEY, 0) is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('{"input": "pass-é"}', "the password itself"),
        ('{"input": "pass-\\u00e9"}', "the password itself"),
        ('{"x": "$argon2id$v=19$m=65536"}', "a password hash"),
        ('{"x": "$2b$12$abcdefghijklmnopqrstuv"}', "a password hash"),
        ('{"name": "nothing here costs $5"}', ""),
    ],
)
def test_a_password_is_found_in_whatever_form_it_leaks(body: str, found: str) -> None:
    assert leak(reply(body), "pass-é") == found


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("2030-01-31T12:00:00Z", True),
        ("2030-01-31T12:00:00.123456+00:00", True),
        ("2030-01-31T12:00:00", False),
        ("2030-01-31T12:00:00+02:00", False),
        ("2030-01-31", False),
        (1900000000, False),
    ],
)
def test_a_moment_is_rfc_3339_in_utc_or_refused(value: object, good: bool) -> None:
    assert is_utc(value) is good


def test_a_uuid_is_told_from_other_text() -> None:
    assert is_uuid("0b8f3a52-9f4b-4c55-9d6c-0c8d1a3e5f70")
    assert not is_uuid("0b8f3a529f4b4c559d6c0c8d1a3e5f70")
    assert not is_uuid(5)


def test_claims_that_hold_raise_nothing() -> None:
    claims = Claims()
    assert claims.holds(True, "fine")
    claims.fail("something")
    claims.partial("something")


def test_broken_claims_are_all_told() -> None:
    claims = Claims()
    for number in range(10):
        claims.holds(number < 4, f"claim {number}", expected="yes", actual="no")
    with pytest.raises(Fail) as caught:
        claims.fail("Bad")
    assert caught.value.summary == "Bad: 6 of 10 claims don't hold: claim 4; claim 5; claim 6; ... and 3 more"
    # What went wrong is named where it is told what came: beside what was expected it would read as that.
    assert caught.value.expected.splitlines()[-1] == "(f) yes"
    assert caught.value.actual.splitlines()[-1] == "(f) claim 9: no"
    with pytest.raises(Partial) as some:
        claims.partial("Bad")
    assert some.value.fraction == 0.4
