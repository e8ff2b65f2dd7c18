"""Changing users by JSON merge patch (RFC 7396)."""

from __future__ import annotations

from typing import Any

from harness.authoring import Api, Claims, Question, check

from .support.data import People
from .support.resource import pinned
from .support.service import USERS, Service, mapping


@check(
    "merge-patch",
    skill="api-design",
    level="mid",
    visible=True,
    after=("create-user",),
    deadline_s=120,
    passed="PATCH is a true merge patch: null clears, absent keeps",
    failed="PATCH mixes up null, absent and present members",
    why="A client that sends one member must not wipe the others, and needs a way to clear what it once set.",
    hint="Tell absent from null: pydantic knows which members were sent (model_fields_set, exclude_unset).",
    question=Question(
        ask="How does your PATCH handler tell a member that is null from one that is missing?",
        junior="Uses None as the default and skips None, so nothing can be cleared.",
        senior="Works from the set of members that were sent, keeps null for nullable members, refuses it for the "
        "others, and can say why RFC 7396 replaces arrays as a whole.",
    ),
)
async def test_null_clears_and_absent_keeps(api: Api, service: Service, people: People) -> None:
    """Each patch changes what it names and nothing else, and GET agrees."""
    claims = Claims()
    made, person = await service.make()
    state = pinned(mapping((await service.get(made)).expect_status(200)))
    name, bio, tags = people.text(2), people.text(4), people.tags(4)
    changes: list[tuple[str, dict[str, Any]]] = [
        ("only name", {"name": name}),
        ("bio null", {"bio": None}),
        ("tags replaced", {"tags": tags}),
        ("bio set again", {"bio": bio}),
        ("tags null", {"tags": None}),
        ("name and bio", {"name": person.name, "bio": people.text(3)}),
        ("nothing", {}),
    ]
    for what, change in changes:
        etag = (await service.get(made)).headers.get("etag", "*")
        patched = await service.patch(made, change, if_match=etag)
        if not claims.status(patched, f"a patch ({what}) is refused", 200):
            continue
        state = {**state, **change, "tags": change.get("tags", state["tags"]) or []}
        shown = mapping(await service.get(made))
        for where, user in (("the answer", mapping(patched)), ("GET", shown)):
            claims.holds(
                pinned(user) == state,
                f"after a patch ({what}) {where} is wrong",
                expected=str(state),
                actual=str(user),
                shown=patched,
            )
        state = pinned(shown)
    await _refused(claims, api, service, made)
    shown = mapping(await service.get(made))
    claims.holds(
        pinned(shown) == state, "a refused patch changed the user", expected=str(state), actual=str(pinned(shown))
    )
    claims.fail("PATCH is not a merge patch")


async def _refused(claims: Claims, api: Api, service: Service, made: str) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("null as a name", {"name": None}),
        ("a name of 101 characters", {"name": "n" * 101}),
        ("an e-mail", {"email": service.people.email()}),
        ("a password", {"password": service.people.password()}),
        ("an unknown member", {"name": service.people.text(1), service.people.word(3): 1}),
    ]
    for what, change in wrong:
        claims.status(await service.patch(made, change), f"{what} is not refused", 422)
    for media_type in ("application/json", "text/plain"):
        reply = await api.patch(
            f"{USERS}/{made}",
            content=b'{"bio": "other"}',
            headers={"Content-Type": media_type, "If-Match": "*"},
            token=await service.admin(),
        )
        claims.status(reply, f"PATCH takes {media_type}", 415)
