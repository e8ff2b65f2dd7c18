"""One lock for what makes Python syntax trees on the host; packaging does so for requirements and markers, too."""

from __future__ import annotations

import threading

# CPython 3.11 counts the depth of all threads' parsers together, and raises SystemError at random when two run
# ("AST constructor recursion depth mismatch", gh-106905). Several submissions are read at a time.
PARSING = threading.RLock()
