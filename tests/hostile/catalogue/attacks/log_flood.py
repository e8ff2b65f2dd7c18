import os
import threading

LINE = b"\x1b]0;owned\x07\x1b[2J\x1b[31m\xe2\x80\xae<script>alert(1)</script>\xff\xfe" + b"x" * 4000 + b"\n"


def flood(descriptor, data):
    while True:
        try:
            os.write(descriptor, data)
        except OSError:
            return


threading.Thread(target=flood, args=(1, LINE * 16), daemon=True).start()
threading.Thread(target=flood, args=(2, b"endless" * 4096), daemon=True).start()
