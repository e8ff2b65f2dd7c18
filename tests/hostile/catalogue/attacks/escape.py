import ctypes
import os
import pathlib
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
done = []


def attempt(name, call):
    try:
        if call() in (0, True):
            done.append(name)
    except OSError:
        pass


attempt("mount", lambda: libc.mount(b"proc", b"/tmp", b"proc", 0, None))
attempt("namespace", lambda: libc.unshare(0x00020000 | 0x10000000))
attempt("setuid", lambda: os.setuid(0))
attempt("chroot", lambda: os.chroot("/tmp"))
attempt("reboot", lambda: libc.reboot(0x01234567))
attempt("module", lambda: libc.syscall(175, 0, 0, b""))
attempt("bpf", lambda: 0 if libc.syscall(321, 0, 0, 0) >= 0 else None)
attempt("device", lambda: os.mknod("/tmp/sda", 0o600 | 0o060000, os.makedev(8, 0)))
for path, text in (
    ("/proc/sysrq-trigger", "c"),
    ("/proc/sys/kernel/core_pattern", "|/tmp/x"),
    ("/proc/sys/kernel/hostname", "owned"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1"),
    ("/sys/fs/cgroup/release_agent", "/tmp/x"),
    ("/etc/passwd", "owned::0:0::/:/bin/sh"),
    ("/proc/1/oom_score_adj", "-1000"),
):
    attempt(path, lambda path=path, text=text: bool(pathlib.Path(path).write_text(text)))
for tool in ("su", "mount", "sudo", "newuidmap"):
    try:
        if subprocess.run([tool, "-c", "id -u"], capture_output=True, timeout=5, text=True).stdout.strip() == "0":
            done.append(tool)
    except (OSError, subprocess.SubprocessError):
        pass
if done:
    raise SystemExit(f"ESCAPED {done}")
