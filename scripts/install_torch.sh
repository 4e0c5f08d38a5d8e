#!/bin/sh
# Installs the CPU build of torch where one can be had. It is apart from the lock, since the
# builds of one version differ by platform. On Linux the default index holds a build with CUDA
# (gigabytes more): PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS can name a place with CPU builds.
set -eu
python=$1
version=2.13.0
"$python" -c "import torch, sys; sys.exit(torch.__version__.split('+')[0] != '$version')" 2>/dev/null && exit 0
exec "$python" -m pip install --quiet --disable-pip-version-check --no-input "torch==$version"
