"""A start that cannot go well stops with one sentence that names the variable."""

import json
import os
import runpy
import subprocess
import sys
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from readinggroup.settings import env, read_variable

VARIABLES = ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "HTTPS", "CACHE_URL")
VARIABLES += ("DJANGO_ALLOW_ASYNC_UNSAFE",)  # which browsers in tests need
GOOD = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "reading.example.org"}


def environment(**variables):
    """The environment of the tests without what they set, and with ``variables``."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES} | variables


def start(*command, **variables):
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        env=environment(**variables),
        check=False,
    )


def load(**variables):
    """The settings as a process with these variables has them, by name."""
    with mock.patch.dict(os.environ, environment(**variables), clear=True):
        return runpy.run_path(str(settings.BASE_DIR / "readinggroup" / "settings.py"))


def sentence_of(**variables):
    """Why settings cannot be loaded: one line, which a start prints as it is."""
    with pytest.raises(ImproperlyConfigured) as raised:
        load(**variables)
    (sentence,) = str(raised.value).splitlines()
    return sentence


def check(**variables):
    return start("manage.py", "check", **variables)


def test_with_what_it_needs_it_starts():
    assert check(**GOOD).returncode == 0
    assert check(DEBUG="1").returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("-c", "import readinggroup.wsgi"),
        ("-c", "import readinggroup.asgi"),
    ],
)
def test_a_start_that_cannot_go_well_says_the_sentence_alone(command):
    done = start(*command, ALLOWED_HOSTS="reading.example.org")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip() == sentence_of(ALLOWED_HOSTS="reading.example.org")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_what_is_missing_is_named_in_one_sentence(missing):
    variables = {name: value for name, value in GOOD.items() if name != missing}
    assert sentence_of(**variables).startswith(f"{missing} is not set")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root@127.0.0.1/papers"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://user@host:port/name"),
        ("LISTING_MAX_BYTES", "many"),
        ("LISTING_MAX_BYTES", "0"),
        ("TIME_ZONE", "Mars"),
        ("TIME_ZONE", "Europe"),
        ("TIME_ZONE", "../etc/passwd"),
        ("DEBUG", "maybe"),
        ("HTTPS", "perhaps"),
        ("BEHIND_PROXY", "x"),
        ("CACHE_URL", "nowhere://x"),
        ("EMAIL_URL", "pigeon://x"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(name, value):
    assert name in sentence_of(**GOOD | {name: value})


@pytest.mark.parametrize(
    ("hosts", "address"),
    [("*", ""), ("*.example.org", ""), (" example.org", ""), ("x.org", "x.org")]
    + [("x.org", f"https://{rest}") for rest in ("", "[", "*", "a b", "a\nb", "a>, <https://b")],
)
def test_an_address_that_links_cannot_lead_to_is_named_in_one_sentence(hosts, address):
    sentence = sentence_of(**GOOD | {"ALLOWED_HOSTS": hosts, "BASE_URL": address})
    assert sentence.startswith("BASE_URL is to be the address of this installation")


@pytest.mark.parametrize(
    ("hosts", "address", "base"),
    [
        (".example.org", "", "https://example.org"),
        ("[::1],*", "", "https://[::1]"),
        ("*", "http://x.org:8000/", "http://x.org:8000"),
        ("*", "https://x.org/~papers/", "https://x.org/~papers"),
    ],
)
def test_links_lead_to_the_first_host_unless_said_otherwise(hosts, address, base):
    loaded = load(**GOOD | {"ALLOWED_HOSTS": hosts, "BASE_URL": address})
    assert loaded["BASE_URL"] == base


@pytest.mark.parametrize(
    ("word", "on"),
    [("1", True), ("TRUE", True), ("yes", True), ("On", True)]
    + [("", False), ("0", False), ("False", False), ("no", False), ("OFF", False)],
)
def test_a_switch_may_be_said_in_several_words(monkeypatch, word, on):
    monkeypatch.setitem(env.ENVIRON, "HTTPS", word)
    assert read_variable("switch", "HTTPS", default=not on) is on


@pytest.mark.parametrize("debug", ["0", "1"])
def test_what_fails_is_told_with_its_traceback(debug):
    code = """
import django; django.setup()
import logging
logging.getLogger("papers.somewhere").info("told")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("django.request").exception("failed")
logging.getLogger("django.request").info("chatter")
"""
    variables = GOOD | {"DEBUG": debug, "DJANGO_SETTINGS_MODULE": "readinggroup.settings"}
    told = start("-c", code, **variables).stderr
    if debug == "1":
        assert "INFO papers.somewhere: told" in told
        assert "ERROR django.request: failed" in told
    else:
        first, second = map(json.loads, told.splitlines())
        assert (first["level"], first["logger"]) == ("INFO", "papers.somewhere")
        assert (first["message"], second["message"]) == ("told", "failed")
        assert second["exception"].startswith("Traceback")
    assert told.count("ZeroDivisionError: division by zero") == 1
    assert "chatter" not in told


def test_debug_is_off_unless_asked_for():
    assert load(**GOOD)["DEBUG"] is False


def test_sqlite_is_used_as_it_must_be(db):
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("about SQLite alone")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings.DATABASES["default"]["OPTIONS"]["timeout"] == 20
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False


def test_static_files_are_hashed_and_compressed(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s; "
        f"s.STATIC_ROOT = {str(tmp_path)!r}; "
        "from django.core.management import call_command as c; c('collectstatic', verbosity=0)"
    )
    done = start("-c", code, **GOOD, DJANGO_SETTINGS_MODULE="readinggroup.settings")

    assert done.returncode == 0, done.stderr
    names = [path.name for path in (tmp_path / "papers" / "css").iterdir()]
    assert any(name.startswith("tokens.") and name.count(".") == 2 for name in names)
    assert any(name.endswith(".css.gz") for name in names)
