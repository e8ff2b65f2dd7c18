import time

from app.raw_server import serve
from app.tracing import trace


def answer(connection, request):
    trace(f"never-answers: a request of {len(request)} bytes is left without an answer")
    time.sleep(3600)


serve(answer, healthy=False)
