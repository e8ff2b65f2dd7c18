import ctypes
import os
import pathlib
import subprocess

from app.tracing import trace

libc = ctypes.CDLL(None, use_errno=True)
tried, done = [], []


def attempt(name, call):
    tried.append(name)
    try:
        if call():
            done.append(name)
    except (OSError, subprocess.SubprocessError):
        pass


def write(path, text):
    pathlib.Path(path).write_text(text)
    return True


def become(tool):
    return subprocess.run([tool, "-c", "id -u"], capture_output=True, timeout=5, text=True).stdout.strip() == "0"


attempt("mount", lambda: libc.mount(b"proc", b"/tmp", b"proc", 0, None) == 0)
attempt("namespace", lambda: libc.unshare(0x00020000 | 0x10000000) == 0)
attempt("setuid", lambda: os.setuid(0) is None)
attempt("chroot", lambda: os.chroot("/tmp") is None)
attempt("reboot", lambda: libc.reboot(0x01234567) == 0)
attempt("module", lambda: libc.syscall(175, 0, 0, b"") == 0)
attempt("bpf", lambda: libc.syscall(321, 0, 0, 0) >= 0)
attempt("device", lambda: os.mknod("/tmp/sda", 0o600 | 0o060000, os.makedev(8, 0)) is None)
for path, text in (
    ("/proc/sysrq-trigger", "c"),
    ("/proc/sys/kernel/core_pattern", "|/tmp/x"),
    ("/proc/sys/kernel/hostname", "owned"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1"),
    ("/sys/fs/cgroup/release_agent", "/tmp/x"),
    ("/etc/passwd", "owned::0:0::/:/bin/sh"),
    ("/proc/1/oom_score_adj", "-1000"),
):
    attempt(path, lambda path=path, text=text: write(path, text))
for tool in ("su", "mount", "sudo", "newuidmap"):
    attempt(tool, lambda tool=tool: become(tool))
if done:
    raise SystemExit(f"ESCAPED {done}")
trace(f"escape: {len(tried)} ways tried, {len(tried) - len(done)} refused")
