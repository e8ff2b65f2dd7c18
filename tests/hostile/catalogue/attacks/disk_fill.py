import os
import tempfile

filled = {}
for folder in ("/tmp", "/", "/srv/app", "/dev/shm", "/var/tmp", "/run", os.getcwd()):
    try:
        with open(os.path.join(folder, "filler"), "wb") as target:
            written = 0
            while written < 10 * 1024**3:
                written += target.write(b"x" * 1024 * 1024)
    except OSError as error:
        filled[folder] = (written if "written" in dir() else 0, error.strerror)
    try:
        for number in range(200_000):
            open(os.path.join(folder, f"inode-{number}"), "w").close()
    except OSError:
        pass
for name in os.listdir("/tmp"):
    try:
        os.unlink(os.path.join("/tmp", name))
    except OSError:
        pass
print("FILLED", filled, tempfile.gettempdir())
