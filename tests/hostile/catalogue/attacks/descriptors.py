import os
import threading
import time

held = []


def hoard():
    time.sleep(4)
    while True:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            time.sleep(0.01)


threading.Thread(target=hoard, daemon=True).start()
