from app.raw_server import OK, serve
from app.tracing import trace

BODIES = (
    b"[" * 200_000,
    b'{"greeting": NaN}',
    b'{"greeting": ' + b"9" * 100_000 + b"}",
    b'{"greeting": "\xff\xfe\xed\xa0\x80"}',
    b'{"greeting": "\\ud800"}',
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
)
left = list(enumerate(BODIES, 1))


def answer(connection, request):
    number, body = left.pop(0) if left else (len(BODIES), BODIES[-1])
    connection.sendall(OK + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    trace(f"json: body {number} of {len(BODIES)} sent")


serve(answer)
