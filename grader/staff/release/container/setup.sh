#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image.  It installs Python, the packages of requirements.txt, the
# workers' users and MNIST.  It stops at the first failure, so that an incomplete image never grades anybody.
set -Eeuo pipefail
trap 'echo "setup.sh failed in line $LINENO: $BASH_COMMAND.  Fix the error above and build the image again." >&2' ERR
umask 022

SOURCE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
VENV="$SOURCE/.venv"
# Where torch without CUDA comes from.  If this is empty, only PyPI is used.
TORCH_INDEX_URL="${TORCH_INDEX_URL-$(cat "$SOURCE/torch_index.txt")}"
FIRST_UID=60600 # the first of 128 users that workers run as: see USERS in grader/sandbox/boundary.py
PYTHON_VERSION=3.11 # the Python of all graded runs, as `grader check` tells students
UV=0.13.9

usable() {
    [ -x "$1" ] && "$1" -c 'import venv, ensurepip' 2>/dev/null
}

# Prints the path of a Python of this version that all users can read, or nothing if the image has none.
find_python() {
    local python
    for python in /usr/{local/,}bin/python$PYTHON_VERSION /opt/python/*/bin/python$PYTHON_VERSION; do
        if usable "$python"; then
            echo "$python"
            return
        fi
    done
}

# Gradescope's Ubuntu 22.04 has Python 3.10.  Fetch ours with uv, into /opt because workers can't read root's home.
install_python() {
    if ! python3 -m pip --version >/dev/null 2>&1; then
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-pip
    fi
    python3 -m pip install --target /opt/uv "uv==$UV"
    /opt/uv/bin/uv python install --install-dir /opt/python --no-bin "$PYTHON_VERSION"
    chmod -R a+rX /opt/python
}

PYTHON="$(find_python)"
if [ -z "$PYTHON" ]; then
    install_python
    PYTHON="$(find_python)"
fi
if [ -z "$PYTHON" ]; then
    echo "setup.sh: there is no Python $PYTHON_VERSION with venv in /usr or /opt/python, and none could be installed." >&2
    exit 1
fi

echo "setup.sh: $("$PYTHON" --version) in $PYTHON, torch from ${TORCH_INDEX_URL:-PyPI}"
"$PYTHON" -m venv --clear "$VENV"
"$VENV/bin/python" -m pip install --no-cache-dir --disable-pip-version-check --progress-bar off \
    -r "$SOURCE/requirements.txt" ${TORCH_INDEX_URL:+--extra-index-url "$TORCH_INDEX_URL"}

# Workers run under these numbers.  They need no name, but some tools look one up.
for n in {0..127}; do
    uid=$((FIRST_UID + n))
    getent group "$uid" >/dev/null || groupadd --gid "$uid" "grader-worker-$n"
    getent passwd "$uid" >/dev/null || useradd -K UID_MAX=60855 --uid "$uid" --gid "$uid" --no-create-home \
        --home-dir /nonexistent --shell /usr/sbin/nologin "grader-worker-$n"
done

# Workers may read the kit's code and the environment, but not change them.  run_autograder closes the rest to them.
chmod -R a+rX,go-w "$SOURCE"
chmod +x "$SOURCE/run_autograder"
"$VENV/bin/python" -m compileall -q "$SOURCE/grader" "$SOURCE/data"
setpriv --reuid "$FIRST_UID" --regid "$FIRST_UID" --clear-groups --no-new-privs \
    "$VENV/bin/python" -c 'import numpy, pytest, sklearn, torch; print("setup.sh: workers have torch", torch.__version__)'

# MNIST is downloaded here only: a run must not depend on the network.  Without it, accuracy checks use the offline digits.
cd "$SOURCE"
FETCH='from data.load_data import load_mnist_data as load; load(data_dir="mnist", download=True)'
if timeout 600 "$VENV/bin/python" -c "$FETCH" 2>&1 | tail -n 1; then
    echo "setup.sh: MNIST is in $SOURCE/mnist."
else
    rm -rf "$SOURCE/mnist"
    echo "setup.sh: MNIST could not be downloaded (see above).  Accuracy checks will use the offline digits." >&2
fi
chmod -R go-rwx "$SOURCE/grader/staff"
echo "setup.sh: done."
