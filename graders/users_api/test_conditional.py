"""Conditional requests: entity tags, and what happens when two clients change one user."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any

from harness.authoring import Api, Claims, Database, Fail, Question, Reply, check, expect, racing

from .support.racing import after, parked, settled
from .support.service import USERS, Service, mapping

_STRONG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_RACERS = 6


@check(
    "conditional-requests",
    skill="api-design",
    level="mid",
    visible=True,
    after=("create-user",),
    deadline_s=120,
    passed="ETag, If-Match and If-None-Match do what HTTP says",
    failed="Conditional requests don't work",
    why="They are how clients save traffic (304) and notice that somebody else was faster (412).",
    hint="Derive a strong ETag from what changes (a version column, a hash of the content), compare it on PATCH before "
    "writing: no If-Match 428, another tag 412; and answer 304 without a body to a matching If-None-Match.",
    question=Question(
        ask="What is your ETag made of, and when could two different contents get the same one?",
        junior="A hash of the body or a timestamp, without a thought on precision.",
        senior="Weighs a version column against a hash, knows why timestamps collide, what makes a tag strong, and "
        "why 428 exists beside 412.",
    ),
)
async def test_entity_tags_guard_changes_and_save_traffic(api: Api, service: Service) -> None:
    """Tags are strong, change with the content, guard PATCH and answer 304."""
    claims = Claims()
    made, _ = await service.make()
    first = await service.get(made)
    tag = first.expect_status(200).headers.get("etag", "")
    claims.holds(
        bool(_STRONG.fullmatch(tag)),
        "GET has no strong ETag",
        expected='ETag: "..." (no W/)',
        actual=tag or "none",
        shown=first,
    )
    claims.fail("There is nothing to make conditions with")
    again = (await service.get(made)).headers.get("etag", "")
    claims.holds(again == tag, "the ETag changes although nothing else did", expected=tag, actual=again)
    await _not_modified(claims, api, service, made, tag)
    await _guards(claims, service, made, tag)
    claims.fail("Conditional requests don't work")


async def _not_modified(claims: Claims, api: Api, service: Service, made: str, tag: str) -> None:
    path, admin = f"{USERS}/{made}", await service.admin()
    same = await api.get(path, token=admin, headers={"If-None-Match": tag})
    if claims.status(same, "If-None-Match with the current tag is not answered with 304", 304):
        claims.holds(same.body == b"", "304 has a body", expected="no body", actual=same.describe(), shown=same)
        shown = same.headers.get("etag", "none")
        claims.holds(
            shown == tag, "304 doesn't name the tag", expected=f"ETag: {tag}", actual=f"ETag: {shown}", shown=same
        )
    other = await api.get(path, token=admin, headers={"If-None-Match": f'"{service.people.word(4)}"'})
    claims.status(other, "If-None-Match with another tag is not answered with the user", 200)


async def _guards(claims: Claims, service: Service, made: str, tag: str) -> None:
    names = [service.people.text(2) for _ in range(6)]
    missing = await service.patch(made, {"name": names[0]}, if_match=None)
    claims.status(missing, "a PATCH without If-Match is not answered with 428", 428)
    wrong = await service.patch(made, {"name": names[1]}, if_match=f'"{service.people.word(4)}"')
    claims.status(wrong, "a PATCH with a tag that never was is not answered with 412", 412)
    kept = (await service.get(made)).headers.get("etag", "")
    claims.holds(kept == tag, "a refused PATCH changed the user", expected=f"ETag: {tag}", actual=f"ETag: {kept}")
    changed = await service.patch(made, {"name": names[2]}, if_match=tag)
    if not claims.status(changed, "a PATCH with the current tag is refused", 200):
        return
    new, shown = changed.headers.get("etag", "none"), (await service.get(made)).headers.get("etag", "none")
    claims.holds(
        new != tag, "the content changed and the ETag did not", expected=f"not {tag}", actual=new, shown=changed
    )
    claims.holds(
        new == shown,
        "PATCH names another ETag than GET does then",
        expected=f"ETag: {shown}",
        actual=f"ETag: {new}",
        shown=changed,
    )
    await _follows_the_content(claims, service, made, new)
    stale = await service.patch(made, {"name": names[3]}, if_match=tag)
    claims.status(stale, "a PATCH with a stale tag is not answered with 412", 412)
    claims.status(await service.patch(made, {"name": names[4]}, if_match="*"), "If-Match: * is refused", 200)
    fresh = await service.get(made)
    claims.holds(
        mapping(fresh).get("name") == names[4],
        "the changes that were allowed are not what GET shows",
        expected=names[4],
        actual=fresh.describe(),
        shown=fresh,
    )
    person = service.people.person()
    post = await service.api.post(USERS, json=person.body())
    then = await service.get(str(mapping(post.expect_status(201)).get("id")))
    claims.holds(
        post.headers.get("etag") == then.headers.get("etag"),
        "POST names another ETag than GET does then",
        expected=f"ETag: {then.headers.get('etag')}",
        actual=f"ETag: {post.headers.get('etag', 'none')}",
        shown=post,
    )


async def _follows_the_content(claims: Claims, service: Service, made: str, tag: str) -> None:
    """The tag changes with each member that can change."""
    changes: list[tuple[str, dict[str, Any]]] = [
        ("bio", {"bio": service.people.text(3)}),
        ("tags", {"tags": service.people.tags(2)}),
    ]
    for what, change in changes:
        reply = await service.patch(made, change, if_match=tag)
        if not claims.status(reply, f"a PATCH of {what} with the tag of the one before is refused", 200):
            return
        new = reply.headers.get("etag", "none")
        claims.holds(
            new != tag,
            f"{what} changed and the ETag did not",
            expected=f"not {tag}",
            actual=new,
            shown=reply,
        )
        tag = new


@check(
    "lost-update",
    skill="data",
    level="senior",
    after=("create-user",),
    deadline_s=150,
    passed="Of two changes made at once, one is told that it came too late",
    failed="One of two changes made at once is lost without a word",
    why="Read, compare and write as separate steps let both writers pass the comparison: the second wipes the first.",
    hint="Make comparison and write one step: UPDATE ... WHERE id = $1 AND version = $2, or SELECT ... FOR UPDATE "
    "before the comparison in the same transaction.",
    question=Question(
        ask="Two PATCHes with the same If-Match arrive together. Which line of yours makes one of them lose?",
        junior="Points at the if that compares the tags.",
        senior="Points at the atomic UPDATE or the row lock, and explains what READ COMMITTED does between a SELECT "
        "and an UPDATE.",
    ),
)
async def test_of_changes_with_one_tag_exactly_one_wins(api: Api, service: Service, database: Database) -> None:
    """PATCHes with one tag, all parked in front of their write and let go at once: one 200, the rest 412."""
    made, _ = await service.make()
    tag = (await service.get(made)).expect_status(200).headers.get("etag", "")
    expect(tag != "", "GET has no ETag to make the condition with", expected="an ETag header", actual="none")
    names = [service.people.text(2) for _ in range(_RACERS)]
    admin = await service.admin()
    async with api.fresh() as racers, api.fresh() as other:
        calls = [
            partial(service.patch, made, {"name": name}, if_match=tag, token=admin, api=racers, deadline_s=60)
            for name in names
        ]
        start = asyncio.Event()
        async with racing(after(start, calls)) as race:
            async with database.hold():
                start.set()
                await parked(database, race, _RACERS, enough=2, cap_s=12)
                await settled(database, race, other)
            replies = await race.replies()
    _one_winner(replies, names, await service.get(made), tag)


def _one_winner(replies: list[Reply], names: list[str], shown: Reply, tag: str) -> None:
    statuses = [r.status for r in replies]
    won = [i for i, status in enumerate(statuses) if status == 200]
    told = f"{_RACERS} PATCHes with If-Match: {tag} answered " + ", ".join(map(str, statuses))
    if len(won) > 1:
        raise Fail(
            f"{len(won)} changes based on the same version were all accepted: all but the last are lost",
            expected="one 200, the rest 412",
            actual=told,
        ).about(replies[won[1]].exchange)
    expect(
        len(won) == 1 and all(s == 412 for i, s in enumerate(statuses) if i != won[0]),
        "Of changes made at once, not exactly one was accepted and the rest refused as stale",
        expected="one 200, the rest 412",
        actual=told,
    )
    name = mapping(shown.expect_status(200)).get("name")
    expect(
        name == names[won[0]],
        "The change that was accepted is not what is stored",
        expected=names[won[0]],
        actual=str(name),
    )
