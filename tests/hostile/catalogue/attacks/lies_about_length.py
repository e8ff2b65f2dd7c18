import itertools

from app.raw_server import OK, serve

ANSWERS = itertools.cycle(
    (
        OK + b"content-length: 5\r\n\r\n{}",
        OK + b"content-length: 1\r\n\r\n" + b"x" * 100_000,
        OK + b"content-length: -1\r\n\r\n{}",
        OK + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        OK + b"content-length: 99999999999999999999\r\n\r\n{}",
        OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"HTTP/9.9 999 " + b"\xff" * 100 + b"\r\n\r\n",
        b"\0\0\0\0",
        b"",
    )
)
serve(lambda connection, request: connection.sendall(next(ANSWERS)))
