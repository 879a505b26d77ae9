"""The environment of the tests, loaded before the settings (see pyproject.toml)."""

import os

os.environ.setdefault("DEBUG", "1")
os.environ["HTTPS"] = "0"
POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
if POSTGRESQL:
    os.environ["DATABASE_URL"] = os.environ.get(
        "POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres"
    )
else:
    os.environ.pop("DATABASE_URL", None)
