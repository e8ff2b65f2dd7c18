import itertools
import os

from app.tracing import run_at_first_request, trace


def make_files():
    """Empty files need no room on a disk that is memory, but the kernel's memory."""
    for number in itertools.count():
        try:
            os.close(os.open(f"/tmp/inode-{number}", os.O_CREAT | os.O_WRONLY))
        except OSError as error:
            trace(f"inodes: {number} files made, then {error.strerror}")
            return
        if number % 5_000 == 0:
            trace(f"inodes: {number} files made")


run_at_first_request(make_files)
