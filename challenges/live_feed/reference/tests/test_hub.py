"""The hub by itself."""

import asyncio

from app.hub import Hub


def test_a_listener_gets_what_is_kept_and_then_what_comes() -> None:
    async def run() -> list[int]:
        hub = Hub()
        for number in range(3):
            hub.publish("blue", "ada", str(number))
        with hub.listen("blue", "stream", after=1) as mailbox:
            hub.publish("blue", "ada", "new")
            messages = [await mailbox.get() for _ in range(3)]
        return [message.id for message in messages if message is not None]

    assert asyncio.run(run()) == [2, 3, 4]


def test_who_does_not_read_is_let_go() -> None:
    hub = Hub()
    with hub.listen("blue", "websocket") as mailbox:
        while not mailbox.closed:
            hub.publish("blue", "ada", "x" * 65_536)
        assert asyncio.run(mailbox.get()) is None
