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
# What CUDA's build of torch needs beside the container's lock, from its metadata as published.
others=$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' sagemaker_container/requirements.txt)
# shellcheck disable=SC2086
echo torch==2.13.0 | "$uv" pip compile --quiet --no-config --universal --python-version 3.11 \
    --generate-hashes --no-annotate --no-header $apart $others \
    --constraint sagemaker_container/requirements.txt - \
    --output-file scripts/requirements-torch-cuda.txt
