# Everything a bare machine with Python 3.11 or newer needs: `make demo` and `make test`.

PYTHON ?= $(firstword $(foreach each,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(each) -c 'import sys, venv, ensurepip; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' 2>/dev/null)))
BIN := .venv/bin
# Not the one in here, which goes when all is set up anew.
UV := $(or $(filter-out $(CURDIR)/$(BIN)/uv,$(shell command -v uv)),$(BIN)/uv)
UV_PIP = $(UV) pip install --quiet --python $(BIN)/python
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

# The tests start hundreds of programs: compiled once, and kept, also where somebody has asked for the opposite.
export PYTHONDONTWRITEBYTECODE :=

# uv believes whom the machine believes, as pip does.
export UV_SYSTEM_CERTS := 1

.PHONY: demo test lint generated lock clean

demo: .venv/ready
	@$(BIN)/driftline demo

# One worker more than there are processors: the tests wait for servers as often as they work.
test: .venv/ready
	$(BIN)/python -m pytest -rs -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

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

# uv installs in seconds what takes pip a minute and a half; pip is who gets it, and who goes on where uv gets nowhere:
# a mirror or an authority may stand in pip's settings alone.
.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'driftline needs Python 3.11 or newer, with venv; set PYTHON to one'; exit 1; }
ifeq ($(UV),$(BIN)/uv)
	@$(PYTHON) -m venv --clear .venv
	@awk '/^[^ ]/ { is_uv = /^uv==/ } is_uv' requirements.lock >.venv/uv.txt
	@$(PIP) --require-hashes -r .venv/uv.txt
	@$(UV_PIP) --require-hashes -r requirements.lock || \
		{ echo 'uv got nowhere: going on with pip'; $(PIP) --require-hashes -r requirements.lock; }
else
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(UV_PIP) --require-hashes -r requirements.lock
endif
	@$(UV_PIP) --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf .venv build *.egg-info
