import itertools

from app.raw_server import OK, serve

BODIES = itertools.cycle(
    (
        b"[" * 200_000,
        b'{"greeting": NaN}',
        b'{"greeting": ' + b"9" * 100_000 + b"}",
        b'{"greeting": "\xff\xfe\xed\xa0\x80"}',
        b'{"greeting": "\\ud800"}',
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    )
)


def answer(connection, request):
    body = next(BODIES)
    connection.sendall(OK + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


serve(answer)
