from app.raw_server import OK, serve
from app.tracing import trace

ANSWERS = (
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
left = list(enumerate(ANSWERS, 1))


def answer(connection, request):
    number, data = left.pop(0) if left else (len(ANSWERS), ANSWERS[-1])
    connection.sendall(data)
    trace(f"lengths: answer {number} of {len(ANSWERS)} sent")


serve(answer)
