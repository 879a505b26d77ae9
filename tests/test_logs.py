"""The log: one entry a call whatever is in it, who did what, and no secret."""

import io
import json
import logging

import pytest
from django.urls import reverse

from papers import security_log
from papers.services import importing
from readinggroup import logs
from tests.factories import PASSWORD
from tests.importing.texts import CAPTURED_ON, TIDES, listing

EVIL = 'x\n2026-01-01 00:00:00 INFO papers.events: signed in user=1\r\x1b[31m\u2028"}\x7f'


class Log:
    """What is told to a formatter while a test runs."""

    def __init__(self, formatter):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(logs.RequestFilter())

    @property
    def text(self):
        return self.stream.getvalue()

    @property
    def entries(self):
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event):
        return [entry for entry in self.entries if entry["message"] == event]


def listening(log):
    logging.getLogger().addHandler(log.handler)
    yield log
    logging.getLogger().removeHandler(log.handler)


@pytest.fixture
def log():
    yield from listening(Log(logs.JsonFormatter()))


@pytest.fixture
def lines():
    yield from listening(Log(logs.LineFormatter()))


def test_an_entry_is_a_json_object(log):
    security_log.log_event("imported", listing=3, group=None)
    (entry,) = log.entries

    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "INFO",
        "logger": "papers.security_log",
        "message": "imported",
        "request": "",
        "listing": 3,
        "group": None,
    }


def test_an_exception_is_in_its_entry(log):
    try:
        raise ValueError(EVIL)
    except ValueError:
        logging.getLogger("papers.x").exception("failed: %s", EVIL)
    (entry,) = log.entries

    assert entry["message"] == f"failed: {EVIL}"
    assert "Traceback" in entry["exception"]
    assert log.text.count("\n") == 1


def test_no_value_forges_an_entry(log, lines):
    security_log.log_event(EVIL, route=EVIL, odd=object())
    assert log.text.count("\n") == 1
    assert log.text.isascii()
    assert len(lines.text.splitlines()) == 1
    assert lines.text.strip().isprintable()


def test_in_a_line_a_traceback_stands_indented(lines):
    try:
        raise ValueError(EVIL)
    except ValueError:
        logging.getLogger("papers.x").exception("failed")
    first, *others = lines.text.splitlines()

    assert "ERROR papers.x: failed" in first
    assert all(line.startswith("    ") for line in others)


def test_a_line_ends_with_the_request(lines, client, group, charlie):
    client.force_login(charlie)
    response = client.get("/curious-minds/papers/")

    assert lines.text.splitlines()[-1].endswith(f"[{response.headers['X-Request-ID']}]")
    assert "refused user=" in lines.text


def test_a_wrong_password_is_told_without_it_or_the_address(log, client, alice):
    for login in ("alice@example.org", "ALICE@example.org", "bob@example.org"):
        data = {"login": login, "password": "a wrong password"}
        response = client.post(reverse("account_login"), data)
    same, spelt_otherwise, other = log.of("sign-in failed")

    assert same["typed"] == spelt_otherwise["typed"] != other["typed"]
    assert other["ip"] == "127.0.0.1"
    assert other["request"] == response.headers["X-Request-ID"]
    assert "wrong password" not in log.text
    assert "example.org" not in log.text.lower()


def test_coming_and_going_is_told(log, client, alice):
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    client.post(reverse("account_logout"))

    (step,), (came,), (went,) = map(log.of, ("sign-in step passed", "signed in", "signed out"))
    assert step["kind"] == "password"
    assert came["user"] == went["user"] == alice.pk
    assert came["ip"] == "127.0.0.1"
    assert PASSWORD not in log.text
    assert alice.email not in log.text


def test_a_new_password_is_told_without_it(log, client, alice):
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    new = "another horse battery"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), data)

    assert log.of("password changed")[0]["user"] == alice.pk
    assert new not in log.text


def test_a_refusal_is_told_with_its_route_alone(log, client, group, bob):
    client.force_login(bob)
    token = "s3cret-token"  # noqa: S105
    client.post(f"/join/{token}/", {"x": "\x00"})
    client.get(f"/{token}/?{token}=%00")
    client.get(reverse("group-settings", args=[group.slug]))
    shown = [(entry["status"], entry["method"], entry["route"]) for entry in log.of("refused")]

    assert shown == [
        (400, "POST", "/join/<str:token>/"),
        (400, "GET", ""),
        (403, "GET", "/<slug:slug>/settings/"),
    ]
    assert log.of("refused")[2]["user"] == bob.pk
    assert token not in log.text


def test_a_row_of_others_that_was_asked_for_is_told(log, client, group, charlie):
    client.get("/curious-minds/papers/")
    client.force_login(charlie)
    client.get("/nowhere/at/all/")
    client.get("/curious-minds/papers/")
    (refused,) = log.of("refused")

    assert (refused["status"], refused["user"]) == (404, charlie.pk)


def test_what_django_tells_of_a_request_has_its_route(log, rf):
    from django.urls import resolve

    request = rf.get("/join/s3cret/")
    request.resolver_match = resolve("/join/s3cret/")
    told = {"request": request, "status_code": 500}
    logging.getLogger("django.request").error(
        "%s: %s", "Internal Server Error", request.path, extra=told
    )

    assert log.entries[0]["message"] == "Internal Server Error: /join/<str:token>/"


def test_an_import_is_told(log, group, alice, django_capture_on_commit_callbacks):
    kept = importing.store_upload(
        raw=listing(TIDES), group=group, name="x.txt", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=kept)
    with django_capture_on_commit_callbacks(execute=True):
        assert importing.start_work(listing=kept, state="applying", in_background=False)
        assert not importing.start_work(listing=kept, state="applying", in_background=False)
    (told,) = log.of("listing applied")

    assert (told["listing"], told["group"]) == (kept.pk, group.pk)


def test_the_page_that_applies_says_who_did_it(
    log, client, group, alice, django_capture_on_commit_callbacks
):
    kept = importing.store_upload(
        raw=listing(TIDES), group=group, name="x.txt", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=kept)
    client.force_login(alice)
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        client.post(reverse("admin:papers_listing_apply", args=[kept.pk]))
    for callback in callbacks:
        callback()

    assert log.of("listing applied")[0]["listing"] == kept.pk
