import threading
import time

hoard = []


def fill():
    time.sleep(3)
    while True:
        hoard.append(bytearray(16 * 1024 * 1024))


threading.Thread(target=fill, daemon=True).start()
