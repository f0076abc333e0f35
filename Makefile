# Zhike. Nothing but Python 3.11+, make and PyPI is needed; everything else is made in .venv and .zhike.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ACCOUNTS ?= 5000
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: run test check soak clean

run: $(VENV)/.run
	@exec $(BIN)/zhike up --demo --port $(PORT) --accounts $(ACCOUNTS)

test: check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests/cluster.py
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/messages.py check
	$(BIN)/zhike manage makemigrations --check --dry-run

soak: $(VENV)/.test
	SOAK=1 $(BIN)/python -m pytest -m faults -p no:xdist

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 以上：make PYTHON=python3.11 … / Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
