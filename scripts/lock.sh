#!/bin/sh
# Writes the hashed locks of both environments from pyproject.toml; needs uv.
set -eu
uv=$(command -v uv || echo .venv/bin/uv)
lock() {
    out=$1; shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header "$@" pyproject.toml --output-file "$out"
}
lock requirements.txt --extra dashboard
lock requirements-local.txt --extra dashboard --extra local --constraint requirements.txt
lock requirements-dev.txt --extra dashboard --extra local --extra dev \
    --constraint requirements-local.txt
# torch is installed apart (scripts/install_torch.sh), its CUDA parts never.
apart="--no-emit-package torch"
# shellcheck disable=SC2086
lock sagemaker_container/requirements.txt --extra container $apart
# shellcheck disable=SC2086
lock sagemaker_container/requirements-dev.txt --extra container --extra container-dev $apart \
    --constraint sagemaker_container/requirements.txt
