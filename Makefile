# Zhike. Nothing but Python 3.11+, make and PyPI is needed; everything else is made in .venv and .zhike.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ACCOUNTS ?= 5000
# Where Java is found, the cycle is tested on Spark too.
EXTRAS := $(shell command -v java >/dev/null && echo test,spark || echo test)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: run test check bench soak constraints clean

run: $(VENV)/.run
	@exec $(BIN)/zhike up --demo --port $(PORT) --accounts $(ACCOUNTS) --stop-with-parent

test: check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests/cluster.py
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/messages.py check
	ZHIKE_ENV=test ZHIKE_HOME=build/check $(BIN)/zhike manage makemigrations --check --dry-run

# Ratios within one run, each with its limit: benchmarks/README.md.
bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

soak: $(VENV)/.test
	SOAK=1 $(BIN)/python -m pytest -m faults -n 0 --timeout 3600

# Debian's Python comes without ensurepip: where it has pip, that one fills the environment.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 以上：make PYTHON=python3.11 … / Python 3.11 or newer is needed"; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >$(VENV).log 2>&1 || \
	  { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && \
	    $(PYTHON) -m pip --python $(VENV)/bin/python install --quiet pip; } >>$(VENV).log 2>&1 || \
	  { cat $(VENV).log; rm -rf $(VENV) $(VENV).log; \
	    echo "不能建立 Python 环境，请先安装 / install first: python3-venv (Debian, Ubuntu)"; exit 1; }
	@rm -f $(VENV).log
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@ $(VENV)/.run

# The newest versions that fit together, for people and CI alike to install.
constraints:
	rm -rf build/newest && $(PYTHON) -m venv build/newest
	build/newest/bin/python -m pip install --quiet '.[test,spark]'
	build/newest/bin/python -m pip freeze --all --exclude zhike --exclude pip --exclude setuptools --exclude wheel \
	  | sort --ignore-case >constraints.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
