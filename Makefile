# make demo, make test: all the set-up a fresh machine needs. CONTRIBUTING.md explains the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test test-all lint format bench lock clean

demo: $(VENV)/.demo
	DEBUG=1 $(BIN)/python manage.py demo

# What to run while at work: everything on SQLite but browsers and races. Each process has a database
# of its own, and takes whole files, so that what a file sets up once is set up once.
PYTEST := $(BIN)/python -m pytest -q -n auto --dist loadfile

test: $(VENV)/.dev
	$(PYTEST) -m "not browser and not race"

# What must pass before a change goes in: the rest on SQLite, then all that uses PostgreSQL.
test-all: test
	$(PYTEST) -m "browser or race"
	TEST_DATABASE=postgresql $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	DEBUG=0 SECRET_KEY=bench ALLOWED_HOSTS=testserver HTTPS=0 REQUIRE_MFA=0 $(BIN)/python -m tests.bench

# Pin everything anew to the newest versions that pyproject.toml allows.
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
	rm -rf $(VENV) var staticfiles
