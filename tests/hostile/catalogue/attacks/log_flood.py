import itertools
import os
import threading

from app.tracing import trace

LINE = b"\x1b]0;owned\x07\x1b[2J\x1b[31m\xe2\x80\xae<script>alert(1)</script>\xff\xfe" + b"x" * 4000 + b"\n"


def flood_lines():
    for number in itertools.count(1):
        os.write(1, LINE * 16)
        if number % 4 == 0:
            trace(f"log-flood: {number * 16 * len(LINE)} bytes printed")


def flood_without_lines():
    while True:
        os.write(2, b"endless" * 4096)


threading.Thread(target=flood_lines, daemon=True).start()
threading.Thread(target=flood_without_lines, daemon=True).start()
