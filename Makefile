# Two commands: `make run` and `make test`; each does all the set-up it needs.
# The set-up is skipped while nothing it depends on has changed.
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3.14 python3))
SAY = @printf '\033[1m%s\033[0m\n'
PIP = -m pip install --quiet --disable-pip-version-check --no-input

.PHONY: run setup test coverage soak check check-lint check-format check-layers check-types lock tiny-models clean-data clean

run: .venv/.ready .venv-container/.ready
	$(SAY) "Starting the dashboard. Ctrl-C stops it, with everything it started."
	@trap 'exit 0' INT; .venv/bin/streamlit run app.py

setup: .venv/.ready-tests .venv-container/.ready-tests .venv/.browser

test: setup check
	@.venv/bin/python -m scripts.run_tests

# The same, with every line counted that runs in any process; the floor is in pyproject.toml.
coverage: setup
	@.venv/bin/coverage erase
	@COVERAGE_PROCESS_START=pyproject.toml .venv/bin/python -m scripts.run_tests
	@.venv/bin/coverage combine --quiet
	@.venv/bin/coverage report

# Fuzzing, races and load, at length.
soak: setup
	@.venv/bin/python -m scripts.run_tests -m soak --timeout 3600

check: check-lint check-format check-layers check-types

check-lint: .venv/.ready-tests
	@.venv/bin/ruff check --quiet .

check-format: .venv/.ready-tests
	@.venv/bin/ruff format --quiet --check .

check-layers: .venv/.ready-tests
	@.venv/bin/lint-imports

check-types: .venv/.ready-tests
	@.venv/bin/mypy --no-error-summary

.venv/bin/python .venv-container/bin/python:
	@scripts/check_machine.sh "$(PYTHON)"
	@"$(PYTHON)" -m venv $(@D)/..

.venv/.ready: requirements-local.txt pyproject.toml | .venv/bin/python
	$(SAY) "Setting up the dashboard (about half a minute; 170 MB to download, 0.6 GB on the disk) ..."
	@.venv/bin/python $(PIP) --require-hashes -r requirements-local.txt
	@.venv/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ready-tests: .venv/.ready requirements-dev.txt
	$(SAY) "Setting up the test tools (110 MB to download) ..."
	@.venv/bin/python $(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.browser: scripts/find_chromium.sh | .venv/.ready-tests
	@scripts/find_chromium.sh
	@touch $@

.venv-container/.ready: sagemaker_container/requirements.txt scripts/requirements-torch.txt pyproject.toml | .venv-container/bin/python
	$(SAY) "Setting up the CPU container (one to three minutes, 1.4 GB on the disk) ..."
	@scripts/install_torch.sh .venv-container/bin/python
	@echo "Installing the container's other libraries (140 MB to download) ..."
	@.venv-container/bin/python $(PIP) --require-hashes --no-deps -r sagemaker_container/requirements.txt
	@.venv-container/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv-container/.ready-tests: .venv-container/.ready sagemaker_container/requirements-dev.txt
	@echo "Installing the container's test tools ..."
	@.venv-container/bin/python $(PIP) --require-hashes --no-deps -r sagemaker_container/requirements-dev.txt
	@touch $@

tiny-models: .venv/.ready
	@.venv/bin/python -m tests.support.tiny_models tiny-models
	@rm -f tiny-models/broken-*
	$(SAY) "Model files whose pictures are noise, to try everything with; their paths for the Models page:"
	@ls -1 "$(CURDIR)"/tiny-models/*.safetensors

lock:
	@scripts/lock.sh

clean-data:
	@rm -rf .data
	$(SAY) "Removed what the embedded AWS kept (.data)."

clean: clean-data
	@rm -rf .venv .venv-container .cache .coverage* .*_cache *.egg-info build dist tiny-models
