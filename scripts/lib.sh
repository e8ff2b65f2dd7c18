# Shared by the scripts of this folder; sourced with the checkout as working directory. POSIX sh.

say() { printf '==> %s\n' "$*" >&2; }

# die WHAT NEXT_STEP
die() {
    printf 'error: %s\n  next: %s\n' "$1" "$2" >&2
    exit 1
}

is_debian_root() { [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null; }

# Runs a command with its output in a file; shows the file's end when the command fails.
# quietly LOG COMMAND...
quietly() {
    log=$1
    shift
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        printf 'error: %s failed; the end of %s:\n' "$1 $2" "$log" >&2
        tail -n 25 "$log" >&2
        return 1
    fi
}

# apt_install PACKAGE...
apt_install() {
    say "installing $* with apt-get"
    mkdir -p build
    export DEBIAN_FRONTEND=noninteractive
    quietly build/apt.log timeout 300 apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=240 update &&
        quietly build/apt.log timeout 900 apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=240 \
            install -y --no-install-recommends "$@"
}

# Without a home to write to (a service account, say), caches stay inside the checkout.
if [ ! -w "${HOME:-/nonexistent}" ]; then
    export UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/.tools/cache/uv}"
    export PIP_CACHE_DIR="${PIP_CACHE_DIR:-$PWD/.tools/cache/pip}"
fi

# sbin is where dockerd, iptables and debootstrap live, and not on every user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

# Tests start the command line hundreds of times: without bytecode each start compiles everything anew.
unset PYTHONDONTWRITEBYTECODE
