"""The channel to the prober: what waits is bounded by its bytes, and what is no frame is told."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from harness.errors import HarnessFault
from harness.runtime.channel import MAX_LINE, StreamChannel

FRAME = b'{"kind": "check"}\n'


def channel(*chunks: bytes) -> StreamChannel:
    return StreamChannel(lambda data: None, iter(chunks))


def test_frames_come_however_they_were_cut() -> None:
    found = channel(FRAME[:5], FRAME[5:] + FRAME, FRAME[:3])
    assert [found.receive(5), found.receive(5), found.receive(5)] == [{"kind": "check"}, {"kind": "check"}, None]


@pytest.mark.parametrize(
    "line", [b"no", b"[" * 100_000, b"[]", b'{"kind": 1}', b"\xff", b"9" * 5000, b"x" * (MAX_LINE + 1)]
)
def test_what_is_no_frame_is_our_fault(line: bytes) -> None:
    with pytest.raises(HarnessFault):
        channel(line + b"\n" if len(line) <= MAX_LINE else line).receive(5)


@pytest.mark.parametrize("line", [b"x" * (1024 * 1024) + b"\n", b"\n" * 1000])
def test_a_prober_gone_wild_is_not_read_further_than_we_can_hold(line: bytes) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in itertools.count():
            taken += len(line)
            yield line

    found = StreamChannel(lambda data: None, endless())
    before = 0
    while not before or before != taken:
        before = taken
        time.sleep(0.5)
    assert taken <= 20 * 1024 * 1024
    found.close()
    found._thread.join(30)
    assert not found._thread.is_alive()
