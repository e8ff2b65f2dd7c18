import signal
import threading
import time

import uvicorn.server


def deaf(*_):
    print("no")


def late():
    while True:
        time.sleep(0.2)


uvicorn.server.Server.handle_exit = deaf
threading.Thread(target=late).start()
