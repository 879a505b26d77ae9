# make demo, make test: all the set-up a fresh machine needs. CONTRIBUTING.md explains the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint format map hooks bench lock clean

demo: $(VENV)/.demo
	DEBUG=1 $(BIN)/python manage.py demo

# The same tests against both databases, side by side: each waits much, for browsers and for locks.
# What PostgreSQL said is printed when both are done; the last line is SQLite's, which are all tests.
test: $(VENV)/.dev
	@mkdir -p var
	@TEST_DATABASE=postgresql $(BIN)/python -m pytest -q >var/test-postgresql.log 2>&1 & other=$$!; \
	{ $(BIN)/python -m pytest -q 2>&1; echo $$? >var/test-sqlite.status; } | tee var/test-sqlite.log; \
	wait $$other; failed=$$?; \
	echo "On PostgreSQL:"; tail -n 60 var/test-postgresql.log; \
	echo "On SQLite:"; tail -n 1 var/test-sqlite.log; \
	[ $$failed = 0 ] && [ "$$(cat var/test-sqlite.status)" = 0 ]

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djangofmt --check templates

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt templates

# Write docs/map.md anew from the docstrings of the modules.
map: $(VENV)/.dev
	$(BIN)/python -m tests.house_map

# From now on every commit is checked and formatted first.
hooks: $(VENV)/.dev
	$(BIN)/pre-commit install

bench: $(VENV)/.dev
	DEBUG=0 SECRET_KEY=bench ALLOWED_HOSTS=testserver HTTPS=0 REQUIRE_MFA=0 $(BIN)/python -m tests.bench

# Walk the app in a browser; `.venv/bin/python -m tests.walk --help` lists the options.
.PHONY: walk
walk: $(VENV)/.dev
	$(BIN)/python -m tests.walk

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
	rm -rf $(VENV) var staticfiles build dist
