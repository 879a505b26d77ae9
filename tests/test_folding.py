"""One rule for every search: case and accents do not matter, on either side or database."""

import pytest
from django.db import connection

from papers.library.folding import folded_sql
from papers.listing.folding import folded_text
from papers.models import Topic, User
from tests.browsing import Browser
from tests.factories import make_group, make_listing, make_meeting, make_paper, make_user

# Texts that each find the other.
PAIRS = [
    ("Über Größe", "uber grosse"),
    ("uber grosse", "ÜBER GRÖẞE"),
    ("Ørsted Łódź", "orsted lodz"),
    ("Æther œuvre Þórr", "aether oeuvre thorr"),
    ("İstanbul ılık", "istanbul ilik"),
    ("Άλφα Σοφός", "αλφα σοφοσ"),
    ("Ёлка Йод", "елка иод"),
    ("Vie\u0302\u0301t \ufb01ne x²", "việt fine x2"),
    ("Ｗｉｄｅ", "wide"),
]


@pytest.fixture
def root(group):
    return make_user("root", is_superuser=True)


@pytest.fixture
def named(group):
    """Creates a row of every kind that can be searched, with ``text`` for its name."""

    def create(text):
        paper = make_paper(group=group, title=text, abstract="")
        make_meeting(group=group, papers=[paper], state="held")
        make_listing(group=group, name=text)
        Topic.get_or_create(group, text)
        user = make_user("searched")
        User.objects.filter(pk=user.pk).update(name=text)
        make_group(text, slug="searched", members=[user])

    return create


SEARCHES = {
    "/curious-minds/papers/": ("q", "1 paper"),
    "/curious-minds/discussions/": ("q", "1 discussion"),
    "/admin/papers/paper/": ("q", "1 paper"),
    "/admin/papers/topic/": ("q", "1 topic"),
    "/admin/papers/listing/": ("q", "1 listing"),
    "/admin/papers/group/": ("q", "1 group"),
    "/admin/papers/user/": ("q", "1 user"),
    "/admin/papers/membership/": ("q", "1 membership"),
}


@pytest.mark.parametrize("address", SEARCHES)
@pytest.mark.parametrize(("text", "query"), [*PAIRS[:3], PAIRS[5]])
def test_every_search_finds_it(root, named, address, text, query):
    named(text)
    named_field, result = SEARCHES[address]
    page = Browser(root).open(address)
    form = page.form("Search")
    form.fill(named_field, query)
    assert result in form.submit().root.text


@pytest.mark.parametrize(("text", "query"), PAIRS)
def test_papers_and_discussions_are_found(root, named, text, query):
    named(text)
    for address in list(SEARCHES)[:2]:
        for words in (query, text):
            page = Browser(root).open(f"{address}?q={words}")
            assert SEARCHES[address][1] in page.root.text, words


@pytest.mark.parametrize("field", ["takeaways", "open_questions", "notes", "place"])
def test_the_archive_is_searched_in_all_its_texts(root, group, field):
    meeting = make_meeting(group=group, papers=[make_paper(group=group)], state="held")
    rows = meeting.agenda if field in ("takeaways", "open_questions") else group.discussions
    rows.update(**{field: "In Zürich, ŁÓDŹ"})
    for query, number in (("zurich lodz", 1), ("ZÜRICH", 1), ("zurick", 0), ("%", 0)):
        page = Browser(root).open(f"/curious-minds/discussions/?q={query.replace('%', '%25')}")
        assert f"{number} discussion" in page.root.text


@pytest.mark.parametrize(("text", "query"), PAIRS)
def test_the_database_folds_as_the_rule_does(db, text, query):
    assert folded_text(text) == folded_text(query)
    with connection.cursor() as cursor:
        for each in (text, query, "हिन्दी 深度 がな 한국 \U0001d54f", ""):
            sql = folded_sql(
                "%s" if connection.vendor == "sqlite" else "%s::text", connection.vendor
            )
            cursor.execute(f"SELECT {sql}", [each])
            assert cursor.fetchone()[0] == folded_text(each)


def test_what_differs_in_more_than_accents_is_not_found(root, named):
    named("Über Größe")
    for query in ("uber grosses", "unter", "gross uberr"):
        assert "0 papers" in Browser(root).open(f"/curious-minds/papers/?q={query}").root.text


def test_a_proposal_in_other_accents_is_known(group, bob):
    make_paper(group=group, title="Zur Größe der Übergänge")
    form = Browser(bob).open("/curious-minds/papers/propose/").form("Propose the paper")
    form.fill("title", "Zur Grosse der Ubergange")
    assert "Zur Größe der Übergänge" in form.submit().root.text
    assert group.papers.count() == 1
