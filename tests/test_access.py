"""Who may see and touch what: the table is the law, and no address is without an entry."""

import re
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.http import urlencode
from django_tasks_db.models import DBTaskResult

from papers import access
from papers.models import JoinRequest, Mail, Membership, User
from papers.services import feeds, importing, joining
from tests.access_table import APP, DATA, TABLE, WHO
from tests.factories import make_comment, make_group, make_meeting, make_paper, make_user
from tests.importing.texts import CAPTURED_ON, SORTING, TIDES, listing
from tests.pages import text_of
from tests.test_settings import start

CASES = [(name, method) for name, methods in TABLE.items() for method in methods]
# What nobody outside the group may read anywhere, and what changes with everybody who signs in.
SECRETS = [b"Ours", b"ours.txt", b"bob@example.org", b"Curious minds", b"guest@example.org"]
RESTLESS = {Session, UserSession, LogEntry, DBTaskResult, Mail}


@pytest.fixture(scope="class")
def house(django_db_setup, django_db_blocker):
    """People and rows that all cases of the table share, for each visit is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = make_people()
        ids = make_rows(people)
        cookies = {who: cookies_of(person) for who, person in people.items()}
        yield House(people, ids, cookies, rows())
        transaction.set_rollback(True)


class House(NamedTuple):
    people: dict  # by their name in the table
    ids: dict  # what addresses name, by kind
    cookies: dict  # of the people, who have signed in
    before: dict  # every row there is


def cookies_of(person):
    client = Client()
    if person:
        client.force_login(person)
    return client.cookies


def make_people():
    alice, bob, charlie, dana, erin = map(make_user, ("alice", "bob", "charlie", "dana", "erin"))
    make_group("Others", members=[charlie])
    group = make_group(organisers=[alice], members=[bob])
    make_group("Dana's", slug="danas", organisers=[dana])
    Membership.objects.create(group=group, user=erin, role=Membership.Role.ORGANISER)
    root = make_user("root", is_superuser=True, is_staff=True)
    return dict(zip(WHO, [None, charlie, bob, alice, dana, root, erin], strict=True))


def make_rows(people):
    """A row of each kind, of the group: what addresses name."""
    alice, bob = people["organiser"], people["member"]
    group = bob.memberships.get().group
    paper = make_paper(group=group, title="Ours", topics=["ours"], proposed_by=bob)
    kept = importing.store_upload(
        raw=listing(TIDES, SORTING), group=group, name="ours.txt", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=kept)
    invitation, _ = joining.create_invitation(
        group=group, role="member", days=7, by=alice, email="guest@example.org"
    )
    frank = make_user("frank")
    asked = JoinRequest.objects.create(group=group, user=frank)
    key = Authenticator.objects.create(user=frank, type="totp", data={"secret": "x"})
    planned = make_paper(group=group, title="Ours, planned")
    meeting = make_meeting(group=group, papers=[planned], created_by=alice, place="Ours, B 12")
    return {
        "group": group.pk,
        "discussion": meeting.pk,
        "agenda": meeting.agenda.get().pk,
        "listing": kept.pk,
        "entry": kept.entries.first().pk,
        "paper": paper.pk,
        "planned": planned.pk,
        "topic": paper.topics.get().pk,
        "feed": feeds.create_feed(user=bob, kind="answered")[0].pk,
        "comment": make_comment(paper=paper, user=bob, body="Ours, too").pk,
        "user": bob.pk,
        "membership": bob.memberships.get().pk,
        "invitation": invitation.pk,
        "request": asked.pk,
        "webauthn": key.pk,
        "authenticator": key.pk,
        "emailaddress": bob.emailaddress_set.get().pk,
        "usersession": UserSession.objects.create(
            user=bob, session_key="0" * 32, ip="127.0.0.1", user_agent="x"
        ).pk,
        "dbtaskresult": "00000000-0000-0000-0000-000000000000",
    }


def _data(name, ids):
    """What is sent: ids of rows stand for their kind in capitals."""
    given = {kind.upper(): pk for kind, pk in ids.items()}
    return {
        key: given.get(value, value) if isinstance(value, str) else value
        for key, value in DATA.get(name, {}).items()
    }


ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def address(name, ids):
    """The address ``name``, of the group or of rows of it."""
    if name == "admin/(?P<url>.*)$":
        return "/admin/nowhere/"
    if "/" in name:  # it has no name
        return "/" + ARGUMENT.sub(lambda found: str(_argument(name, found[1], ids)), name)
    arguments = ARGUMENT.findall(PATTERNS[name])
    return reverse(name, kwargs={key: _argument(name, key, ids) for key in arguments})


def _argument(name, key, ids):
    given = {"slug": "curious-minds", "token": "x" * 43, "uidb36": "1", "key": "x" * 20}
    given |= {"app_label": "papers", "entry_pk": ids["entry"]}
    if key in given:
        return given[key]
    kinds = [kind for kind in ids if kind in re.split(r"[-_:/]", name)]
    return ids["membership" if name.startswith("member-") else kinds[0]]


def patterns(found, namespace="", before=""):
    """(name, route) of every address; one that has no name of its own has its route for it."""
    for pattern in found:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern.url_patterns, pattern.namespace or namespace, route)
        elif pattern.name:
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name, route
        else:
            yield route, route


FOUND = set(patterns(get_resolver().url_patterns))
PATTERNS = dict(FOUND)


def answer(response):
    """The status, or where it sends to sign in."""
    if response.status_code == 302 and response.url.startswith("/accounts/login/?next="):
        return "login"
    if response.status_code == 302 and response.url.startswith("/admin/login/?next="):
        return "door"
    return response.status_code


@contextmanager
def undone():
    """What is done within leaves nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


def rows():
    """Every row there is of what people have."""
    models = set(apps.get_app_config("papers").get_models()) | {EmailAddress, Authenticator}
    return {model: list(model.objects.order_by("pk").values()) for model in models - RESTLESS}


# Statements that change no row of what people have. They begin so, and no trigger follows from
# them: they read, mark a place to go back to, or change one of the tables that change anyway.
HARMLESS = re.compile(
    r"SELECT\b|(RELEASE |ROLLBACK TO )?SAVEPOINT\b|(INSERT INTO|UPDATE|DELETE FROM) "
    rf'"({"|".join([*(model._meta.db_table for model in RESTLESS), "cache"])})" '
)


@contextmanager
def writes():
    """The statements within that may have changed a row, as a list that grows."""
    found = []

    def note(execute, sql, *arguments):
        if not HARMLESS.match(sql):
            found.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        yield found


def visit(house, who, name, method):
    """(response, the statements that may have changed a row)."""
    client = Client()
    client.cookies.load({key: cookie.value for key, cookie in house.cookies[who].items()})
    if who == "deactivated":
        User.objects.filter(pk=house.people[who].pk).update(is_active=False)
    form = urlencode(_data(name, house.ids), doseq=True), "application/x-www-form-urlencoded"
    there = address(name, house.ids)
    with writes() as written:
        response = client.generic(method, there, *(form if method == "POST" else ()))
    return response, written


def are_others_unchanged(house, who):
    """Whether the rows but those about ``who`` are what they were before."""
    person = house.people[who]
    return _of_others(rows(), person) == _of_others(house.before, person)


OURS = sorted(name for name in APP if name not in ("healthz", "readyz"))


@pytest.mark.usefixtures("db")
class TestTheTable:
    @pytest.mark.parametrize(("name", "method"), CASES)
    def test_who_may(self, house, name, method):
        found = {}
        for who in WHO:
            with undone():
                response, written = visit(house, who, name, method)
                found[who] = answer(response)
                if who not in ("member", "organiser", "superuser"):
                    told = [secret for secret in SECRETS if secret in response.content]
                    assert told == [], who
                    assert not written or are_others_unchanged(house, who), who
        assert found == dict(zip(WHO, TABLE[name][method], strict=True))

    @pytest.mark.parametrize("name", OURS)
    def test_no_other_method_does_anything(self, house, name):
        """For those, even, who may most."""
        for method in ("OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"):
            for who in ("stranger", "organiser", "superuser"):
                with undone():
                    response, written = visit(house, who, name, method)
                    assert response.status_code == 405
                    assert not written or are_others_unchanged(house, who)

    @pytest.mark.parametrize(
        "statement",
        [
            """UPDATE papers_group SET name = 'Changed'""",
            """ update "papers_group" SET name = 'Changed'""",
            """WITH new AS (SELECT 'Changed' AS name)
            UPDATE papers_group SET name = (SELECT name FROM new)""",
            """DELETE FROM "papers_joinrequest" """,
        ],
    )
    def test_a_write_is_noticed(self, house, statement):
        """The control: whatever changes a row is looked at, and what it changed is seen."""
        with undone(), writes() as written, connection.cursor() as cursor:
            cursor.execute(statement)
            assert written == [statement]
            assert not are_others_unchanged(house, "stranger")

    def test_a_visit_that_changes_something_is_noticed(self, house):
        """The control for what the app itself does, where much is allowed."""
        changed = 0
        for name in OURS:
            if "POST" in TABLE[name]:
                with undone():
                    _, written = visit(house, "organiser", name, "POST")
                    if not are_others_unchanged(house, "organiser"):
                        assert written, name
                        changed += 1
        assert changed > 20

    def test_no_trigger_follows_from_what_is_harmless(self):
        triggers = {
            "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
            "postgresql": "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
        }
        with connection.cursor() as cursor:
            cursor.execute(triggers[connection.vendor])
            tables = {name.strip('"') for (name,) in cursor.fetchall()}
        assert not tables & {"cache", *(model._meta.db_table for model in RESTLESS)}


def _of_others(rows, person):
    """The rows but those about ``person``, who may change themselves."""
    mine = {"id": getattr(person, "pk", None), "user_id": getattr(person, "pk", None)}
    return {
        model: [row for row in found if not _is_mine(model, row, mine)]
        for model, found in rows.items()
    }


def _is_mine(model, row, mine):
    key = "id" if model.__name__ == "User" else "user_id"
    return mine[key] is not None and row.get(key) == mine[key]


def test_every_address_is_in_the_table():
    assert len(FOUND) == len(PATTERNS), "two addresses of one name"
    assert set(PATTERNS) - set(TABLE) == set()
    assert set(TABLE) - set(PATTERNS) == set()


@pytest.mark.parametrize(
    "name",
    ["paper", "paper-bibtex", "paper-edit", "paper-status", "paper-topics", "paper-withdraw"],
)
def test_the_id_of_another_groups_paper_leads_nowhere(client, group, alice, name):
    """Even to one who organises both: an address names the group its paper is in."""
    other = make_group("Second", organisers=[alice])
    theirs = make_paper(group=make_group("Strangers"), title="Theirs")
    mine = make_paper(group=other, title="Mine")
    client.force_login(alice)
    for paper in (theirs, mine):
        url = reverse(name, args=[group.slug, paper.pk])
        method = client.post if name in DATA else client.get
        response = method(url, DATA.get(name))
        assert response.status_code == 404
        assert paper.title.encode() not in response.content
        paper.refresh_from_db()
        assert paper.status == "open"
        assert not paper.topics.exists()


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_no_paper_is_no_page(client, group, bob, pk):
    client.force_login(bob)
    assert client.get(f"/curious-minds/papers/{pk}/").status_code == 404


def test_one_group_answers_a_stranger_as_if_it_were_not_there(client, group, charlie):
    client.force_login(charlie)
    there, nowhere = client.get("/curious-minds/papers/"), client.get("/no-such-group/papers/")
    assert there.status_code == nowhere.status_code == 404
    token = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub(b"", there.content) == token.sub(b"", nowhere.content)


def test_a_form_from_elsewhere_is_refused(group, alice, client):
    client.handler.enforce_csrf_checks = True
    paper = make_paper(group=group)
    client.force_login(alice)
    response = client.post(f"{paper.get_absolute_url()}status/", {"status": "discussed"})
    assert response.status_code == 403
    assert "This form has expired" in text_of(response)
    assert "<style" not in response.content.decode()
    paper.refresh_from_db()
    assert paper.status == "open"


def test_who_has_left_sees_nothing_any_more(client, group, bob):
    client.force_login(bob)
    assert client.get("/curious-minds/papers/").status_code == 200
    bob.memberships.all().delete()
    assert client.get("/curious-minds/papers/").status_code == 404


def test_access_costs_one_query(group, bob, django_assert_num_queries):
    paper = make_paper(group=group)
    with django_assert_num_queries(1):
        access.group_for(bob, group.slug)
    with django_assert_num_queries(1):
        assert access.paper_for(bob, group.slug, paper.pk).group.viewer.may_organise is False


def test_with_another_site_to_sign_in_there_are_these_addresses_besides():
    """Who may is theirs who made them: they are for whoever is not signed in, or for oneself."""
    code = (
        "import django; django.setup(); from django.urls import get_resolver;"
        "from tests.test_access import patterns;"
        "print(*sorted(name for name, _ in patterns(get_resolver().url_patterns)), sep='\\n')"
    )
    oidc = {f"OIDC_{name}": "https://id.example.org" for name in ("NAME", "SERVER_URL")}
    oidc |= {"OIDC_CLIENT_ID": "x", "OIDC_SECRET": "y"}
    done = start("-c", code, DEBUG="1", DJANGO_SETTINGS_MODULE="readinggroup.settings", **oidc)
    assert done.returncode == 0, done.stderr
    besides = {name for name in done.stdout.split() if not name.startswith("admin")}
    assert besides - set(PATTERNS) == {
        "openid_connect_callback",
        "openid_connect_login",
        "socialaccount_connections",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "socialaccount_signup",
        "accounts/social/connections/",
        "accounts/social/login/cancelled/",
        "accounts/social/login/error/",
        "accounts/social/signup/",
    }
