import threading
import time

import uvicorn.server

from app.tracing import trace


def ignore(server, number, frame):
    trace(f"ignores-sigterm: signal {number} ignored")


def live_on():
    while True:
        time.sleep(0.2)


uvicorn.server.Server.handle_exit = ignore
threading.Thread(target=live_on).start()
# The graders send SIGTERM to a service that asks for it.
trace("expects SIGTERM")
