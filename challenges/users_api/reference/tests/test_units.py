import uuid

import pytest
from app import cursors, tokens
from app.etags import etag, is_known, matches
from app.idempotency import fingerprint
from app.passwords import hash_password, verify_password
from app.schemas import UserCreate, UserPatch
from app.tables import User
from pydantic import ValidationError

SECRET = "a-secret-of-the-tests-that-is-long-enough"


def user(version: int = 1) -> User:
    return User(id=uuid.UUID(int=7), version=version)


def test_a_cursor_comes_back_as_its_position() -> None:
    assert cursors.decode(cursors.encode(42, SECRET), SECRET) == 42


@pytest.mark.parametrize(
    "cursor", ["", "x", "%%%", "AAAA", cursors.encode(42, "another"), cursors.encode(1, SECRET)[:-1]]
)
def test_a_tampered_cursor_is_none(cursor: str) -> None:
    assert cursors.decode(cursor, SECRET) is None


def test_an_etag_changes_with_the_version() -> None:
    assert etag(user(1)) != etag(user(2))


def test_if_match_takes_one_of_several_and_the_star_but_no_weak_tag() -> None:
    tag = etag(user())
    assert matches(tag, tag)
    assert matches(f'"other", {tag}', tag)
    assert matches("*", tag)
    assert not matches(f"W/{tag}", tag)
    assert not matches('"other"', tag)


def test_a_long_header_without_a_tag_is_one_pass() -> None:
    assert not matches("x" + " " * 200_000 + "x", etag(user()))


def test_if_none_match_takes_weak_tags_too() -> None:
    tag = etag(user())
    assert is_known(f"W/{tag}", tag)
    assert not is_known(None, tag)


def test_a_token_is_only_read_with_its_secret() -> None:
    token = tokens.issue(uuid.UUID(int=7), SECRET)
    assert tokens.read(token, SECRET) == uuid.UUID(int=7)
    assert tokens.read(token, SECRET[::-1]) is None
    assert tokens.read("nonsense", SECRET) is None


def test_a_fingerprint_does_not_depend_on_the_order_of_members() -> None:
    assert fingerprint({"a": 1, "b": 2}, SECRET) == fingerprint({"b": 2, "a": 1}, SECRET)
    assert fingerprint({"a": 1}, SECRET) != fingerprint({"a": 2}, SECRET)


@pytest.mark.anyio
async def test_a_password_is_verified_against_its_hash() -> None:
    stored = await hash_password("correct horse")
    assert await verify_password("correct horse", stored)
    assert not await verify_password("wrong horse", stored)
    assert not await verify_password("correct horse", None)


def test_an_address_is_kept_in_lower_case() -> None:
    new = UserCreate(email="Ada@Example.COM", name=" Ada ", password="12345678")
    assert (new.email, new.name) == ("ada@example.com", "Ada")


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"name": "a\x00b"}, {"tags": [""]}, {"bio": "x" * 1001}])
def test_what_does_not_fit_is_refused(extra: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        UserCreate.model_validate({"email": "ada@example.com", "name": "Ada", "password": "12345678"} | extra)


def test_a_patch_knows_null_from_absent() -> None:
    assert UserPatch.model_validate({"bio": None}).model_fields_set == {"bio"}
    with pytest.raises(ValidationError):
        UserPatch.model_validate({"name": None})
