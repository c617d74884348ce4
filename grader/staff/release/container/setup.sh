#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python, what requirements.txt pins, the workers' users, MNIST.
# It stops at the first thing that fails, so that a half-made image never grades anybody.
set -Eeuo pipefail
trap 'echo "setup.sh failed in line $LINENO: $BASH_COMMAND.  Mend what is said above, and build the image again." >&2' ERR
umask 022

SOURCE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
VENV="$SOURCE/.venv"
# Where torch without CUDA comes from; set to nothing, pip's usual registry is used alone.
TORCH_INDEX_URL="${TORCH_INDEX_URL-$(cat "$SOURCE/torch_index.txt")}"
FIRST_UID=60600 # of the 128 that workers run as: see USERS in grader/boundary.py
UV=0.13.9

usable() {
    [ -x "$1" ] && "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

# The path of a Python 3.11 to 3.13 that other users than root can read; nothing where the image has none.
find_python() {
    local python
    for python in /usr/{local/,}bin/python3.{13,12,11} /opt/python/*/bin/python3.12; do
        if usable "$python"; then
            echo "$python"
            return
        fi
    done
}

# Gradescope's Ubuntu 22.04 has Python 3.10: fetch a 3.12 with uv, to /opt, since workers can't read root's home.
install_python() {
    if ! python3 -m pip --version >/dev/null 2>&1; then
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-pip
    fi
    python3 -m pip install --target /opt/uv "uv==$UV"
    /opt/uv/bin/uv python install --install-dir /opt/python --no-bin 3.12
    chmod -R a+rX /opt/python
}

PYTHON="$(find_python)"
if [ -z "$PYTHON" ]; then
    install_python
    PYTHON="$(find_python)"
fi
if [ -z "$PYTHON" ]; then
    echo "setup.sh: there is no Python 3.11 to 3.13 with venv in /usr or /opt/python, and none could be installed." >&2
    exit 1
fi

echo "setup.sh: $("$PYTHON" --version) in $PYTHON, torch from ${TORCH_INDEX_URL:-the usual registry}"
"$PYTHON" -m venv --clear "$VENV"
"$VENV/bin/python" -m pip install --no-cache-dir --disable-pip-version-check --progress-bar off \
    -r "$SOURCE/requirements.txt" ${TORCH_INDEX_URL:+--extra-index-url "$TORCH_INDEX_URL"}

# Workers run under these numbers with or without a name; tools that look them up find one.
for n in {0..127}; do
    uid=$((FIRST_UID + n))
    getent group "$uid" >/dev/null || groupadd --gid "$uid" "grader-worker-$n"
    getent passwd "$uid" >/dev/null || useradd -K UID_MAX=60855 --uid "$uid" --gid "$uid" --no-create-home \
        --home-dir /nonexistent --shell /usr/sbin/nologin "grader-worker-$n"
done

# Workers read the kit's code and the environment, and change neither; run_autograder closes the rest to them.
chmod -R a+rX,go-w "$SOURCE"
chmod +x "$SOURCE/run_autograder"
"$VENV/bin/python" -m compileall -q "$SOURCE/grader" "$SOURCE/data"
setpriv --reuid "$FIRST_UID" --regid "$FIRST_UID" --clear-groups --no-new-privs \
    "$VENV/bin/python" -c 'import numpy, pytest, sklearn, torch; print("setup.sh: workers have torch", torch.__version__)'

# Fetched here or never: a run must not depend on the network.  Without MNIST, accuracy checks use the offline digits.
cd "$SOURCE"
FETCH='from data.load_data import load_mnist_data as load; load(data_dir="mnist", download=True)'
if timeout 600 "$VENV/bin/python" -c "$FETCH" 2>&1 | tail -n 1; then
    echo "setup.sh: MNIST is in $SOURCE/mnist."
else
    rm -rf "$SOURCE/mnist"
    echo "setup.sh: MNIST could not be fetched (above): accuracy checks will use the offline digits." >&2
fi
chmod -R go-rwx "$SOURCE/grader/staff"
echo "setup.sh: done."
