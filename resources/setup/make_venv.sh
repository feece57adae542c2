#!/bin/sh
# Make the virtual environment and install Penumbra into it, editable, with the pinned versions.
# Usage: make_venv.sh PYTHON FOLDER. Running it again brings an older environment up to date.
set -eu

python="${1:-python3}"
venv="${2:-.venv}"
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if ! command -v "$python" >/dev/null 2>&1; then
    say "There is no '$python' on this machine. Install Python 3.11 or newer, or name one: make install PYTHON=/path/to/python3"
    exit 1
fi
if ! new_enough "$python"; then
    found=$("$python" -c 'import platform; print(platform.python_version())' 2>/dev/null || echo unknown)
    for other in python3.14 python3.13 python3.12 python3.11; do
        if command -v "$other" >/dev/null 2>&1 && new_enough "$other" && "$other" -c 'import ensurepip' 2>/dev/null; then
            say "'$python' is Python $found, which is too old; $other is taken instead."
            python="$other"
            break
        fi
    done
    if ! new_enough "$python"; then
        say "'$python' is Python $found, and Penumbra needs 3.11 or newer."
        say "Install a newer one (Ubuntu 22.04: sudo apt-get install python3.11 python3.11-venv) and type: make install PYTHON=python3.11"
        exit 1
    fi
fi

cd "$root"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

# On Linux the plain registry's torch carries gigabytes of CUDA libraries. Without an NVIDIA GPU a CPU build is taken:
# one that pip already finds, else the one of PyTorch's own index. Where that cannot be reached, any build will do.
torch=$(sed -n 's/^torch==//p' constraints.txt)
has_torch() { "$venv/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('torch').split('+')[0] != '$torch')" 2>/dev/null; }

nvidia() { command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q GPU; }

cpu_index="https://download.pytorch.org/whl/cpu"
if ! has_torch && [ "$(uname -s)" = Linux ] && ! nvidia; then
    # "2.13.0+cpu" can be met by CPU builds only; the first try uses pip's own settings, the second adds the index.
    pip install -qq --no-deps --retries 0 "torch==$torch+cpu" >/dev/null 2>&1 ||
        pip install -qq --no-deps --retries 0 --timeout 15 --extra-index-url "$cpu_index" "torch==$torch+cpu" >/dev/null 2>&1 ||
        say "No CPU build of torch $torch could be reached; the one of the package index is taken, which is larger."
fi

pip install -qq -c constraints.txt -e ".[dev]"

# Another program's decoder of Cryptomatte, which one test reads ours with. It has wheels for some systems only.
pip install -qq --only-binary ":all:" --retries 0 -c constraints.txt "cryptomatte-api>=1.0" >/dev/null 2>&1 ||
    say "There is no cryptomatte-api for this system: the test that decodes with it is skipped."
