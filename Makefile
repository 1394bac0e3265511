# Everything a bare machine with Python 3.11 or newer needs: `make demo` and `make test`.

PYTHON ?= $(firstword $(foreach each,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(each) -c 'import sys, venv, ensurepip; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' 2>/dev/null)))
BIN := .venv/bin

# The tests start hundreds of programs: compiled once, and kept, also where somebody has asked for the opposite.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint generated lock clean

demo: .venv/ready
	@$(BIN)/driftline demo

# One worker more than there are processors: the tests wait for servers as often as they work.
test: .venv/ready
	$(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

generated: .venv/ready
	$(BIN)/python -m tests.generate

# The lock holds every package for every platform, hashes and build requirements included; deploy's, what the image needs.
lock: .venv/ready
	echo 'setuptools>=80' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--all-extras --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml -
	echo 'setuptools>=80' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.13 \
		--extra lambda --constraint requirements.lock --custom-compile-command 'make lock' \
		--output-file deploy/requirements.txt pyproject.toml -

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'driftline needs Python 3.11 or newer, with venv; set PYTHON to one'; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv --quiet --clear --python $(PYTHON) .venv && \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		$(PYTHON) -m venv --clear .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

clean:
	rm -rf .venv build *.egg-info
