# `make demo` and `make test` set up a fresh machine. CONTRIBUTING.md explains the other targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint format map hooks bench lock clean

demo: $(VENV)/.demo
	DEBUG=1 $(BIN)/python manage.py demo

# Run the tests on both databases in parallel, since each run often waits for browsers and locks.
# The PostgreSQL results are printed when both are done. The last line is that of SQLite, which runs
# all tests.
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
