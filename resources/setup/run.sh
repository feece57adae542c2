#!/bin/sh
# The main job on the sample shot: a window where there is a display, a recorded artist where there is none.
# Usage: run.sh PENUMBRA. HEADLESS=1 asks for the recorded artist also where there is a display.
set -eu

penumbra="${1:-.venv/bin/penumbra}"
out="${OUT:-out/demo}"

if [ "${HEADLESS:-0}" = 1 ] || { [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; }; then
    exec "$penumbra" demo --headless -o "$out"
fi
exec "$penumbra" demo
