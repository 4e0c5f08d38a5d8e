#!/bin/sh
# Installs torch, which has a lock of its own since the builds of one version differ by what they
# run on; a wheel whose hash is not in it is refused. Decides which build comes and from where, and says that with its size before it begins.
set -eu
python=$1
version=2.13.0
locks=${0%/*}
cpu_index=https://download.pytorch.org/whl/cpu

pip() { "$python" -m pip --disable-pip-version-check "$@"; }
say() { printf '%s\n' "$*"; }
refuse() { say "$*" >&2; exit 1; }

is_installed() {
    "$python" -c "from importlib.metadata import version
raise SystemExit(version('torch').split('+')[0] != '$version')" 2>/dev/null
}

# Whoever told pip where packages come from, by variables or in its files, is asked no other place.
has_own_places() {
    pip config list | grep -E "\.(index-url|extra-index-url|find-links|no-index)='.+'" >/dev/null
}

# The build of this version that pip would take: +cpu comes before none, which is CUDA's on Linux.
offered() {
    pip index versions torch "$@" 2>/dev/null | sed -n 's/^Available versions: //p' | tr -d ' ' |
        tr ',' '\n' | awk -v version="$version" '!found && ($0 == version || index($0, version "+") == 1) { print; found = 1 }'
}

# The build is named, since pip would rather take a wheel whose page tells its hash than one of a
# folder, whatever the build.
install() {
    build=$1
    shift
    echo "torch==$build" | pip install --no-input --progress-bar on --no-deps --require-hashes "$@" \
        --constraint /dev/stdin -r "$locks/requirements-torch.txt"
}

# The one place that chooses between builds. The demo endpoint draws on the CPU, also beside a GPU.
choose() {
    if [ "$(uname -s)" = Darwin ]; then
        [ "$(uname -m)" = arm64 ] || refuse "There is no torch $version for Intel Macs; a Mac with Apple silicon and a Python for it are needed."
        build=$version
    elif has_own_places; then
        build=$(offered)
    else
        say "Asking $cpu_index for the CPU build of torch ..."
        build=$(offered --index-url "$cpu_index" --timeout 5 --retries 0)
        [ -z "$build" ] || { from="--index-url $cpu_index"; return; }
        say "None came from there, so pip's usual index is asked."
        build=$(offered)
    fi
}

is_installed && exit 0
if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; then
    say "The NVIDIA GPU of this machine stays unused: the studio on this machine draws on the CPU."
fi
from=
choose
case "$(uname -s) $from $build" in
    Darwin*)
        say "Installing torch $build, the build for this Mac (about 110 MB) ..."
        install "$build" ;;
    *--index-url* | *+cpu)
        say "Installing torch $build, the CPU build (about 190 MB) ..."
        # shellcheck disable=SC2086  # nothing, or an option and its value
        install "$build" $from ;;
    *" ")
        refuse "pip finds no torch $version for this Python and machine. Set PIP_INDEX_URL or PIP_EXTRA_INDEX_URL to an index that has it, such as $cpu_index." ;;
    *)
        say "Installing torch $build with its CUDA libraries (about 2.7 GB, 5 GB on the disk), which the CPU doesn't need."
        say "Ctrl-C, PIP_EXTRA_INDEX_URL=<an index with CPU builds> and 'make run' again spare them."
        free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000000) }')
        [ "$free" -ge 10 ] || refuse "Only $free GB of disk are free; that takes 10 for a while."
        install "$build" -r "$locks/requirements-torch-cuda.txt" ;;
esac
