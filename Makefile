# `make demo` and `make test` set up a fresh machine; `make demo ADDRESS=host:port` serves elsewhere.
# CONTRIBUTING.md explains the other targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ADDRESS := 127.0.0.1:8000
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test test-all lint format map hooks bench lock clean

demo: $(VENV)/.demo
	DEBUG=1 $(BIN)/python manage.py demo --address $(ADDRESS)

# Tests run in one process per core. Each has its own database and takes whole files, so that what a
# file sets up once is set up once.
PYTEST := $(BIN)/python -m pytest -q -n auto --dist loadfile

# What to run while at work: everything on SQLite except browser tests, races and the wheel.
test: $(VENV)/.dev
	$(PYTEST) -m "not browser and not race and not slow"

# What must pass before a change lands: the rest on SQLite, then every database test on PostgreSQL.
test-all: test
	$(PYTEST) -m "browser or race or slow"
	TEST_DATABASE=postgresql $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djangofmt --check templates
	DEBUG=1 $(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt templates

# Write docs/map.md from the docstrings of the modules.
map: $(VENV)/.dev
	$(BIN)/python -m tests.house_map

# Check and format every commit from now on.
hooks: $(VENV)/.dev
	$(BIN)/pre-commit install

bench: $(VENV)/.dev
	DEBUG=0 SECRET_KEY=bench ALLOWED_HOSTS=testserver HTTPS=0 REQUIRE_MFA=0 $(BIN)/python -m tests.bench

# Walk through the app in a browser; `.venv/bin/python -m tests.walk --help` lists the options.
.PHONY: walk
walk: $(VENV)/.dev
	$(BIN)/python -m tests.walk

# Pin everything to the newest versions that pyproject.toml allows.
lock:
	rm -rf var/lock && $(PYTHON) -m venv var/lock
	var/lock/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	var/lock/bin/python -m pip freeze --exclude-editable > constraints.txt
	rm -rf var/lock

$(VENV)/.demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(PIP) --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) var staticfiles build dist
