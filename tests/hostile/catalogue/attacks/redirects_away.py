import itertools
import json
import pathlib

from app.raw_server import serve
from app.tracing import trace

target = json.loads(pathlib.Path(__file__).with_name("target.json").read_text())
# To the host, and to this service itself, which would notice.
PLACES = itertools.cycle((f"http://{target['hosts'][0]}:{target['port']}/followed", "/followed"))


def answer(connection, request):
    if b" /followed" in request:
        trace("REACHED by a redirect")
    place = next(PLACES)
    connection.sendall(
        b"HTTP/1.1 307 Temporary Redirect\r\nlocation: " + place.encode() + b"\r\ncontent-length: 0\r\n\r\n"
    )
    trace(f"redirects: a request redirected to {place}")


serve(answer)
