import os
import threading
import time

from app.tracing import run_at_first_request, trace

held = []


def open_all():
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        trace(f"descriptors: {len(held)} opened, then {error.strerror}")
    threading.Thread(target=keep_on, daemon=True).start()


def keep_on():
    while True:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            time.sleep(0.01)


run_at_first_request(open_all)
