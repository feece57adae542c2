#!/bin/sh
# Install the system packages that Qt, Python's venv and a headless X server need on Debian and Ubuntu.
# Fast and silent when nothing is missing. Says what to type where it may not install anything itself.
set -eu

say() { printf '%s\n' "$*" >&2; }

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    [ "$(uname -s)" = Linux ] && say "System packages: no apt on this system; Qt needs EGL, GL, fontconfig, D-Bus, xkbcommon and the xcb libraries."
    exit 0
fi

# What Qt's widgets need, its xcb plugin, and Xvfb for tests of the real window (measured on a bare Debian 12).
packages="libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon0
libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0
xvfb ca-certificates"

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }

missing=""
for package in $packages; do
    installed "$package" || missing="$missing $package"
done

# Renamed with the 64-bit time_t of Debian 13 and Ubuntu 24.04; the old name is a virtual package there.
if ! installed libglib2.0-0t64 && ! installed libglib2.0-0; then
    missing="$missing libglib2.0-0"
fi

# The interpreter that make_venv.sh will take; its venv module is a package of its own.
python="${1:-python3}"
if command -v "$python" >/dev/null 2>&1; then
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        missing="$missing $version-venv"
    fi
else
    missing="$missing python3 python3-venv"
fi

[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    say "System packages are missing, and installing them needs an administrator. Type:"
    say "    sudo apt-get install -y --no-install-recommends$missing"
    exit 1
fi

say "Installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT

install() {
    # shellcheck disable=SC2086 # the list is meant to be split into words
    $as_root apt-get install -y --no-install-recommends $missing >"$log" 2>&1
}

if ! install; then
    $as_root apt-get update >"$log" 2>&1 || true
    case "$missing" in
        *libglib2.0-0*)
            if apt-cache show libglib2.0-0t64 >/dev/null 2>&1; then
                missing=$(printf '%s' "$missing" | sed 's/libglib2\.0-0\( \|$\)/libglib2.0-0t64\1/')
            fi
            ;;
    esac
    if ! install; then
        tail -n 20 "$log" >&2
        say "apt-get could not install:$missing. Check the network and the package sources above, then run this again."
        exit 1
    fi
fi
