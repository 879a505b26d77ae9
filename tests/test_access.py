"""Who may see and touch what: the table is the law, and no address is without an entry."""

import re

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.utils.http import urlencode

from papers import access
from papers.models import Paper
from tests.access_table import DATA, ELSEWHERE, TABLE, WHO
from tests.factories import make_group, make_paper, make_user
from tests.pages import text_of

CASES = [
    (name, method, who, expected)
    for name, methods in TABLE.items()
    for method, answers in methods.items()
    for who, expected in zip(WHO, answers, strict=True)
]


@pytest.fixture
def people(group, alice, bob, charlie):
    root = make_user("root", is_superuser=True, is_staff=True)
    people = [None, charlie, bob, alice, root]
    return dict(zip(WHO, people, strict=True))


def address(name, group, paper):
    arguments = {"papers": [group.slug], "group": [group.slug]}
    of_a_paper = [group.slug, paper.pk] if name.startswith("paper") else []
    return reverse(name, args=arguments.get(name, of_a_paper))


def answer(response):
    if response.status_code == 302 and response.url.startswith("/accounts/login/?next="):
        return "login"
    return response.status_code


@pytest.mark.parametrize(("name", "method", "who", "expected"), CASES)
def test_who_may(client, group, people, name, method, who, expected):
    paper = make_paper(group=group, title="Ours")
    if people[who]:
        client.force_login(people[who])
    response = client.generic(
        method, address(name, group, paper), *([] if method == "GET" else form(DATA.get(name, {})))
    )
    assert answer(response) == expected
    if who in ("anonymous", "stranger"):
        assert b"Ours" not in response.content
        assert Paper.objects.get().status == "open"


def form(data):
    return urlencode(data), "application/x-www-form-urlencoded"


def routes(patterns, namespace=""):
    """(namespace, name, route) of every address."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield namespace, pattern.name, str(pattern.pattern)
        else:
            yield from routes(pattern.url_patterns, pattern.namespace or namespace)


def test_every_address_is_in_the_table():
    found = list(routes(get_resolver().url_patterns))
    ours = [(name, route) for namespace, name, route in found if namespace not in ELSEWHERE]
    assert [route for name, route in ours if name not in TABLE] == []
    assert set(TABLE) == {name for name, _ in ours}


@pytest.mark.parametrize("name", ["paper", "paper-bibtex", "paper-status", "paper-topics"])
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
    assert "That form was too old" in text_of(response)
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
        assert access.paper_for(bob, group.slug, paper.pk).group.may_organise is False
